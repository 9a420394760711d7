"""Which actions are running right now, told by locks that die with their process.

An open action may be at work or may have been cut off. A process id could be reused and means
nothing in another namespace; a lock that the kernel releases is right in both cases.
"""

import contextlib
import fcntl
import os
import time
from collections.abc import Generator
from pathlib import Path

from quintet.errors import Kind, QuintetError
from quintet.platform.config.exclusive import is_held
from quintet.platform.files import PRIVATE_FILE, ensure_private_dir, explained

_TRIES = 5
_BLINK_S = 0.004


class StillRunning(QuintetError):
    """Another process is working on this action."""

    kind = Kind.BUSY
    code = "record.still_running"


class Running:
    """Claims on actions: one process at a time holds one."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    @contextlib.contextmanager
    def claim(self, id: str) -> Generator[None]:
        """Hold the action while it is worked on; `StillRunning` when somebody else does."""
        ensure_private_dir(self._directory)
        path = self._directory / id
        with explained("lock", path):
            fd = _locked_soon(path)
        if fd is None:
            raise StillRunning(
                f"action {id[:6]} is being worked on by another process",
                hint="wait for it to end, then run this again",
            )
        try:
            yield
        finally:
            # Unlinked while it is still locked: nobody can hold a lock on a file without a name.
            path.unlink(missing_ok=True)
            os.close(fd)

    def tidy(self) -> None:
        """Remove the claims of processes that died."""
        for path in self._directory.glob("*"):
            with contextlib.suppress(StillRunning, QuintetError), self.claim(path.name):
                pass

    def is_running(self, id: str) -> bool:
        return is_held(self._directory / id)


def _locked_soon(path: Path) -> int | None:
    """Whoever only looks whether the action is running holds the lock for a blink."""
    for _ in range(_TRIES):
        if (fd := _locked(path)) is not None:
            return fd
        time.sleep(_BLINK_S)
    return None


def _locked(path: Path) -> int | None:
    """A descriptor that holds the lock on the file that has this name now, or None."""
    while True:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, PRIVATE_FILE)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(fd)
            return None
        with contextlib.suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(fd), path.stat()):
                return fd
        os.close(fd)
