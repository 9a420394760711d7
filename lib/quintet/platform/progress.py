"""How long work reports on itself: the library calls this port, the terminal draws it."""

from typing import Protocol


class Progress(Protocol):
    """Receives what is going on. Implementations may drop reports; callers never wait for them."""

    def report(self, doing: str, done: float | None = None, total: float | None = None) -> None: ...


class SilentProgress:
    """Nobody is watching."""

    def report(self, doing: str, done: float | None = None, total: float | None = None) -> None:
        return
