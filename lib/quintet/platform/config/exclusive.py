"""One editor of a settings file at a time, so that two changes at once are both kept."""

import fcntl
import os
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from quintet.errors import Kind, QuintetError
from quintet.platform.files import PRIVATE_FILE, explained

_PATIENCE_S = 10.0
_PAUSE_S = 0.01


class ConfigBusy(QuintetError):
    """Another process is changing the same file and does not finish."""

    kind = Kind.BUSY
    code = "config.busy"


@contextmanager
def exclusive(path: Path, patience_s: float = _PATIENCE_S) -> Generator[None]:
    """Hold the lock that stands beside `path`; the file itself is replaced by every change."""
    beside = path.with_name(f".{path.name}.lock")
    with explained("lock", path):
        fd = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, PRIVATE_FILE)
    try:
        deadline = time.monotonic() + patience_s
        while not _locked(fd):
            if time.monotonic() > deadline:
                raise ConfigBusy(
                    f"{path} is being changed by another process", hint=f"fuser {beside}"
                )
            time.sleep(_PAUSE_S)
        yield
    finally:
        os.close(fd)


def is_held(path: Path) -> bool:
    """Whether somebody holds a lock on this file; looking stands in nobody's way for long."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(fd)
    return False


def _locked(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
