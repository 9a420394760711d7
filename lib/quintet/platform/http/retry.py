"""When to try again, and how long to wait before: pure arithmetic over what the server said."""

from datetime import datetime
from email.utils import parsedate_to_datetime

from quintet.platform.rng import Rng

_BUSY = frozenset({429, 502, 503, 504})
_FIRST_WAIT_S = 0.5
_LONGEST_WAIT_S = 30.0
# A server that asks for more than this is better left alone; the caller hears what it said.
_LONGEST_PROMISE_S = 120.0


def is_busy(status: int) -> bool:
    """Whether this answer means: later, perhaps."""
    return status in _BUSY


def backoff_s(attempt: int, rng: Rng) -> float:
    """A random wait, twice as long on average with each attempt, so that crowds disperse."""
    ceiling = min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2.0**attempt)
    return ceiling * (0.5 + int.from_bytes(rng.token(2), "big") / 0x1FFFE)


def promised_wait_s(retry_after: str, now: datetime) -> float | None:
    """The seconds that a Retry-After header asks for; None if it says nothing usable."""
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
    if moment.tzinfo is None:
        return None
    return max(0.0, (moment - now).total_seconds())


def is_worth_waiting(wait_s: float, left_s: float) -> bool:
    """Whether the wait fits both into patience and into what is left of the time."""
    return wait_s <= _LONGEST_PROMISE_S and wait_s < left_s
