"""Plants regressions of five points: how many are caught, and how often it is a false alarm.

A suite whose subject passes with a seeded probability is run twice, as `ai eval run` would, and the
two runs are compared by the code that decides the exit status. In half of the trials every case
has lost five points of its probability (or one case in twenty is broken); in the other half
nothing has changed.

    python benchmarks/evals/regressions.py [--cases 100] [--repeats 25] [--trials 100]
    python benchmarks/evals/regressions.py --sizes      which sizes see how much
    python benchmarks/evals/regressions.py --methods    the test beside others
"""

import argparse
import math
import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "lib"), str(ROOT / "cli"), str(ROOT / "tests")]

from quintet.app.evals import INSTRUMENTS
from quintet.evals.case import problems_of
from quintet.evals.compare import CONFIDENCE, Comparison, Verdict, compare
from quintet.evals.interval import z_of
from quintet.evals.paired import Pair, tails
from quintet.evals.results import Attempt, SuiteResult
from quintet.evals.runner import seed_of
from quintet.evals.standing import Standing
from support.suites import ChanceObserver, plain_suite

DROP = 0.05
Harm = Callable[[list[float]], list[float]]


def probabilities(cases: int, trial: int) -> list[float]:
    """Half of the cases nearly always pass, the others between half the time and nearly always."""
    chance = random.Random(f"suite {trial}")
    return [
        chance.uniform(0.95, 1.0) if at % 2 else chance.uniform(0.5, 0.95) for at in range(cases)
    ]


def unharmed(shares: list[float]) -> list[float]:
    return shares


def every_case(shares: list[float]) -> list[float]:
    return [max(0.0, share - DROP) for share in shares]


def one_in_twenty(shares: list[float]) -> list[float]:
    return [0.0 if at % 20 == 7 else share for at, share in enumerate(shares)]


def run(shares: list[float], repeats: int, seed: int) -> Standing:
    """A run of the suite, judged by its assertions."""
    suite = plain_suite(len(shares))
    passes = {case.id: share for case, share in zip(suite.cases, shares, strict=True)}
    observer = ChanceObserver(passes.__getitem__)
    attempts: list[Attempt] = []
    for case in suite.cases:
        for repeat in range(repeats):
            with observer.observed(case, seed_of(seed, case.id, repeat)) as seen:
                attempts.append(Attempt(case.id, repeat, problems_of(case, seen, INSTRUMENTS)))
    result = SuiteResult("r" * 14, suite.name, suite.digest, "", seed, repeats, tuple(attempts))
    return result.standing


@dataclass(frozen=True)
class Count:
    """How many trials were called worse, and what the comparisons said they could see."""

    worse: int
    trials: int
    visible: float


def count(harm: Harm, cases: int, repeats: int, trials: int) -> Count:
    worse, visible = 0, list[float]()
    for trial in range(trials):
        comparison = _compared(harm, cases, repeats, trial)
        worse += comparison.verdict is Verdict.WORSE
        if comparison.smallest_visible is not None:
            visible.append(comparison.smallest_visible)
    return Count(worse, trials, sum(visible) / len(visible) if visible else math.nan)


def _compared(harm: Harm, cases: int, repeats: int, trial: int) -> Comparison:
    shares = probabilities(cases, trial)
    before = run(shares, repeats, 2 * trial)
    return compare(before, run(harm(shares), repeats, 2 * trial + 1))


def report(cases: int, repeats: int, trials: int) -> bool:
    print(f"{cases} cases, {repeats} tries each, confidence {CONFIDENCE:.0%}, {trials} trials each")
    spread = count(every_case, cases, repeats, trials)
    broken = count(one_in_twenty, cases, repeats, trials)
    alarms = count(unharmed, cases, repeats, trials)
    print(f"  every case lost {DROP:.0%}: caught in {spread.worse} of {trials}")
    print(f"  one case in twenty broken: caught in {broken.worse} of {trials}")
    print(f"  nothing changed: called worse in {alarms.worse} of {trials}")
    print(f"  said of itself: can see drops of {100 * alarms.visible:.1f} points, 80 % of the time")
    return min(spread.worse, broken.worse) >= 0.95 * trials and alarms.worse <= 0.05 * trials


def sizes(trials: int) -> None:
    print("cases  tries  caught  false alarms  said to be visible 80 % of the time")
    for cases, repeats in ((20, 5), (50, 10), (100, 5), (100, 10), (100, 15), (100, 20), (100, 25)):
        caught = count(every_case, cases, repeats, trials)
        alarms = count(unharmed, cases, repeats, trials)
        said = f"{100 * alarms.visible:.1f} points"
        print(f"{cases:5}  {repeats:5}  {caught.worse:6}  {alarms.worse:12}  {said}")


def sign_flip(pairs: Sequence[Pair], chance: random.Random, draws: int = 1000) -> float:
    """The permutation test: differences of cases, each with its sign drawn anew."""
    differences = [pair.passed_now - pair.passed_before for pair in pairs]
    seen = sum(differences)
    as_low = sum(
        sum(d if chance.random() < 0.5 else -d for d in differences) <= seen for _ in range(draws)
    )
    return (as_low + 1) / (draws + 1)


def bootstrap(pairs: Sequence[Pair], chance: random.Random, draws: int = 1000) -> float:
    """The share of resampled suites whose passes did not fall."""
    differences = [pair.passed_now - pair.passed_before for pair in pairs]
    return sum(sum(chance.choices(differences, k=len(pairs))) >= 0 for _ in range(draws)) / draws


def two_shares(pairs: Sequence[Pair], _chance: random.Random) -> float:
    """The usual test of two shares, which does not know which tries belong together."""
    tried = sum(pair.tried_now for pair in pairs)
    before = sum(pair.passed_before for pair in pairs) / tried
    now = sum(pair.passed_now for pair in pairs) / tried
    middle = (before + now) / 2
    spread = math.sqrt(2 * middle * (1 - middle) / tried) or 1.0
    return 0.5 * math.erfc((before - now) / spread / math.sqrt(2))


def methods(cases: int, repeats: int, trials: int) -> None:
    """At one and the same level: the half of the doubt that the suite as a whole gets."""
    level = (1 - CONFIDENCE) / 2
    tests: dict[str, Callable[[Sequence[Pair], random.Random], float]] = {
        "exact, mid-p": lambda pairs, _chance: tails(pairs).worse,
        "permuted signs": sign_flip,
        "bootstrap": bootstrap,
        "two shares": two_shares,
    }
    print(f"{cases} cases, {repeats} tries, level {level:g} (z = {z_of(level):.2f})")
    print("test            caught  false alarms")
    for name, test in tests.items():
        found = [
            sum(
                test(_pairs(harm, cases, repeats, trial), random.Random(trial)) <= level
                for trial in range(trials)
            )
            for harm in (every_case, unharmed)
        ]
        print(f"{name:14}  {found[0]:6}  {found[1]:12}")


def _pairs(harm: Harm, cases: int, repeats: int, trial: int) -> list[Pair]:
    comparison = _compared(harm, cases, repeats, trial)
    return [Pair(*change.before, *change.now) for change in comparison.changes]


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cases", type=int, default=100)
    parser.add_argument("--repeats", type=int, default=25)
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--sizes", action="store_true")
    parser.add_argument("--methods", action="store_true")
    given = parser.parse_args()
    began_s = time.monotonic()
    if given.sizes:
        sizes(given.trials)
    elif given.methods:
        methods(given.cases, given.repeats, given.trials)
    elif not report(given.cases, given.repeats, given.trials):
        return 1
    print(f"in {time.monotonic() - began_s:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
