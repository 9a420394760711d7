"""Ctrl-C and SIGTERM, kept out of the moments in which a C library would not survive them."""

import signal
from types import FrameType

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


def ignore_signals() -> None:
    """From here on there is nothing to interrupt, only an interpreter that would complain."""
    for number in (*_SIGNALS, signal.SIGALRM):
        signal.signal(number, signal.SIG_IGN)


def _interrupt(_number: int, frame: FrameType | None) -> None:
    if _is_loading_native_code(frame):
        # Its initialisation would end in an ImportError, or later in a crash; ask again soon.
        signal.setitimer(signal.ITIMER_REAL, _PATIENCE_S)
        return
    raise KeyboardInterrupt


def _is_loading_native_code(frame: FrameType | None) -> bool:
    while frame:
        if type(frame.f_locals.get("self")).__name__ == "ExtensionFileLoader":
            return True
        frame = frame.f_back
    return False
