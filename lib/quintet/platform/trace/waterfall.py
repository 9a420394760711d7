"""The spans of a run as rows, each below its parent and with its place on the run's time line.

Whatever was written down is shown: a span whose parent is missing stands at the top, and parents
that go in circles end somewhere.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from quintet.platform.trace import conventions as words
from quintet.platform.trace.told import Told

_NS_PER_MS = 1e6


@dataclass(frozen=True, slots=True)
class Row:
    """`start` and `share` are parts of the whole run's time, between 0 and 1."""

    span: Told
    depth: int
    start: float
    share: float
    start_ms: float
    duration_ms: float
    note: str

    @property
    def is_unfinished(self) -> bool:
        return not self.span.ended_ns

    @property
    def error(self) -> str:
        return str(self.span.attributes.get(words.ERROR, ""))


def rows_of(spans: Sequence[Told]) -> list[Row]:
    """The rows from top to bottom."""
    if not spans:
        return []
    first = min(span.began_ns for span in spans)
    last = max(max(span.began_ns, span.ended_ns) for span in spans)
    whole = max(last - first, 1)
    return [_row(span, depth, first, last, whole) for span, depth in _arranged(spans)]


def _row(span: Told, depth: int, first: int, last: int, whole: int) -> Row:
    ended = max(span.ended_ns or last, span.began_ns)
    start, duration = span.began_ns - first, ended - span.began_ns
    return Row(
        span=span,
        depth=depth,
        start=start / whole,
        share=duration / whole,
        start_ms=start / _NS_PER_MS,
        duration_ms=duration / _NS_PER_MS,
        note=_note(span),
    )


def _arranged(spans: Sequence[Told]) -> Iterator[tuple[Told, int]]:
    """Each span once, after its parent, siblings in the order in which they began."""
    ordered = sorted(spans, key=lambda span: (span.began_ns, span.span_id))
    known = {span.span_id: span for span in ordered}
    below: dict[str, list[Told]] = defaultdict(list)
    for span in known.values():
        below[span.parent_id].append(span)
    seen: set[str] = set()
    tops = [span for span in known.values() if span.parent_id not in known]
    for top in (*tops, *known.values()):
        waiting = [(top, 0)]
        while waiting:
            span, depth = waiting.pop()
            if span.span_id not in seen:
                seen.add(span.span_id)
                yield span, depth
                waiting += [(child, depth + 1) for child in reversed(below[span.span_id])]


def _note(span: Told) -> str:
    """What is most worth knowing of a span, in a few words."""
    told = span.attributes
    notes: list[str] = []
    if words.INPUT_TOKENS in told:
        used = told[words.INPUT_TOKENS], told.get(words.OUTPUT_TOKENS, 0)
        notes.append("{} → {} tokens".format(*used))
    if cost := told.get(words.COST_USD):
        notes.append(f"${cost:.4f}")
    if words.HTTP_STATUS in told:
        notes.append(str(told[words.HTTP_STATUS]))
    if told.get(words.EXIT_CODE):
        notes.append(f"status {told[words.EXIT_CODE]}")
    error = str(told.get(words.ERROR, ""))
    if error and not error.startswith("exit.") and error not in notes:
        notes.append(error)
    if not span.ended_ns:
        notes.append("unfinished")
    return ", ".join(notes)


def place_of(span: Told) -> str:
    """The name of a span, with the server that a request went to."""
    if span.kind is words.Kind.HTTP and words.ADDRESS in span.attributes:
        host, port = span.attributes[words.ADDRESS], span.attributes.get(words.PORT, "")
        return f"{span.name} {host}:{port}"
    return span.name


def length(duration_ms: float) -> str:
    """A duration in three digits or so."""
    if not duration_ms:
        return "0"
    if duration_ms < 1:
        return f"{duration_ms * 1000:.0f} µs"
    if duration_ms < 999.5:
        return f"{duration_ms:.3g} ms"
    if duration_ms < 100_000:
        return f"{duration_ms / 1000:.3g} s"
    minutes, seconds = divmod(round(duration_ms / 1000), 60)
    return f"{minutes} min {seconds} s" if minutes < 120 else f"{minutes / 60:.0f} h"
