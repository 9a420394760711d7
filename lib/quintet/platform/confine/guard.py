"""Turns a stray connection of our own process into a message that names it.

This is a help for those who write and review this program, not the boundary: native code and child
processes pass it unseen. The boundary is the kernel's; see `prove.py`.
"""

import sys
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_SENDING = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_LOOKING_UP = frozenset(
    {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo"}
)


class Guard:
    """Once installed it stays for the life of the process, as Python's audit hooks do.

    Whoever has asked the egress rules enters `passage` around looking a name up and connecting.
    """

    def __init__(self) -> None:
        self._is_passing: ContextVar[bool] = ContextVar("passing", default=False)

    def install(self) -> None:
        """Refuse every connection of this process that is made outside of a passage."""
        sys.addaudithook(self._audit)

    @contextmanager
    def passage(self, host: str, port: int) -> Generator[None]:
        """A block in which this thread may look up and connect to what it was allowed."""
        token = self._is_passing.set(True)
        try:
            yield
        finally:
            self._is_passing.reset(token)

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event in _SENDING:
            address = arguments[1]
            if _is_far(address) and not self._is_passing.get():
                raise _unasked(f"{address[0]}:{address[1]}")
        elif event in _LOOKING_UP:
            host = arguments[0]
            if not _leads_nowhere(host) and not self._is_passing.get():
                raise _unasked(str(host))


def _is_far(address: Any) -> bool:
    """Whether this names a host. Local sockets have a path, and messages on connected ones None."""
    match address:
        case (str() | bytes(), _, *_):
            return True
        case _:
            return False


def _leads_nowhere(host: Any) -> bool:
    """Whether looking this up asks nobody: no name at all, or an address already."""
    from quintet.platform.policy.destination import address_of

    text = host.decode("ascii", "replace") if isinstance(host, bytes) else host
    return not text or (isinstance(text, str) and address_of(text) is not None)


def _unasked(destination: str) -> Exception:
    from quintet.platform.policy.egress import EgressRefused

    return EgressRefused(
        f"a part of ai tried to reach {destination} without asking the egress rules",
        why="every connection goes through the client that asks them; this is a fault in ai",
        hint="ai doctor --bundle report.zip",
        details={"destination": destination},
    )
