"""Chooses who reads a clip: by its first bytes, and by what this machine has."""

import contextlib
import io
from collections.abc import Generator
from pathlib import Path
from typing import BinaryIO

from quintet.engines.video.adapters.ffmpeg import decoded
from quintet.engines.video.adapters.y4m import MAGIC, Y4mSource
from quintet.engines.video.frames import FrameSource
from quintet.errors import Kind, QuintetError
from quintet.platform.files import explained

_BUFFER_BYTES = 1 << 20


class NoReader(QuintetError):
    """The clip is compressed, and nothing here can decompress it."""

    kind = Kind.UNAVAILABLE
    code = "video.no_reader"


@contextlib.contextmanager
def opened(clip: Path, ffmpeg: Path | None) -> Generator[FrameSource]:
    """Frames of a file: plain ones are read here, all others by ffmpeg."""
    with explained("read", clip):
        stream = io.BufferedReader(clip.open("rb", buffering=0), _BUFFER_BYTES)
    with stream:
        if stream.peek(len(MAGIC)).startswith(MAGIC):
            yield Y4mSource(stream)
            return
    if ffmpeg is None:
        raise NoReader(
            f"{clip} needs ffmpeg to be read",
            why="it is no YUV4MPEG2 clip, and ffmpeg is neither on PATH nor installed as an extra",
            hint="ai setup video",
        )
    with decoded(ffmpeg, clip) as source:
        yield source


@contextlib.contextmanager
def piped(stream: BinaryIO) -> Generator[FrameSource]:
    """Frames from a pipe, which must be plain: `ffmpeg … -f yuv4mpegpipe - | ai video scenes -`."""
    yield Y4mSource(stream)
