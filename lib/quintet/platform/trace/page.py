"""A run as one HTML page that needs nothing else: no network, no fonts, no script."""

from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape
from importlib import resources
from string import Template

from quintet.platform.policy.plain import plain_text
from quintet.platform.trace.conventions import Value
from quintet.platform.trace.parent import run_id
from quintet.platform.trace.told import Told
from quintet.platform.trace.waterfall import Row, length, place_of, rows_of

_TICKS = 4
_LEAST_PERCENT = 0.3
_DEEPEST = 12


def page(spans: Sequence[Told]) -> str:
    """The page for the spans of one run; at least one."""
    rows = rows_of(spans)
    first = rows[0].span
    whole_ms = max(row.start_ms + row.duration_ms for row in rows)
    template = Template(
        resources.files("quintet.platform.trace").joinpath("page.html").read_text("utf-8")
    )
    return template.substitute(
        name=_safe(first.name),
        run=_safe(run_id(first.trace_id)),
        trace=_safe(first.trace_id),
        began=f"{datetime.fromtimestamp(first.began_ns / 1e9, UTC):%Y-%m-%d %H:%M:%S} UTC",
        took=_safe(length(whole_ms)),
        ending=_ending(rows[0]),
        facts=_facts(rows),
        ticks="".join(_tick(number, whole_ms) for number in range(_TICKS + 1)),
        rows="\n".join(map(_row, rows)),
    )


def _ending(top: Row) -> str:
    if top.is_unfinished:
        return '<span class="mark open">unfinished</span>'
    if top.error:
        return f'<span class="mark bad">{_safe(top.error)}</span>'
    return '<span class="mark good">ok</span>'


def _facts(rows: Sequence[Row]) -> str:
    kinds: dict[str, int] = {}
    for row in rows:
        kinds[row.span.kind.value] = kinds.get(row.span.kind.value, 0) + 1
    return "".join(
        f'<span class="key"><i style="background:var(--{kind})"></i>{count} {kind}</span>'
        for kind, count in kinds.items()
    )


def _tick(number: int, whole_ms: float) -> str:
    at = number / _TICKS
    return f'<i style="left:{at * 100:.4g}%"><b>{_safe(length(whole_ms * at))}</b></i>'


def _row(row: Row) -> str:
    left = min(row.start * 100, 100 - _LEAST_PERCENT)
    width = max(min(row.share * 100, 100 - left), _LEAST_PERCENT)
    state = " open" if row.is_unfinished else " bad" if row.error else ""
    told = [("kind", row.span.kind.value), ("starts", f"+{length(row.start_ms)}")]
    told += [(name, _text(value)) for name, value in sorted(row.span.attributes.items())]
    facts = "".join(f"<dt>{_safe(name)}</dt><dd>{_safe(text)}</dd>" for name, text in told)
    note = f'<span class="note">{_safe(row.note)}</span>' if row.note else ""
    return (
        f'<details class="{row.span.kind.value}{state}"><summary>'
        f'<span class="name" style="padding-left:{min(row.depth, _DEEPEST) * 1.1:.4g}rem">'
        f"{_safe(place_of(row.span))}{note}</span>"
        f'<span class="took">{_safe(length(row.duration_ms))}</span>'
        f'<span class="lane"><span class="bar" style="left:{left:.4g}%;width:{width:.4g}%">'
        f"</span></span></summary><dl>{facts}</dl></details>"
    )


def _text(value: Value) -> str:
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def _safe(text: str) -> str:
    """Foreign text: neither markup, nor a character that turns what stands beside it around."""
    return escape(plain_text(text, multiline=True), quote=True)
