"""The bytes of a journal: how one entry is framed, chained and recognised again.

    segment  = header frame frame …
    frame    = head (what follows, and a checksum of itself) · body (salt, payload) · trailer
    digest n = SHA-256(digest n-1 · seq · kind · batch · SHA-256(salt · payload))

The chain runs over the digest of a body, never over the body, so that a body can be taken out
later and everything after it still verifies. The salt goes with it: without it nobody can find a
redacted "yes" or "no" by trying both.
"""

import hashlib
import os
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

SALT_BYTES = 16
MAX_PAYLOAD_BYTES = 64 << 20

_FRAME_MAGIC = b"QJF1"
_TRAILER_MAGIC = b"1FJQ"
_SEGMENT_MAGIC = b"quintetJ1"
_HEAD_MAGIC = b"quintetH1"
_HEADER = struct.Struct(">4sBBBBQI32s")
_CHECKSUM = struct.Struct(">I")
_TRAILER = struct.Struct(">32sI4s")
_LINK = struct.Struct(">32sQBB32s")
_SEGMENT = struct.Struct(">9sQQ32s")
_HEAD = struct.Struct(">9sQ32sQQ")

HEADER_BYTES = _HEADER.size + _CHECKSUM.size
TRAILER_BYTES = _TRAILER.size
FRAME_OVERHEAD_BYTES = HEADER_BYTES + TRAILER_BYTES
SEGMENT_HEADER_BYTES = _SEGMENT.size + _CHECKSUM.size
HEAD_BYTES = _HEAD.size + _CHECKSUM.size


class Kind(IntEnum):
    """What an entry is for: a payload of the caller, or a note of the journal about itself."""

    DATA = 1
    REDACTION = 2
    LOSS = 3


class Broken(Exception):
    """The bytes at `offset` are not the frame that must stand there."""

    def __init__(self, offset: int, seq: int, reason: str) -> None:
        super().__init__(reason)
        self.offset = offset
        self.seq = seq
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Point:
    """How far a chain goes: the last entry, and the byte in the segment right behind it."""

    seq: int
    digest: bytes
    segment: int
    offset: int


@dataclass(frozen=True, slots=True)
class Frame:
    """One entry as it lies on the disk. `body` is empty once it was redacted."""

    seq: int
    kind: Kind
    batch_goes_on: bool
    redacted: bool
    body: bytes
    body_digest: bytes
    digest: bytes
    end: int

    def point(self, segment: int) -> Point:
        return Point(self.seq, self.digest, segment, self.end)

    @property
    def payload(self) -> bytes | None:
        return None if self.redacted else self.body[SALT_BYTES:]

    def without_body(self) -> "Frame":
        return replace(self, redacted=True, body=b"")

    def encoded(self) -> bytes:
        header = _HEADER.pack(
            _FRAME_MAGIC,
            self.kind,
            self.batch_goes_on,
            self.redacted,
            0,
            self.seq,
            len(self.body),
            self.body_digest,
        )
        length = FRAME_OVERHEAD_BYTES + len(self.body)
        trailer = _TRAILER.pack(self.digest, length, _TRAILER_MAGIC)
        return b"".join((_checked(header), self.body, trailer))


def chain(
    after: Point, payloads: Sequence[bytes], *, kind: Kind = Kind.DATA, seq: int = 0
) -> list[Frame]:
    """Frames for one batch, linked to what stands before them; `seq` only to skip numbers."""
    frames: list[Frame] = []
    digest, end = after.digest, after.offset
    first = seq or after.seq + 1
    for index, payload in enumerate(payloads):
        body = os.urandom(SALT_BYTES) + payload
        goes_on = index < len(payloads) - 1
        body_digest = hashlib.sha256(body).digest()
        digest = _link(digest, first + index, kind, goes_on, body_digest)
        end += FRAME_OVERHEAD_BYTES + len(body)
        frames.append(Frame(first + index, kind, goes_on, False, body, body_digest, digest, end))
    return frames


def walk(data: bytes, start: Point, base: int = 0) -> Iterator[Frame]:
    """The frames behind `start`, each checked against the one before; `Broken` at the first flaw.

    `data` begins at the segment's byte `base`, so that a tail can be read on its own.
    """
    seq, digest, offset = start.seq, start.digest, start.offset - base
    while offset < len(data):
        frame = _frame_at(data, offset, base, seq, digest)
        yield frame
        seq, digest, offset = frame.seq, frame.digest, frame.end - base


def _frame_at(data: bytes, offset: int, base: int, seq: int, previous: bytes) -> Frame:
    def broken(reason: str) -> Broken:
        return Broken(base + offset, seq + 1, reason)

    fields = _header_at(data, offset)
    if fields is None:
        raise broken("its header is cut short or damaged")
    kind, goes_on, redacted, found_seq, length, body_digest = fields
    body_at = offset + HEADER_BYTES
    trailer_at = body_at + length
    if trailer_at + TRAILER_BYTES > len(data):
        raise broken("it is cut short")
    if found_seq != seq + 1 and not (kind is Kind.LOSS and found_seq > seq):
        raise broken(f"entry {found_seq} stands in its place")
    body = data[body_at:trailer_at]
    if not redacted and hashlib.sha256(body).digest() != body_digest:
        raise broken("its content does not match its digest")
    digest = _link(previous, found_seq, kind, goes_on, body_digest)
    expected = _TRAILER.pack(digest, FRAME_OVERHEAD_BYTES + length, _TRAILER_MAGIC)
    if data[trailer_at : trailer_at + TRAILER_BYTES] != expected:
        raise broken("it is not linked to the entry before it")
    end = base + trailer_at + TRAILER_BYTES
    return Frame(found_seq, kind, goes_on, redacted, body, body_digest, digest, end)


_Header = tuple[Kind, bool, bool, int, int, bytes]


def _header_at(data: bytes, offset: int) -> _Header | None:
    raw = data[offset : offset + HEADER_BYTES]
    packed = _unchecked(raw, HEADER_BYTES)
    if packed is None:
        return None
    magic, kind, goes_on, redacted, zero, seq, length, body_digest = _HEADER.unpack(packed)
    flags_hold = goes_on in (0, 1) and redacted in (0, 1) and zero == 0
    size_holds = length == 0 if redacted else SALT_BYTES <= length <= MAX_PAYLOAD_BYTES + SALT_BYTES
    known = magic == _FRAME_MAGIC and kind in Kind.__members__.values()
    if not (known and flags_hold and size_holds):
        return None
    return Kind(kind), bool(goes_on), bool(redacted), seq, length, body_digest


def resync(data: bytes, start: int, base: int = 0) -> Iterator[Frame]:
    """The frames that are whole in themselves from `start` on, whatever lies between them.

    Their links cannot be checked where one before them is lost; a caller gets what is left.
    """
    offset = start - base
    while (offset := data.find(_FRAME_MAGIC, offset)) >= 0:
        frame = _whole_frame_at(data, offset, base)
        if frame is None:
            offset += 1
        else:
            yield frame
            offset = frame.end - base


def _whole_frame_at(data: bytes, offset: int, base: int) -> Frame | None:
    fields = _header_at(data, offset)
    if fields is None:
        return None
    kind, goes_on, redacted, seq, length, body_digest = fields
    body = data[offset + HEADER_BYTES : offset + HEADER_BYTES + length]
    if len(body) != length or (not redacted and hashlib.sha256(body).digest() != body_digest):
        return None
    trailer_at = offset + HEADER_BYTES + length
    end = trailer_at + TRAILER_BYTES
    if end > len(data):
        return None
    digest = data[trailer_at : trailer_at + 32]
    return Frame(seq, kind, goes_on, redacted, body, body_digest, digest, base + end)


def segment_header(number: int, before: Point) -> bytes:
    """The first bytes of a segment: its number, and where the chain stood when it was begun."""
    return _checked(_SEGMENT.pack(_SEGMENT_MAGIC, number, before.seq, before.digest))


def read_segment_header(data: bytes) -> Point | None:
    packed = _unchecked(data, SEGMENT_HEADER_BYTES)
    if packed is None:
        return None
    magic, number, seq, digest = _SEGMENT.unpack(packed)
    if magic != _SEGMENT_MAGIC:
        return None
    return Point(seq, digest, number, SEGMENT_HEADER_BYTES)


def head_record(point: Point) -> bytes:
    """The head file: everything up to this point was made durable."""
    return _checked(_HEAD.pack(_HEAD_MAGIC, point.seq, point.digest, point.segment, point.offset))


def read_head_record(data: bytes) -> Point | None:
    packed = _unchecked(data, HEAD_BYTES)
    if packed is None or len(data) != HEAD_BYTES:
        return None
    magic, seq, digest, segment, offset = _HEAD.unpack(packed)
    return Point(seq, digest, segment, offset) if magic == _HEAD_MAGIC else None


def trailer_matches(data: bytes, digest: bytes) -> bool:
    """Whether these bytes are the trailer of the frame with this digest."""
    if len(data) != TRAILER_BYTES:
        return False
    found, _, magic = _TRAILER.unpack(data)
    return found == digest and magic == _TRAILER_MAGIC


def _link(previous: bytes, seq: int, kind: Kind, goes_on: bool, body_digest: bytes) -> bytes:
    return hashlib.sha256(_LINK.pack(previous, seq, kind, goes_on, body_digest)).digest()


def _checked(packed: bytes) -> bytes:
    return packed + _CHECKSUM.pack(zlib.crc32(packed))


def _unchecked(data: bytes, size_bytes: int) -> bytes | None:
    packed, checksum = data[: size_bytes - _CHECKSUM.size], data[:size_bytes][-_CHECKSUM.size :]
    if len(data) < size_bytes or _CHECKSUM.pack(zlib.crc32(packed)) != checksum:
        return None
    return packed
