"""Spans as lines of JSON on their way to the database, and back; a torn line counts as none."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from quintet.platform.trace.conventions import (
    CONVENTIONS,
    LABELS,
    OPEN,
    VERSIONS,
    Attributes,
    Kind,
    Value,
)

if TYPE_CHECKING:
    from quintet.platform.trace.span import Span

_TEXT_CHARS = 256
_CONTENT_CHARS = 64 << 10
_NAME_CHARS = 120
_ITEMS = 64
# The shortest text that could hold a secret; shorter ones need not be looked at.
_SECRET_CHARS = 12
_INT_LIMIT = 1 << 63
Mask = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Told:
    """A span as it was written down. `ended_ns` is 0 for one that had not ended yet."""

    trace_id: str
    span_id: str
    parent_id: str
    name: str
    kind: Kind
    began_ns: int
    ended_ns: int
    attributes: Attributes
    size_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Sent:
    """Spans that a collector has taken, as `trace:span`."""

    ids: tuple[str, ...]
    at_ns: int


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
        "n": _kept(span.name, mask, _NAME_CHARS),
        "k": span.kind,
        "b": span.began_ns,
        "e": span.ended_ns,
        "a": told,
    }
    return json.dumps(line, separators=(",", ":"), allow_nan=False).encode()


def encode_sent(sent: Sent) -> bytes:
    return json.dumps({"sent": sent.ids, "at": sent.at_ns}, separators=(",", ":")).encode()


def decode(line: bytes) -> Told | Sent | None:
    """What a line says, or None for one that a kill or a full disk cut off, or that is none."""
    try:
        fields: Any = json.loads(line)
        if "sent" in fields:
            return Sent(tuple(map(str, fields["sent"])), _whole(fields["at"]))
        return Told(
            trace_id=_hex(fields["t"], 32),
            span_id=_hex(fields["s"], 16),
            parent_id=_hex(fields["p"], 16) if fields["p"] else "",
            name=clean(fields["n"])[:_NAME_CHARS],
            kind=Kind(fields["k"]),
            began_ns=_whole(fields["b"]),
            ended_ns=_whole(fields["e"]),
            attributes=attributes_of(fields["a"]),
            size_bytes=len(line),
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def attributes_of(given: Mapping[str, Any]) -> dict[str, Value]:
    """Attributes as they come out of JSON; what is of no kind that we know is left out."""
    told: dict[str, Value] = {}
    for name, value in given.items():
        if isinstance(value, list):
            told[clean(name)] = tuple(clean(item) for item in cast("list[Any]", value))
        elif isinstance(value, str):
            told[clean(name)] = clean(value)
        elif isinstance(value, float) or (isinstance(value, int) and abs(value) < _INT_LIMIT):
            told[clean(name)] = value
    return told


def clean(text: object) -> str:
    """Text that every part downstream takes: bytes that were no UTF-8 are shown as such."""
    told = str(text)
    return told if told.isascii() else told.encode("utf-8", "backslashreplace").decode()


def _kept(value: Value, mask: Mask, limit_chars: int = _TEXT_CHARS) -> Any:
    if isinstance(value, str):
        text = mask(value) if len(value) >= _SECRET_CHARS else value
        return text if len(text) <= limit_chars else f"{text[: limit_chars - 1]}…"
    if isinstance(value, tuple):
        return [_kept(item, mask, limit_chars) for item in value[:_ITEMS]]
    return value


def _hex(text: str, length: int) -> str:
    if len(text) != length or text.strip("0123456789abcdef") or not text.strip("0"):
        raise ValueError(text)
    return text


def _whole(number: int) -> int:
    if not isinstance(number, int) or not 0 <= number < _INT_LIMIT:  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ValueError(number)
    return number
