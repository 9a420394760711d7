"""Room for what lives no longer than a process: readers' copies, drafts, what DuckDB spills."""

import contextlib
import os
import secrets
import shutil
from collections.abc import Generator
from pathlib import Path

from quintet.platform.files import ensure_private_dir


class Scratch:
    """One folder below which each process has folders of its own, named by its process id."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def folder(self) -> Path:
        """A name that nobody else uses; whoever uses it makes the folder."""
        return self._root / f"{os.getpid()}-{secrets.token_hex(4)}"

    @contextlib.contextmanager
    def used(self) -> Generator[Path]:
        """A folder that is there for the block."""
        folder = ensure_private_dir(self.folder())
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def clear_dead(self) -> None:
        """Remove what processes left that were killed."""
        with contextlib.suppress(OSError):
            for folder in self._root.iterdir():
                pid = folder.name.split("-")[0]
                if not (pid.isdecimal() and process_lives(int(pid))):
                    shutil.rmtree(folder, ignore_errors=True)


def process_lives(pid: int) -> bool:
    """Whether a process with this number runs; a number may have been given anew meanwhile."""
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except OSError:
        return False
    return True
