"""Keeps the spans of one process and writes them down, never at the cost of what is traced."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from quintet.platform.trace.conventions import GROUP, OPEN, WAITING, Shape
from quintet.platform.trace.line import encode
from quintet.platform.trace.parent import Parent
from quintet.platform.trace.span import Place, Span

if TYPE_CHECKING:
    from quintet.platform.clock import Clock
    from quintet.platform.rng import Rng

# As many ended spans wait at most, and for as long, before they are written down.
_WAITING_SPANS = 128
_WAITING_NS = 1_000_000_000
_US = 1_000


class Tracer:
    """The spans of one process. `write` takes lines and must not raise; several threads may trace.

    `keeps_content` is asked with the group that a span belongs to, when it is written down.
    """

    def __init__(
        self,
        write: Callable[[list[bytes]], None],
        *,
        clock: Clock,
        rng: Rng,
        parent: Parent | None,
        keeps_content: Callable[[str], bool],
    ) -> None:
        self._write = write
        self._clock = clock
        self._rng = rng
        self._parent = parent
        self._keeps_content = keeps_content
        self._lock = threading.Lock()
        self._open: dict[str, Span] = {}
        self._ended: list[Span] = []
        now = clock.now().timestamp()
        self._zero_ns = int(now * 1e6) * _US - int(clock.monotonic_s() * 1e9)
        self._told_ns = self.now_ns()

    def now_ns(self) -> int:
        """Wall time that never goes backwards within a process."""
        return self._zero_ns + int(self._clock.monotonic_s() * 1e9)

    def root(self, shape: Shape) -> Span:
        """The first span of this process, below that of the process that started it."""
        parent = self._parent
        trace_id = parent.trace_id if parent else self._rng.token(16).hex()
        return self._begun(shape, trace_id, parent.span_id if parent else "", "")

    def begun(self, shape: Shape, above: Span) -> Span:
        place = above.place
        return self._begun(shape, place.trace_id, place.span_id, place.group)

    def _begun(self, shape: Shape, trace_id: str, parent_id: str, group: str) -> Span:
        own = str(shape.attributes.get(GROUP, group))
        place = Place(trace_id, self._rng.token(8).hex(), parent_id, own)
        span = Span(self, shape, place, self.now_ns())
        with self._lock:
            self._open[place.span_id] = span
        if shape.kind in WAITING:
            self.tell()
        return span

    def ended(self, span: Span) -> None:
        span.ended_ns = max(self.now_ns(), span.began_ns + 1)
        with self._lock:
            self._open.pop(span.place.span_id, None)
            self._ended.append(span)
            is_due = len(self._ended) >= _WAITING_SPANS
        if is_due or span.ended_ns - self._told_ns > _WAITING_NS:
            self.tell()

    def finish(self) -> None:
        """The process ends, and with it everything in it that has not ended."""
        for span in list(self._open.values()):
            self.ended(span)
        self.tell()

    def tell(self) -> None:
        """Write down what ended, and what is open and not yet known to anybody."""
        with self._lock:
            spans, self._ended = self._ended, []
            spans += [span for span in self._open.values() if not span.is_told]
            for span in spans:
                span.is_told = True
        self._told_ns = self.now_ns()
        lines = [line for span in spans if (line := self._line(span))]
        if lines:
            self._write(lines)

    def _line(self, span: Span) -> bytes:
        # Whatever is wrong with what was said of a span, the work that it tells of goes on.
        if span.content or not OPEN.issuperset(span.attributes):
            with suppress(Exception):
                keeps = self._keeps_content(span.place.group)
                return encode(span, keeps_content=keeps, mask=_masked)
        with suppress(Exception):
            return encode(span, keeps_content=False, mask=_masked)
        return b""


def _masked(text: str) -> str:
    from quintet.platform.masking import masked

    return masked(text)
