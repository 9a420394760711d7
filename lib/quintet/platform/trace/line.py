"""Spans as lines of JSON on their way to the database; `told.py` reads them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from quintet.platform.trace.conventions import CONVENTIONS, LABELS, OPEN, VERSIONS, Value

if TYPE_CHECKING:
    from quintet.platform.trace.span import Span

NAME_CHARS = 120
_TEXT_CHARS = 256
_CONTENT_CHARS = 64 << 10
_ITEMS = 64
# The shortest text that could hold a secret; shorter ones need not be looked at.
_SECRET_CHARS = 12
Mask = Callable[[str], str]


def encode(span: Span, *, keeps_content: bool, mask: Mask) -> bytes:
    """One line; what no convention names, and what was offered as content, only if wanted."""
    told = {n: _kept(v, mask) for n, v in span.attributes.items() if n in OPEN}
    if keeps_content:
        more = {n: v for n, v in span.attributes.items() if n not in OPEN}
        more |= {name: tell() for name, tell in span.content.items()}
        told |= {n: _kept(v, mask, _CONTENT_CHARS) for n, v in more.items()}
        told[LABELS] = tuple(sorted(span.labels))
    told[CONVENTIONS] = VERSIONS
    line = {
        "t": span.place.trace_id,
        "s": span.place.span_id,
        "p": span.place.parent_id,
        "n": _kept(span.name, mask, NAME_CHARS),
        "k": span.kind,
        "b": span.began_ns,
        "e": span.ended_ns,
        "a": told,
    }
    return json.dumps(line, separators=(",", ":"), allow_nan=False).encode()


def _kept(value: Value, mask: Mask, limit_chars: int = _TEXT_CHARS) -> Any:
    if isinstance(value, str):
        text = mask(value) if len(value) >= _SECRET_CHARS else value
        return text if len(text) <= limit_chars else f"{text[: limit_chars - 1]}…"
    if isinstance(value, tuple):
        return [_kept(item, mask, limit_chars) for item in value[:_ITEMS]]
    return value
