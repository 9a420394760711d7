"""Intervals and tests against exact counting and simulation."""

import itertools
import random
from math import comb

import pytest

from quintet.evals.compare import Comparison, Verdict, compare, difference_of
from quintet.evals.interval import suite_interval, wilson
from quintet.evals.paired import Pair, holm, tails
from quintet.evals.standing import Standing, Tally


def _standing(counts: list[tuple[int, int]], *, steady: bool = False) -> Standing:
    tallies = {f"case-{at}": Tally(*one, steady) for at, one in enumerate(counts)}
    return Standing("a" * 14, "plain", "d", "2026-01-01", tallies)


def _compared(
    before: list[tuple[int, int]], now: list[tuple[int, int]], *, steady: bool = False
) -> Comparison:
    return compare(_standing(before, steady=steady), _standing(now, steady=steady))


@pytest.mark.parametrize(
    ("passed", "tried", "low", "high"),
    # From Newcombe (1998), table I, method 3.
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_gives_the_published_intervals(
    passed: int, tried: int, low: float, high: float
) -> None:
    found = wilson(passed, tried, 0.95)
    assert found.low == pytest.approx(low, abs=5e-5)
    assert found.high == pytest.approx(high, abs=5e-5)


def test_the_interval_of_a_suite_holds_the_truth_as_often_as_it_says() -> None:
    chance = random.Random(7)
    truths = [0.5, 0.8, 0.9, 0.99, 1.0] * 6
    truth = sum(truths) / len(truths)
    held = 0
    for _ in range(1000):
        counts = [(sum(chance.random() < p for _ in range(5)), 5) for p in truths]
        found = suite_interval(counts, 0.95)
        held += found.low <= truth <= found.high
    assert held >= 950


def _by_enumeration(pairs: list[Pair]) -> tuple[float, float]:
    """Every way in which the passes of each case can fall into the two runs."""
    ways: dict[int, int] = {}
    spaces = [
        list(itertools.combinations(range(p.tried_before + p.tried_now), p.tried_now))
        for p in pairs
    ]
    for choice in itertools.product(*spaces):
        total = sum(
            sum(at < p.passed_before + p.passed_now for at in drawn)
            for drawn, p in zip(choice, pairs, strict=True)
        )
        ways[total] = ways.get(total, 0) + 1
    seen, whole = sum(p.passed_now for p in pairs), sum(ways.values())
    here = ways[seen] / 2
    worse = sum(count for total, count in ways.items() if total < seen) + here
    better = sum(count for total, count in ways.items() if total > seen) + here
    return worse / whole, better / whole


@pytest.mark.parametrize(
    "pairs",
    [
        [Pair(3, 3, 0, 3)],
        [Pair(1, 1, 0, 1)] * 4 + [Pair(0, 1, 1, 1)],
        [Pair(2, 3, 1, 2), Pair(3, 3, 1, 3), Pair(1, 2, 1, 2)],
        [Pair(0, 2, 2, 2), Pair(2, 2, 1, 2), Pair(2, 2, 2, 2)],
    ],
    ids=str,
)
def test_the_test_is_what_counting_every_possibility_gives(pairs: list[Pair]) -> None:
    found = tails(pairs)
    assert (found.worse, found.better) == pytest.approx(_by_enumeration(pairs))


def test_with_one_try_a_case_it_is_the_test_of_mcnemar() -> None:
    # 10 cases fell, 3 rose: the binomial tail, half of the middle counted.
    pairs = [Pair(1, 1, 0, 1)] * 10 + [Pair(0, 1, 1, 1)] * 3 + [Pair(1, 1, 1, 1)] * 50
    expected = (sum(comb(13, k) for k in range(3)) + comb(13, 3) / 2) / 2**13
    assert tails(pairs).worse == pytest.approx(expected)


def test_many_cases_are_corrected_for_as_holm_does() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([]) == []


def test_the_range_of_a_change_holds_the_truth_as_often_as_it_says() -> None:
    chance = random.Random(11)
    befores = [0.6, 0.8, 0.95, 1.0] * 10
    nows = [p - 0.1 for p in befores]
    held = 0
    for _ in range(1000):
        pairs = [
            Pair(_drawn(chance, a, 4), 4, _drawn(chance, b, 4), 4)
            for a, b in zip(befores, nows, strict=True)
        ]
        found = difference_of(pairs, 0.95)
        held += found.low <= -0.1 <= found.high
    assert held >= 940


def _drawn(chance: random.Random, share: float, tries: int) -> int:
    return sum(chance.random() < share for _ in range(tries))


@pytest.mark.demand("EVAL-3")
def test_a_drop_of_the_whole_suite_is_worse_though_no_case_shows_it() -> None:
    found = _compared([(18, 20)] * 60, [(15, 20)] * 60)
    assert found.verdict is Verdict.WORSE
    assert not found.worse_cases
    assert found.difference.high < 0


@pytest.mark.demand("EVAL-3")
def test_one_case_that_breaks_among_many_is_named() -> None:
    before = [(16, 16)] * 100
    found = _compared(before, [*before[:99], (0, 16)])
    assert found.verdict is Verdict.WORSE
    assert [one.case for one in found.worse_cases] == ["case-99"]


@pytest.mark.demand("EVAL-3")
def test_noise_is_no_change_and_what_could_have_been_seen_is_said() -> None:
    found = _compared([(9, 10), (8, 10)] * 20, [(8, 10), (9, 10)] * 20)
    assert found.verdict is Verdict.SAME
    assert found.smallest_visible
    assert 0.05 < found.smallest_visible < 0.2


def test_one_try_of_a_few_cases_can_see_nothing_and_says_so() -> None:
    found = _compared([(1, 1)] * 3, [(1, 1), (1, 1), (0, 1)])
    assert found.verdict is Verdict.SAME
    assert found.smallest_visible is None


def test_a_subject_without_chance_needs_no_statistics() -> None:
    found = _compared([(1, 1)] * 3, [(1, 1), (1, 1), (0, 1)], steady=True)
    assert found.verdict is Verdict.WORSE
    assert [one.case for one in found.worse_cases] == ["case-2"]
    same = _compared([(1, 1), (0, 1)], [(1, 1), (0, 1)], steady=True)
    assert (same.verdict, same.smallest_visible) == (Verdict.SAME, 0.0)


def test_a_suite_that_rose_is_better() -> None:
    assert _compared([(10, 20)] * 40, [(18, 20)] * 40).verdict is Verdict.BETTER


def test_cases_of_one_run_alone_are_named_and_not_compared() -> None:
    before, now = _standing([(1, 1)] * 2), _standing([(1, 1)] * 3)
    found = compare(before, now)
    assert found.only_now == ("case-2",)
    assert compare(now, before).only_before == ("case-2",)
    assert compare(_standing([]), now).verdict is Verdict.SAME
