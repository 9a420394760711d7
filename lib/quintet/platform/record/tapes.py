"""What models answered in a run, where that is kept: one file a run, gone with its actions.

Only for groups that do not seal their data: a tape is plain text.
"""

import contextlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from quintet.platform.files import ensure_private_dir


class Tapes:
    """The tapes of all runs."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def new(self, run: str) -> Path:
        """Where the tape of a run is to be written."""
        ensure_private_dir(self._folder)
        return self.path(run)

    def path(self, run: str) -> Path:
        return self._folder / f"{run}.jsonl"

    def discard(self, runs: Iterable[str]) -> None:
        for run in runs:
            self.path(run).unlink(missing_ok=True)

    def sweep(self, now: datetime, keep_days: int) -> None:
        """Remove what is older than what can be undone."""
        oldest_s = (now - timedelta(days=keep_days)).timestamp()
        if not self._folder.is_dir():
            return
        for tape in self._folder.glob("*.jsonl"):
            with contextlib.suppress(FileNotFoundError):
                if tape.stat().st_mtime < oldest_s:
                    tape.unlink()
