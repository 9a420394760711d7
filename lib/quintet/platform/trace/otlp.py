"""Spans in the wire format of OTLP: protocol buffers, which every collector takes.

JSON would need no encoder of our own, but several receivers refuse it. The message is
`opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest`; field numbers are as there.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from quintet.platform.trace.conventions import ERROR, OTLP_KINDS, SCHEMA_URL, Value

if TYPE_CHECKING:
    from quintet.platform.trace.told import Told

MEDIA_TYPE = "application/x-protobuf"
_ERROR_STATUS = 2
_MASK_64 = (1 << 64) - 1


def export_request(spans: Sequence[Told], resource: Mapping[str, Value], version: str) -> bytes:
    """The body of one POST."""
    scope = _text(1, "ai") + _text(2, version)
    scope_spans = _part(1, scope) + b"".join(_part(2, _span(span)) for span in spans)
    scope_spans += _text(3, SCHEMA_URL)
    return _part(1, _part(1, _attributes(1, resource)) + _part(2, scope_spans))


def _span(span: Told) -> bytes:
    parts = [
        _part(1, bytes.fromhex(span.trace_id)),
        _part(2, bytes.fromhex(span.span_id)),
        _part(4, bytes.fromhex(span.parent_id)) if span.parent_id else b"",
        _text(5, span.name),
        _number(6, OTLP_KINDS[span.kind]),
        _fixed(7, span.began_ns),
        _fixed(8, span.ended_ns),
        _attributes(9, span.attributes),
    ]
    if error := span.attributes.get(ERROR):
        parts.append(_part(15, _text(2, str(error)) + _number(3, _ERROR_STATUS)))
    return b"".join(parts)


def _attributes(field: int, attributes: Mapping[str, Value]) -> bytes:
    pairs = (_text(1, name) + _part(2, _value(value)) for name, value in attributes.items())
    return b"".join(_part(field, pair) for pair in pairs)


def _value(value: Value) -> bytes:
    match value:
        case bool():
            return _number(2, int(value))
        case int():
            return _number(3, value)
        case float():
            return _key(4, 1) + struct.pack("<d", value)
        case str():
            return _text(1, value)
        case tuple():
            return _part(5, _array(value))


def _array(items: Iterable[str]) -> bytes:
    return b"".join(_part(1, _text(1, item)) for item in items)


def _key(field: int, wire_type: int) -> bytes:
    return _varint(field << 3 | wire_type)


def _varint(number: int) -> bytes:
    number &= _MASK_64
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _number(field: int, value: int) -> bytes:
    return _key(field, 0) + _varint(value)


def _fixed(field: int, value: int) -> bytes:
    return _key(field, 1) + struct.pack("<Q", value)


def _part(field: int, content: bytes) -> bytes:
    return _key(field, 2) + _varint(len(content)) + content


def _text(field: int, text: str) -> bytes:
    return _part(field, text.encode("utf-8", "replace"))
