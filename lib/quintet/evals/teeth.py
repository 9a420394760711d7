"""Whether a case can fail at all: wrong answers are put to its assertions, which must catch them.

A suite that passes whatever is answered is worse than none, because it is believed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from quintet.evals.case import Case, Suite, problems_of
from quintet.evals.check import Looks
from quintet.evals.instruments import Instruments
from quintet.evals.known_bad import Wrong, given_wrong, wrong_answers, wrong_steps
from quintet.evals.observation import ABSENT, Observation, answer_of


@dataclass(frozen=True, slots=True)
class Teeth:
    """What a case catches. `survived` names the wrong answers that it took for right ones.

    `rejects` says why the right answer itself does not pass. `has_reference` is False where nobody
    knows a right answer, so that only answers that are wrong everywhere could be tried.
    """

    case: str
    tried: int
    survived: tuple[str, ...]
    given_survived: int = 0
    rejects: tuple[str, ...] = ()
    has_reference: bool = True

    @property
    def is_toothless(self) -> bool:
        """It takes half of the wrong answers or more for right, or one that its author gave."""
        return bool(self.given_survived) or 2 * len(self.survived) >= self.tried > 0

    @property
    def is_sound(self) -> bool:
        return not self.is_toothless and not self.rejects


def teeth_of(
    suite: Suite, tools: Instruments, observed: Mapping[str, Observation] | None = None
) -> list[Teeth]:
    """Try every case on wrong answers; `observed` are right ones that were seen, by case."""
    seen = observed or {}
    answers = [one.expect for one in suite.cases if one.expect is not ABSENT]
    answers += [right.text for id, right in seen.items() if _expects_nothing(suite, id)]
    return [_teeth(case, answers, tools, seen.get(case.id)) for case in suite.cases]


def _expects_nothing(suite: Suite, id: str) -> bool:
    return any(case.id == id and case.expect is ABSENT for case in suite.cases)


def _teeth(
    case: Case, answers: Sequence[Any], tools: Instruments, seen: Observation | None
) -> Teeth:
    right = _right(case, seen)
    wrong = list(_wrong_for(case, right, list(answers)))
    survived = tuple(one.how for one in wrong if not problems_of(case, one.seen, tools))
    given = [given_wrong(bad, right) for bad in case.bad]
    given_survived = sum(not problems_of(case, one.seen, tools) for one in given)
    rejects = _rejected(case, tools, seen)
    return Teeth(case.id, len(wrong), survived, given_survived, rejects, right is not None)


def _right(case: Case, seen: Observation | None) -> Observation | None:
    if seen is not None:
        return seen
    return None if case.expect is ABSENT else answer_of(case.expect)


def _wrong_for(case: Case, right: Observation | None, answers: list[Any]) -> list[Wrong]:
    looks = case.looks()
    found: list[Wrong] = []
    # A case that only watches what is done is not asked about the words, unless it watches neither.
    if Looks.ANSWER in looks or Looks.STEPS not in looks:
        found += wrong_answers(right or Observation(""), answers, case.id)
    if Looks.STEPS in looks and right is not None and right.steps:
        found += wrong_steps(right)
    return found


def _rejected(case: Case, tools: Instruments, seen: Observation | None) -> tuple[str, ...]:
    """Why the reference of the case does not pass, as far as words can show it."""
    if case.expect is ABSENT:
        return ()
    reference = answer_of(case.expect)
    checks = [check for check in case.checks if check.looks is Looks.ANSWER]
    # What a citation says can only be seen where its files are.
    told = [c for c in checks if c.name != "citation" or seen is not None]
    return tuple(f"{c.name}: {found}" for c in told if (found := c.problem(reference, tools)))
