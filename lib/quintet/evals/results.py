"""What came of a suite: every try of every case, and what follows for each case and for all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from quintet.evals.interval import Interval, suite_interval, wilson
from quintet.evals.standing import Standing, Tally


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of one case. `problems` is empty where everything held."""

    case: str
    repeat: int
    problems: tuple[str, ...] = ()
    status: int = 0
    money_micros: int = 0
    tokens: int = 0
    latency_s: float = 0.0
    is_steady: bool = False

    @property
    def is_passed(self) -> bool:
        return not self.problems


@dataclass(frozen=True, slots=True)
class CaseResult:
    """All tries of one case."""

    case: str
    attempts: tuple[Attempt, ...]

    @property
    def passed(self) -> int:
        return sum(attempt.is_passed for attempt in self.attempts)

    @property
    def tried(self) -> int:
        return len(self.attempts)

    @property
    def is_passed(self) -> bool:
        return self.passed == self.tried

    @property
    def is_steady(self) -> bool:
        """Its subject gives the same again, so that any change of the outcome is a real one."""
        return all(attempt.is_steady for attempt in self.attempts)

    @property
    def problems(self) -> tuple[str, ...]:
        """What went wrong, each once."""
        return tuple(dict.fromkeys(text for one in self.attempts for text in one.problems))

    def interval(self, confidence: float) -> Interval:
        return wilson(self.passed, self.tried, confidence)


@dataclass(frozen=True)
class SuiteResult:
    """A run of a suite. `suite_digest` is the SHA-256 of its file, `missing` counts the tries that
    were not made, because the run was cut short.
    """

    id: str
    suite: str
    suite_digest: str
    at: str
    seed: int
    repeats: int
    attempts: tuple[Attempt, ...]
    missing: int = 0

    @cached_property
    def cases(self) -> Mapping[str, CaseResult]:
        grouped: dict[str, list[Attempt]] = {}
        for attempt in self.attempts:
            grouped.setdefault(attempt.case, []).append(attempt)
        return {case: CaseResult(case, tuple(tries)) for case, tries in grouped.items()}

    @property
    def passed_cases(self) -> int:
        return sum(case.is_passed for case in self.cases.values())

    @property
    def money_micros(self) -> int:
        return sum(attempt.money_micros for attempt in self.attempts)

    @property
    def tokens(self) -> int:
        return sum(attempt.tokens for attempt in self.attempts)

    def interval(self, confidence: float) -> Interval:
        return suite_interval(self.counts, confidence)

    @property
    def standing(self) -> Standing:
        """What a later run is compared with."""
        tallies = {
            name: Tally(case.passed, case.tried, case.is_steady)
            for name, case in self.cases.items()
        }
        return Standing(self.id, self.suite, self.suite_digest, self.at, tallies)

    @property
    def counts(self) -> Sequence[tuple[int, int]]:
        return [(case.passed, case.tried) for case in self.cases.values()]
