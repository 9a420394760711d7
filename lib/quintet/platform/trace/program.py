"""Programs that we start, as spans: by their name, with what stands behind it as content."""

from collections.abc import Sequence

from quintet.platform.trace import conventions as words
from quintet.platform.trace.span import Span, begin


def program(command: Sequence[str]) -> Span:
    """A span for a program; `for_child(env)` within it is what the program joins the run by."""
    span = begin(words.subprocess(command[0]))
    span.offer(words.ARGUMENTS, lambda: tuple(command), ("mine",))
    return span


def ended(span: Span, status: int, *, is_timed_out: bool = False) -> None:
    """How it ended; any status but 0 counts as a failure."""
    span.set(words.EXIT_CODE, status)
    if is_timed_out or status:
        span.fail("timeout" if is_timed_out else f"exit.{status}")
