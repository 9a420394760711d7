"""YUV4MPEG2, the plainest moving picture: read without any library, however hostile the bytes.

A header line, then for each picture the word FRAME and its planes. The reader holds one picture at
a time and believes nothing that the header says before it was checked.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, BinaryIO

from quintet.engines.video.frames import ClipTruncated, ClipUnreadable, Picture

if TYPE_CHECKING:
    pass

MAGIC = b"YUV4MPEG2"
_LINE_LIMIT_BYTES = 1024
_SIDE_LIMIT = 16_384
_PICTURE_LIMIT_BYTES = 128 << 20
_RATE_LIMIT = 1_000
# By how much each colour space halves the width and the height of its colour planes.
_SUBSAMPLING: dict[str, tuple[int, int] | None] = {
    "420": (2, 2),
    "422": (2, 1),
    "444": (1, 1),
    "mono": None,
}
_FRAME_LINE = re.compile(rb"FRAME(?: [^\n]*)?\n")
_COLOUR_SPACE = re.compile(r"(420|422|444|mono)(?:jpeg|mpeg2|paldv)?")


@dataclass(frozen=True, slots=True)
class Header:
    """What the first line says of every picture."""

    width: int
    height: int
    rate: Fraction
    colour_space: str = "420"

    @property
    def chroma_shape(self) -> tuple[int, int] | None:
        halves = _SUBSAMPLING[self.colour_space]
        return halves and (-(-self.height // halves[1]), -(-self.width // halves[0]))

    @property
    def picture_bytes(self) -> int:
        chroma = self.chroma_shape
        return self.width * self.height + (2 * chroma[0] * chroma[1] if chroma else 0)


class Y4mSource:
    """A clip read from a buffered stream; the header is checked at once, pictures when asked."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.header = parse_header(stream.readline(_LINE_LIMIT_BYTES))

    @property
    def rate(self) -> Fraction:
        return self.header.rate

    def pictures(self) -> Iterator[Picture]:
        number = 0
        while line := self._stream.readline(_LINE_LIMIT_BYTES):
            if not _FRAME_LINE.fullmatch(line):
                if b"\n" not in line and b"FRAME".startswith(line[:5]):
                    raise ClipTruncated(f"the clip breaks off before picture {number}")
                raise ClipUnreadable(
                    f"picture {number} does not begin with FRAME",
                    why="the clip is damaged, or its header states a wrong size",
                )
            yield self._picture(number)
            number += 1

    def _picture(self, number: int) -> Picture:
        import numpy as np

        header = self.header
        data = self._stream.read(header.picture_bytes)
        if len(data) < header.picture_bytes:
            raise ClipTruncated(
                f"the clip breaks off in picture {number}",
                why=f"{len(data):,} of {header.picture_bytes:,} bytes are there",
            )
        planes = np.frombuffer(data, dtype=np.uint8)
        luma = planes[: header.width * header.height].reshape(header.height, header.width)
        if header.chroma_shape is None:
            return Picture(luma)
        u, v = planes[luma.size :].reshape(2, *header.chroma_shape)
        return Picture(luma, (u, v))


def parse_header(line: bytes) -> Header:
    """The first line of a clip, believed only where it makes sense."""
    if not line:
        raise ClipUnreadable("there is nothing to read", why="the clip has no bytes")
    if not re.fullmatch(MAGIC + rb"(?: [^\n]*)?\n", line):
        raise ClipUnreadable(
            "this is no YUV4MPEG2 clip", why="it has no first line that begins with YUV4MPEG2"
        )
    fields = {word[:1]: word[1:] for word in line[:-1].decode("latin-1").split(" ")[1:]}
    space = _COLOUR_SPACE.fullmatch(fields.get("C", "420jpeg"))
    if space is None:
        raise ClipUnreadable(
            f"the colour space {fields['C'][:40]!r} is not read here",
            why="8-bit 420, 422, 444 and mono are",
            hint="ffmpeg -i IN -pix_fmt yuv420p OUT.y4m",
        )
    header = Header(
        width=_number(fields.get("W", ""), "width", _SIDE_LIMIT),
        height=_number(fields.get("H", ""), "height", _SIDE_LIMIT),
        rate=_rate(fields.get("F", "")),
        colour_space=space[1],
    )
    if header.picture_bytes > _PICTURE_LIMIT_BYTES:
        raise ClipUnreadable(
            f"a picture of {header.width} × {header.height} is too large",
            why=f"{header.picture_bytes >> 20} MiB each; the limit is {_PICTURE_LIMIT_BYTES >> 20}",
        )
    return header


def write_y4m(stream: BinaryIO, header: Header, pictures: Iterable[Picture]) -> None:
    """The reverse of reading, for demonstrations and tests."""
    rate = f"F{header.rate.numerator}:{header.rate.denominator}"
    words = f"W{header.width} H{header.height} {rate} Ip A1:1 C{header.colour_space}"
    stream.write(MAGIC + b" " + words.encode() + b"\n")
    for picture in pictures:
        stream.write(b"FRAME\n")
        for plane in (picture.luma, *(picture.chroma or ())):
            stream.write(plane.tobytes())


def _number(text: str, name: str, limit: int) -> int:
    if re.fullmatch(r"[0-9]{1,9}", text) and 0 < int(text) <= limit:
        return int(text)
    raise ClipUnreadable(f"the {name} {text[:40]!r} is no number from 1 to {limit:,}")


def _rate(text: str) -> Fraction:
    match = re.fullmatch(r"([0-9]{1,9}):([0-9]{1,9})", text)
    if match and int(match[1]) and int(match[2]):
        rate = Fraction(int(match[1]), int(match[2]))
        if Fraction(1, _RATE_LIMIT) <= rate <= _RATE_LIMIT:
            return rate
    raise ClipUnreadable(
        f"the frame rate {text[:40]!r} is not usable",
        why="a fraction such as 30000:1001 is expected",
    )
