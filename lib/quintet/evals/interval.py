"""How sure a share is: Wilson's interval, which holds near 0 and 1 and for few tries."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist


@dataclass(frozen=True, slots=True)
class Interval:
    """A value and the range that holds the truth with the stated confidence."""

    value: float
    low: float
    high: float


def z_of(tail: float) -> float:
    """The point beyond which this share of a normal distribution lies."""
    return NormalDist().inv_cdf(1 - tail)


def wilson(passed: float, tried: float, confidence: float) -> Interval:
    """The interval for a share of `passed` in `tried`; both may be effective numbers."""
    if tried <= 0:
        return Interval(0.0, 0.0, 1.0)
    share, z = passed / tried, z_of((1 - confidence) / 2)
    scale = 1 + z * z / tried
    middle = (share + z * z / (2 * tried)) / scale
    half = z * math.sqrt(share * (1 - share) / tried + z * z / (4 * tried * tried)) / scale
    return Interval(share, max(0.0, min(middle - half, share)), min(1.0, max(middle + half, share)))


def suite_interval(counts: Sequence[tuple[int, int]], confidence: float) -> Interval:
    """The mean of the cases' own shares of (passed, tried), for these cases as they are.

    The number of tries is the effective one: cases that were tried less often weigh as much as the
    others and are known less well. That tries of one case are alike only makes it narrower than
    told, so the interval errs on the safe side.
    """
    tried = [(passed, total) for passed, total in counts if total]
    if not tried:
        return Interval(0.0, 0.0, 1.0)
    share = sum(passed / total for passed, total in tried) / len(tried)
    effective = len(tried) ** 2 / sum(1 / total for _, total in tried)
    return wilson(share * effective, effective, confidence)
