"""Points in time as people type them: `2h` ago, today at `09:30`, or a date."""

import re
from datetime import UTC, datetime, timedelta

from quintet.errors import UsageError

_AGO = re.compile(r"(\d{1,9})\s*(s|m|min|h|d|w)")
_UNITS_S = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400, "w": 604_800}
_DAYS = {"today": 0, "yesterday": 1}
_CLOCK = re.compile(r"\d{1,2}:\d{2}(:\d{2})?")


def moment_of(text: str, now: datetime) -> datetime:
    """The moment in UTC; words without a zone are meant in the local one."""
    try:
        if ago := _AGO.fullmatch(text.strip()):
            return now - timedelta(seconds=int(ago[1]) * _UNITS_S[ago[2]])
        today = now.astimezone().date()
        if text.strip() in _DAYS:
            day = today - timedelta(days=_DAYS[text.strip()])
            return datetime.fromisoformat(day.isoformat()).astimezone(UTC)
        if _CLOCK.fullmatch(text.strip()):
            return datetime.fromisoformat(f"{today}T{text.strip():0>5}").astimezone(UTC)
        return datetime.fromisoformat(text.strip()).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise UsageError(
            f"not a time: {text!r}", hint="2h, 30m, 3d, 2026-03-02, 2026-03-02T09:30 or 09:30"
        ) from error
