"""Kills a child at the n-th line that it runs in the given files, for every n until it survives."""

import os
import signal
import sys
from collections.abc import Callable, Collection, Iterator
from types import FrameType
from typing import Any


def killed_at_every_line(
    work: Callable[[], object], files: Collection[str], step: int = 1
) -> Iterator[int]:
    """Fork for each step; yields after each death, so that the survivor's view can be checked.

    With a larger step only every so many lines, where each costs a while.
    """
    line = 0
    while True:
        line += step
        child = os.fork()
        if child == 0:
            _die_at(line, files)
            try:
                work()
            finally:
                os._exit(0)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            return
        yield line


def _die_at(line: int, files: Collection[str]) -> None:
    left = line

    def trace(frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal left
        if not frame.f_code.co_filename.endswith(tuple(files)):
            return None
        if event == "line":
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    sys.settrace(trace)
