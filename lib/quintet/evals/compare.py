"""Whether a run is worse than an earlier one of the same cases, beyond what chance explains.

Two questions are asked, and each gets half of the doubt that is allowed: has the suite as a whole
become worse, and has any single case (by Holm's correction for looking at all of them)? Cases whose
subject always does the same are not left to chance: there any change is a change.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from quintet.evals.interval import Interval, z_of
from quintet.evals.paired import Pair, holm, tails
from quintet.evals.power import POWER, smallest_visible
from quintet.evals.standing import Standing, Tally

CONFIDENCE = 0.99


class Verdict(StrEnum):
    """What a comparison comes to."""

    WORSE = "worse"
    SAME = "no change seen"
    BETTER = "better"


@dataclass(frozen=True, slots=True)
class Change:
    """A case in both runs. `chance` is the mid-p of a drop, corrected for the number of cases."""

    case: str
    before: tuple[int, int]
    now: tuple[int, int]
    chance: float
    is_steady: bool
    is_worse: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """`before` is the id of the earlier run, `difference` the change of the mean share of passes.

    Only cases of both runs are compared.
    """

    before: str
    verdict: Verdict
    confidence: float
    difference: Interval
    chance: float
    smallest_visible: float | None
    power: float
    changes: tuple[Change, ...]
    only_before: tuple[str, ...]
    only_now: tuple[str, ...]
    is_same_suite: bool

    @property
    def worse_cases(self) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if change.is_worse)


def compare(before: Standing, now: Standing, confidence: float = CONFIDENCE) -> Comparison:
    """Set two runs against each other, case by case."""
    shared = [case for case in now.cases if case in before.cases]
    pairs = {case: _pair(before.cases[case], now.cases[case]) for case in shared}
    # Half of the doubt for the suite, half for the cases.
    tail = (1 - confidence) / 2
    whole = tails(list(pairs.values()))
    changes = _changes(before, now, pairs, tail)
    noisy = [pairs[one.case] for one in changes if not one.is_steady]
    is_worse = whole.worse <= tail or any(change.is_worse for change in changes)
    is_better = whole.better <= tail and not is_worse
    return Comparison(
        before=before.id,
        verdict=Verdict.WORSE if is_worse else Verdict.BETTER if is_better else Verdict.SAME,
        confidence=confidence,
        difference=difference_of(list(pairs.values()), confidence),
        chance=whole.worse,
        smallest_visible=smallest_visible(noisy, tail) if noisy else 0.0,
        power=POWER,
        changes=tuple(changes),
        only_before=tuple(case for case in before.cases if case not in now.cases),
        only_now=tuple(case for case in now.cases if case not in before.cases),
        is_same_suite=before.suite_digest == now.suite_digest,
    )


def difference_of(pairs: Sequence[Pair], confidence: float) -> Interval:
    """The change of the mean share, and its range.

    The variance is that of no change, which is never too small; one try that went the other way,
    in each direction, is added, so that a suite that always passed is not believed to be certain.
    """
    if not pairs:
        return Interval(0.0, -1.0, 1.0)
    count = len(pairs)
    value = sum(pair.difference for pair in pairs) / count
    tried = min(min(pair.tried_before, pair.tried_now) for pair in pairs)
    variance = sum(pair.variance for pair in pairs) + 2 / tried**2
    half = z_of((1 - confidence) / 2) * math.sqrt(variance) / count
    return Interval(value, max(-1.0, value - half), min(1.0, value + half))


def _pair(before: Tally, now: Tally) -> Pair:
    return Pair(before.passed, before.tried, now.passed, now.tried)


def _changes(before: Standing, now: Standing, pairs: dict[str, Pair], tail: float) -> list[Change]:
    steady = {case: before.cases[case].is_steady and now.cases[case].is_steady for case in pairs}
    noisy = [case for case in pairs if not steady[case]]
    chances = dict(zip(noisy, holm([tails([pairs[case]]).worse for case in noisy]), strict=True))
    found: list[Change] = []
    for case, pair in pairs.items():
        chance = (0.0 if pair.difference < 0 else 1.0) if steady[case] else chances[case]
        found.append(
            Change(
                case,
                (pair.passed_before, pair.tried_before),
                (pair.passed_now, pair.tried_now),
                chance,
                is_steady=steady[case],
                is_worse=chance <= tail,
            )
        )
    return found
