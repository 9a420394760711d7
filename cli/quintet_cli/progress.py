"""Progress drawn on the terminal's own line, after half a second, and cleared at the end."""

import time

from quintet.platform.progress import Progress, SilentProgress
from quintet_cli.console import Console

_PATIENCE_S = 0.5
_INTERVAL_S = 0.1


class TerminalProgress:
    """One line on stderr that says what is going on."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._began_s = self._drawn_s = time.monotonic()

    def report(self, doing: str, done: float | None = None, total: float | None = None) -> None:
        now_s = time.monotonic()
        if now_s - self._began_s < _PATIENCE_S or now_s - self._drawn_s < _INTERVAL_S:
            return
        self._drawn_s = now_s
        share = f" {done / total:4.0%}" if done is not None and total else ""
        self._console.passing(f"{doing}{share}")


def progress_for(console: Console) -> Progress:
    """Drawn where somebody watches a terminal, dropped everywhere else."""
    is_watched = console.err.isatty() and console.env.get("TERM") != "dumb"
    is_wanted = not console.quiet and not console.json
    return TerminalProgress(console) if is_watched and is_wanted else SilentProgress()
