"""Ctrl-C and SIGTERM, kept out of the moments in which they would do harm or be lost."""

from __future__ import annotations

import signal
import sys
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_PATIENCE_S = 0.02


def interrupt_on_signals() -> None:
    """From here on both unwind the program, so that nothing is left half done.

    A signal that whoever started us has set to be ignored, as `nohup` does, stays so.
    """
    for number in _SIGNALS:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _interrupt)
    signal.signal(signal.SIGALRM, _interrupt)
    sys.unraisablehook = _swallowed


def ignore_signals() -> None:
    """From here on there is nothing to interrupt, only an interpreter that would complain."""
    for number in (*_SIGNALS, signal.SIGALRM):
        signal.signal(number, signal.SIG_IGN)


def _interrupt(_number: int, frame: FrameType | None) -> None:
    if _is_importing(frame):
        # Native code that is not initialised to its end fails as an ImportError, or crashes later.
        _ask_again()
        return
    raise KeyboardInterrupt


def _swallowed(unraisable: UnraisableHookArgs) -> None:
    """An interrupt that came into a destructor, where Python can only print and drop it."""
    if issubclass(unraisable.exc_type, KeyboardInterrupt):
        _ask_again()
    else:
        sys.__unraisablehook__(unraisable)


def _ask_again() -> None:
    signal.setitimer(signal.ITIMER_REAL, _PATIENCE_S)


def _is_importing(frame: FrameType | None) -> bool:
    while frame:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False
