"""Which process holds a reservation, and whether it still lives."""

import os
from functools import cache
from pathlib import Path
from typing import NamedTuple


class Owner(NamedTuple):
    """A process. The time of its start tells it from a later one with the same number."""

    pid: int
    start: str


def this_process() -> Owner:
    return _owner(os.getpid())


@cache
def _owner(pid: int) -> Owner:
    return Owner(pid, _start(pid))


def is_alive(owner: Owner) -> bool:
    """Sure only within one machine. To take a living process for dead costs money, not a limit."""
    try:
        os.kill(owner.pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        pass
    return not owner.start or _start(owner.pid) == owner.start


def _start(pid: int) -> str:
    """Ticks from boot to the start, where the system tells; nothing for one that has ended."""
    try:
        status = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return ""
    # The name of the program stands in brackets and may hold spaces and brackets itself.
    state, *fields = status.rpartition(b")")[2].split()
    return "" if state in (b"Z", b"X") else fields[18].decode()
