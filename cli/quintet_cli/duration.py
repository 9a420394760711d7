"""Durations as people type them: 60s, 5m, 8h, 2d, or a number of seconds."""

from quintet.errors import UsageError
from quintet.platform.config.shape import Mismatch, Text, shape_of

_DURATION = shape_of(float, "duration_s", {"min": 0})


def seconds_of(text: str) -> float:
    """How many seconds that is; the same words as in the settings."""
    try:
        return _DURATION.read(Text(text))
    except Mismatch as error:
        raise UsageError(f"'{text}' is not a duration", hint="write 90s, 5m, 8h or 2d") from error
