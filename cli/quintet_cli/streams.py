"""The three standard streams, which may be closed, full or gone when a program starts or ends."""

import os
import sys
from io import TextIOWrapper
from typing import Literal, TextIO

# A closed stdin reads as empty. A closed stdout gets a descriptor on which every write fails, so
# that a result is not lost in silence; a closed stderr has nobody to be told.
_STAND_IN = {0: os.O_RDONLY, 1: os.O_RDONLY, 2: os.O_WRONLY}


def prepare() -> None:
    """Make all three usable, whatever they are; or a file of ours would take a closed one's place.

    Descriptors are filled in order, because the system hands out the lowest that is free.
    """
    for fd, flags in _STAND_IN.items():
        try:
            os.fstat(fd)
        except OSError:
            os.open(os.devnull, flags)
    sys.stdin = sys.stdin or _opened(0, "r")
    sys.stdout = sys.stdout or _opened(1, "w")
    sys.stderr = sys.stderr or _opened(2, "w")
    # A name on disk may hold any bytes; reading or showing it must not fail in any locale.
    for stream, errors in (
        (sys.stdin, "surrogateescape"),
        (sys.stdout, "backslashreplace"),
        (sys.stderr, "backslashreplace"),
    ):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors=errors)


def silence(stream: TextIO) -> None:
    """Let what is left in the stream go nowhere: the interpreter flushes it on its way out."""
    try:
        fd = stream.fileno()
    except (OSError, ValueError):
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, fd)
    os.close(nowhere)


def _opened(fd: int, mode: Literal["r", "w"]) -> TextIO:
    return open(fd, mode, encoding="utf-8", closefd=False)
