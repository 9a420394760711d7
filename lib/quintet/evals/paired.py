"""The test of two runs of the same cases: exact, paired case by case, conditional on the totals.

If nothing changed, then of all passes of a case in both runs as many fall into the later run as a
hypergeometric draw gives. The sum over the cases of these draws is computed exactly, by
convolution. With one try a case this is McNemar's test. Half of the probability of what was seen
is counted (mid-p): the plain exact test is so careful that it misses what it could see.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Pair:
    """One case in two runs: passes and tries before, passes and tries now."""

    passed_before: int
    tried_before: int
    passed_now: int
    tried_now: int

    @property
    def difference(self) -> float:
        """The change of the share that passes; negative where it got worse."""
        return self.passed_now / self.tried_now - self.passed_before / self.tried_before

    @property
    def variance(self) -> float:
        """Of the difference, if nothing changed: unbiased, and never too small if something did."""
        tried = self.tried_before + self.tried_now
        share = (self.passed_before + self.passed_now) / tried
        spread = share * (1 - share) * tried / (tried - 1)
        return spread * (1 / self.tried_before + 1 / self.tried_now)


@dataclass(frozen=True, slots=True)
class Tails:
    """The probability, if nothing changed, of as few passes as were seen, or as many."""

    worse: float
    better: float


@lru_cache(maxsize=4096)
def _draws(drawn: int, total: int, passes: int) -> tuple[int, tuple[float, ...]]:
    """The lowest possible count of passes among `drawn` of `total`, and the chance of each."""
    low, high = max(0, drawn - (total - passes)), min(drawn, passes)
    whole = math.comb(total, drawn)
    chances = (
        math.comb(passes, k) * math.comb(total - passes, drawn - k) for k in range(low, high + 1)
    )
    # Whole numbers divide exactly, however many digits they have.
    return low, tuple(chance / whole for chance in chances)


def tails(pairs: Sequence[Pair]) -> Tails:
    """Both one-sided mid-p values for all cases together; exact up to rounding."""
    import numpy as np

    chances: NDArray[np.float64] = np.ones(1)
    seen = 0
    for pair in filter(_is_informative, pairs):
        total = pair.tried_before + pair.tried_now
        low, own = _draws(pair.tried_now, total, pair.passed_before + pair.passed_now)
        chances = np.convolve(chances, own)
        seen += pair.passed_now - low
    here = float(chances[seen]) / 2
    return Tails(
        min(1.0, float(chances[:seen].sum()) + here),
        min(1.0, float(chances[seen + 1 :].sum()) + here),
    )


def _is_informative(pair: Pair) -> bool:
    """A case that always passed, or never, says nothing of a change."""
    passed, tried = pair.passed_before + pair.passed_now, pair.tried_before + pair.tried_now
    return 0 < passed < tried


def holm(chances: Sequence[float]) -> list[float]:
    """The same chances when many are looked at: each at least as large as before."""
    order = sorted(range(len(chances)), key=lambda at: chances[at])
    adjusted, so_far = [1.0] * len(chances), 0.0
    for rank, at in enumerate(order):
        so_far = max(so_far, min(1.0, chances[at] * (len(chances) - rank)))
        adjusted[at] = so_far
    return adjusted
