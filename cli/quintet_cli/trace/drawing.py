"""A waterfall drawn with characters: each span a line, its time a bar."""

from collections.abc import Sequence
from datetime import UTC, datetime

from quintet.platform.policy.plain import plain_text
from quintet.platform.trace.conventions import Kind
from quintet.platform.trace.parent import run_id
from quintet.platform.trace.waterfall import Row, length, place_of
from quintet_cli.session import Session

_COLOURS = {Kind.MODEL: "cyan", Kind.TOOL: "green", Kind.SUBPROCESS: "yellow", Kind.STORE: "dim"}
_LEAST_BAR, _TOOK = 12, 8
_DEEPEST = 10


def drawn(session: Session, rows: Sequence[Row]) -> str:
    """The waterfall on a terminal; tab-separated values anywhere else."""
    if not session.console.is_terminal:
        cells = [_cells(row) for row in rows]
        return session.table((), cells)
    names = [_name(row) for row in rows]
    notes = [plain_text(row.note) for row in rows]
    width = session.console.width
    noted = min(max(map(len, notes)), max(0, width - _TOOK - _LEAST_BAR - 24))
    named = min(max(map(len, names)), width - _TOOK - _LEAST_BAR - noted - 6)
    bar = max(width - named - _TOOK - noted - 6, _LEAST_BAR)
    glyph = _glyphs(session)
    lines = [_title(session, rows)]
    for row, name, note in zip(rows, names, notes, strict=True):
        shown = _cut(name, named).ljust(named)
        took = length(row.duration_ms).rjust(_TOOK)
        style = "red" if row.error or row.is_unfinished else _COLOURS.get(row.span.kind, "bold")
        at, size = _place(row, bar)
        line = " " * at + session.console.style(glyph * size, style) + " " * (bar - at - size)
        parts = [shown, took, line, _cut(note, noted)]
        lines.append("  ".join(parts).rstrip())
    return "\n".join(lines)


def _title(session: Session, rows: Sequence[Row]) -> str:
    first = rows[0].span
    began = datetime.fromtimestamp(first.began_ns / 1e9, UTC)
    name = session.console.style(first.name, "bold")
    return f"{name}   run {run_id(first.trace_id)[:6]}   {began:%Y-%m-%d %H:%M:%S} UTC"


def _name(row: Row) -> str:
    return "  " * min(row.depth, _DEEPEST) + plain_text(place_of(row.span))


def _place(row: Row, width: int) -> tuple[int, int]:
    """Where a bar begins and how long it is; one that lasted no time is still seen."""
    at = min(round(row.start * width), width - 1)
    return at, max(1, min(round(row.share * width), width - at))


def _glyphs(session: Session) -> str:
    """A block, or what a terminal that knows only ASCII can show."""
    try:
        "█".encode(session.console.out.encoding or "utf-8")
    except (LookupError, UnicodeError):
        return "="
    return "█"


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: max(width - 1, 0)]}…"[:width]


def _cells(row: Row) -> tuple[object, ...]:
    took = "" if row.is_unfinished else f"{row.duration_ms:.3f}"
    name = place_of(row.span)
    return (row.depth, row.span.kind, name, f"{row.start_ms:.3f}", took, row.error)
