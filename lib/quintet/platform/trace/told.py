"""What lines of the spool say; a line that a kill or a full disk cut off counts as none."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from quintet.platform.trace.conventions import Attributes, Kind, Value
from quintet.platform.trace.line import NAME_CHARS

_INT_LIMIT = 1 << 63


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
            name=clean(fields["n"])[:NAME_CHARS],
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


def _hex(text: str, length: int) -> str:
    if len(text) != length or text.strip("0123456789abcdef") or not text.strip("0"):
        raise ValueError(text)
    return text


def _whole(number: int) -> int:
    if not isinstance(number, int) or not 0 <= number < _INT_LIMIT:  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ValueError(number)
    return number
