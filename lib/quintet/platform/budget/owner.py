"""Which process holds a reservation, and whether it still lives."""

import os
from functools import cache
from pathlib import Path
from typing import NamedTuple, Protocol


class Owner(NamedTuple):
    """A process. The time of its start tells it from a later one with the same number."""

    pid: int
    start: str


class Processes(Protocol):
    """Who is asking, and who of the others is still there."""

    def current(self) -> Owner: ...

    def is_alive(self, owner: Owner) -> bool: ...


class SystemProcesses:
    """The processes of this machine.

    Those of another container may look dead; to take a living one for dead costs money that it did
    not use, never a limit.
    """

    def current(self) -> Owner:
        return _owner(os.getpid())

    def is_alive(self, owner: Owner) -> bool:
        try:
            os.kill(owner.pid, 0)
        except (ProcessLookupError, OverflowError):
            return False
        except PermissionError:
            pass
        return not owner.start or _start(owner.pid) == owner.start


@cache
def _owner(pid: int) -> Owner:
    return Owner(pid, _start(pid))


def _start(pid: int) -> str:
    """Ticks from boot to the start, where the system tells; nothing for one that has ended."""
    try:
        status = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return ""
    # The name of the program stands in brackets and may hold spaces and brackets itself.
    state, *fields = status.rpartition(b")")[2].split()
    return "" if state in (b"Z", b"X") else fields[18].decode()
