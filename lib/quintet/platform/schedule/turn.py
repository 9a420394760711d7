"""One run of a job at a time, kept by a lock that dies with whoever holds it.

The command that a run starts inherits the lock. So even when the runner itself is killed, nobody
starts the job again before its command has ended; and a lock of the dead needs no cleaning up.
"""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from quintet.errors import Kind, QuintetError
from quintet.platform.config.exclusive import is_held
from quintet.platform.files import PRIVATE_FILE, ensure_private_dir, explained

_HOLDER_BYTES = 200


class JobBusy(QuintetError):
    """The job is running already."""

    kind = Kind.BUSY
    code = "schedule.busy"


@contextmanager
def turn(directory: Path, name: str, note: str) -> Generator[int]:
    """Hold the job; gives the descriptor that its command inherits. Raises `JobBusy` at once."""
    ensure_private_dir(directory)
    path = directory / f"{name}.lock"
    with explained("lock", path):
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, PRIVATE_FILE)
        try:
            _take(fd, name)
            os.ftruncate(fd, 0)
            os.pwrite(fd, f"{os.getpid()} {note}".encode()[:_HOLDER_BYTES], 0)
        except BaseException:
            os.close(fd)
            raise
    try:
        yield fd
    finally:
        # Closed and not unlocked: a command that still runs keeps its share of the lock.
        os.close(fd)


def is_taken(directory: Path, name: str) -> bool:
    """Whether the job is running now."""
    return is_held(directory / f"{name}.lock")


def _take(fd: int, name: str) -> None:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder, _, since = os.pread(fd, _HOLDER_BYTES, 0).decode("ascii", "replace").partition(" ")
        who = f"by process {holder}, {since}" if holder.isdigit() else "by another process"
        raise JobBusy(
            f"the job {name} is running already",
            why=f"{who}; a job never overlaps itself",
            hint=f"ai schedule status {name}",
        ) from error
