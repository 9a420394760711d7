"""Kills its own process at a chosen step of its way to the disk, a write half done included."""

import os
import signal
import sys
from collections.abc import Callable
from typing import Any, NoReturn

_EVENTS = frozenset(
    {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "os.symlink"}
    | {"os.link", "os.utime", "os.chown", "fcntl.flock", "fcntl.ioctl"}
)


def arm(countdown: int) -> None:
    """From now on count system calls that matter; die by SIGKILL at the last of them."""
    left = countdown

    def tick() -> bool:
        nonlocal left
        left -= 1
        return left <= 0

    def hook(event: str, _arguments: tuple[Any, ...]) -> None:
        if event in _EVENTS and tick():
            _die()

    sys.addaudithook(hook)
    os.fsync = _dying(os.fsync, tick)
    os.fdatasync = _dying(os.fdatasync, tick)
    write = os.write

    def half_written(fd: int, data: Any) -> int:
        if tick():
            write(fd, memoryview(data)[: len(data) // 2])
            _die()
        return write(fd, data)

    os.write = half_written


def _dying(call: Callable[[int], None], tick: Callable[[], bool]) -> Callable[[int], None]:
    def dying(fd: int) -> None:
        if tick():
            _die()
        call(fd)

    return dying


def _die() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("SIGKILL came back")


def in_child(work: Callable[[], None], *, kill_at: int | None = None) -> bool:
    """Run this in a child, perhaps to its death; True when it lived to the end."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            if kill_at is not None:
                arm(kill_at)
            work()
            status = 0
        except BaseException as error:
            sys.stderr.write(f"{type(error).__name__}: {error}\n")
        finally:
            os._exit(status)
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status):
        return False
    if status != 0:
        raise AssertionError("the child failed")
    return True
