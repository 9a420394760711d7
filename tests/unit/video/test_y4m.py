"""The built-in reader takes plain clips of every layout, and believes nothing hostile."""

import io
from fractions import Fraction
from itertools import islice

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quintet.engines.video.adapters.y4m import Header, Y4mSource, parse_header, write_y4m
from quintet.engines.video.frames import ClipTruncated, ClipUnreadable, Picture
from quintet.errors import QuintetError
from support.clips import HEIGHT, RATE, WIDTH, Studio


def clip_bytes(pictures: int = 3) -> bytes:
    stream = io.BytesIO()
    write_y4m(stream, Header(WIDTH, HEIGHT, RATE), Studio(1).shot(pictures))
    return stream.getvalue()


def read(data: bytes) -> list[Picture]:
    return list(Y4mSource(io.BytesIO(data)).pictures())


@pytest.mark.parametrize("space", ["420", "422", "444", "mono"])
@pytest.mark.parametrize("size", [(1, 1), (5, 3), (16, 16)])
def test_what_is_written_is_read_back(space: str, size: tuple[int, int]) -> None:
    header = Header(*size, Fraction(30000, 1001), space)
    random = np.random.default_rng(1)
    luma = random.integers(0, 256, (size[1], size[0]), np.uint8)
    shape = header.chroma_shape
    chroma = shape and tuple(random.integers(0, 256, shape, np.uint8) for _ in range(2))
    stream = io.BytesIO()
    write_y4m(stream, header, [Picture(luma, chroma)] * 2)  # type: ignore[arg-type]
    source = Y4mSource(io.BytesIO(stream.getvalue()))
    pictures = list(source.pictures())
    assert source.header == header
    assert len(pictures) == 2
    assert (pictures[1].luma == luma).all()
    for plane, original in zip(pictures[1].chroma or (), chroma or (), strict=True):
        assert (plane == original).all()


def test_parameters_of_header_and_frames_that_are_not_needed_are_skipped() -> None:
    data = clip_bytes(1).replace(b"FRAME\n", b"FRAME Ip XFOO=1\n").replace(b" Ip", b" It XYSCSS=1")
    assert len(read(data)) == 1


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b"", "nothing to read"),
        (b"hello", "no YUV4MPEG2"),
        (b"YUV4MPEG2", "no YUV4MPEG2"),
        (b"YUV4MPEG2 W4 H4 F25:1", "no YUV4MPEG2"),
        (b"YUV4MPEG25 W4 H4 F25:1\n", "no YUV4MPEG2"),
        (b"YUV4MPEG2 H4 F25:1\n", "width"),
        (b"YUV4MPEG2 W0 H4 F25:1\n", "width"),
        (b"YUV4MPEG2 W-4 H4 F25:1\n", "width"),
        (b"YUV4MPEG2 W4 H99999 F25:1\n", "height"),
        (b"YUV4MPEG2 W4 H4\n", "frame rate"),
        (b"YUV4MPEG2 W4 H4 F0:0\n", "frame rate"),
        (b"YUV4MPEG2 W4 H4 F25:0\n", "frame rate"),
        (b"YUV4MPEG2 W4 H4 F999999999:1\n", "frame rate"),
        (b"YUV4MPEG2 W4 H4 F25:1 C420p10\n", "colour space"),
        (b"YUV4MPEG2 W4 H4 F25:1 C\xff\xfe\n", "colour space"),
        (b"YUV4MPEG2 W16384 H16384 F25:1 C444\n", "too large"),
    ],
)
def test_a_header_that_makes_no_sense_is_refused_by_name(line: bytes, says: str) -> None:
    with pytest.raises(ClipUnreadable) as caught:
        parse_header(line)
    assert says in caught.value.what


def test_a_header_without_end_is_given_up_early() -> None:
    stream = io.BytesIO(b"YUV4MPEG2 " + b"X" * 10_000_000)
    with pytest.raises(ClipUnreadable):
        Y4mSource(stream)
    assert stream.tell() <= 1024


def test_a_clip_that_breaks_off_gives_what_was_whole() -> None:
    data = clip_bytes(3)
    pictures = Y4mSource(io.BytesIO(data[:-100])).pictures()
    assert len(list(islice(pictures, 2))) == 2
    with pytest.raises(ClipTruncated, match="picture 2"):
        next(pictures)


def test_a_clip_that_breaks_off_in_the_frame_line_says_so() -> None:
    with pytest.raises(ClipTruncated):
        read(clip_bytes(2) + b"FRA")


def test_a_wrong_size_in_the_header_is_noticed_at_the_next_frame() -> None:
    with pytest.raises(ClipUnreadable, match="FRAME"):
        read(clip_bytes(3).replace(f"W{WIDTH}".encode(), f"W{WIDTH - 2}".encode()))


@given(st.binary(max_size=300), st.booleans())
def test_no_bytes_at_all_make_the_reader_fail_unnamed(tail: bytes, is_headed: bool) -> None:
    data = b"YUV4MPEG2 W4 H2 F25:1\n" + tail if is_headed else tail
    try:
        for picture in read(data):
            assert picture.luma.shape == (2, 4)
    except QuintetError as error:
        assert error.code.startswith("video.")


@given(st.integers(0, 200), st.integers(0, 255))
def test_no_damaged_byte_makes_the_reader_fail_unnamed(position: int, value: int) -> None:
    data = bytearray(SMALL)
    data[position % len(data)] = value
    try:
        read(bytes(data))
    except QuintetError as error:
        assert error.code.startswith("video.")


def _small() -> bytes:
    stream = io.BytesIO()
    picture = Picture(np.zeros((2, 4), np.uint8))
    write_y4m(stream, Header(4, 2, Fraction(25), "mono"), [picture] * 8)
    return stream.getvalue()


SMALL = _small()
