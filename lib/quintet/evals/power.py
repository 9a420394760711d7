"""The smallest drop that a comparison could have seen: said with every result that found none."""

from __future__ import annotations

import math
from collections.abc import Sequence

from quintet.evals.interval import z_of
from quintet.evals.paired import Pair

POWER = 0.8
_ROUNDS = 30


def smallest_visible(pairs: Sequence[Pair], tail: float, power: float = POWER) -> float | None:
    """How far the shares of all cases must fall for the fall to be seen with this power.

    By the normal approximation, from shares that are smoothed so that a case which always passed
    is not believed to be certain. None where even a fall to nothing would not be seen.
    """
    if not pairs:
        return None
    low, high = 0.0, 1.0
    if not _is_seen(pairs, high, tail, power):
        return None
    for _ in range(_ROUNDS):
        middle = (low + high) / 2
        low, high = (low, middle) if _is_seen(pairs, middle, tail, power) else (middle, high)
    return high


def _is_seen(pairs: Sequence[Pair], drop: float, tail: float, power: float) -> bool:
    fallen = variance_same = variance_fallen = 0.0
    for pair in pairs:
        before = _smoothed(pair)
        now = max(0.0, before - drop)
        fallen += before - now
        both = pair.tried_before + pair.tried_now
        pooled = (before * pair.tried_before + now * pair.tried_now) / both
        # What the test will take for noise: it conditions on the totals of both runs together.
        variance_same += pooled * (1 - pooled) * (1 / pair.tried_before + 1 / pair.tried_now)
        variance_fallen += before * (1 - before) / pair.tried_before
        variance_fallen += now * (1 - now) / pair.tried_now
    needed = z_of(tail) * math.sqrt(variance_same) + z_of(1 - power) * math.sqrt(variance_fallen)
    # Half a try: counts move in steps.
    return fallen >= needed + 0.5 / max(pair.tried_now for pair in pairs)


def _smoothed(pair: Pair) -> float:
    return (pair.passed_before + 0.5) / (pair.tried_before + 1)
