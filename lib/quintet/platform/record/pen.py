"""The hand that writes: one line after the other, made durable together."""

from collections.abc import Callable
from typing import Any

from quintet.platform.clock import Clock
from quintet.platform.record.event import stamp_of
from quintet.platform.record.lines import Line, LineCodec, LineKind


class Pen:
    """Writes the lines of one action, in as few appends as safety allows.

    Lines wait until something is about to happen that they must precede, or until the action ends.
    """

    def __init__(
        self, append_all: Callable[[list[bytes]], object], codec: LineCodec, clock: Clock
    ) -> None:
        self._append_all = append_all
        self._codec = codec
        self._clock = clock
        self._waiting: list[bytes] = []

    def note(
        self,
        kind: LineKind,
        id: str,
        group: str,
        *,
        body: dict[str, Any] | None = None,
        links: dict[str, str] | None = None,
    ) -> None:
        at = stamp_of(self._clock.now())
        line = Line(kind=kind, id=id, group=group, at=at, links=links or {}, body=body or {})
        self._waiting.append(self._codec.encode(line))

    def flush(self) -> None:
        """Everything noted so far is durable on return, or `QuintetError` and nothing happens."""
        if self._waiting:
            self._append_all(self._waiting)
            self._waiting = []
