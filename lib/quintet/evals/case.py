"""A case: something to try, and what must hold of what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from quintet.evals.check import Check, Looks
from quintet.evals.instruments import Instruments
from quintet.evals.observation import ABSENT, Observation

NOW = "2026-01-01T12:00:00+00:00"


@dataclass(frozen=True, slots=True)
class VerbSubject:
    """A verb of `ai` with its words, the files it finds, and the moment at which it believes to be.

    `before` are command lines that go first in the same home and must succeed. `tape` names a file
    beside the suite: what models answer, and all that they answer.
    """

    words: tuple[str, ...]
    before: tuple[tuple[str, ...], ...] = ()
    files: Mapping[str, bytes] = field(default_factory=dict[str, bytes])
    stdin: str = ""
    tape: str = ""
    now: str = NOW


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a prompt."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Offered:
    """A tool that the model may ask for."""

    name: str
    description: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PromptSubject:
    """A request to a model. An empty `model` is the one that the user chose."""

    turns: tuple[Turn, ...]
    model: str = ""
    max_tokens: int = 1024
    schema: Mapping[str, Any] | None = None
    tools: tuple[Offered, ...] = ()
    temperature: float | None = None


Subject = VerbSubject | PromptSubject


@dataclass(frozen=True, slots=True)
class Case:
    """`expect` is a right answer, `bad` are wrong ones that the assertions must catch.

    `is_steady` says whether its outcome is the same every time, where its author knows better.
    """

    id: str
    subject: Subject
    checks: tuple[Check, ...]
    expect: Any = ABSENT
    bad: tuple[Any, ...] = ()
    timeout_s: float = 60.0
    is_steady: bool | None = None
    line: int = 0

    @property
    def needs_success(self) -> bool:
        """A case that says nothing of the status wants it to be 0."""
        return all(check.name != "status" for check in self.checks)

    def steadiness(self, seen: Observation) -> bool:
        """Whether a change of its outcome is never chance; how long things take always is."""
        if self.is_steady is not None:
            return self.is_steady
        return seen.is_steady and all(check.name != "latency_s" for check in self.checks)

    def looks(self) -> set[Looks]:
        return {check.looks for check in self.checks}


@dataclass(frozen=True, slots=True)
class Suite:
    """All cases of a file, in its order; `digest` names the file's content."""

    name: str
    cases: tuple[Case, ...]
    digest: str = ""


def problems_of(case: Case, seen: Observation, tools: Instruments) -> tuple[str, ...]:
    """What does not hold, one line for each assertion, its name first."""
    found: list[str] = []
    if case.needs_success and (seen.ended or seen.status):
        found.append(f"status: {seen.ended or f'it ended with status {seen.status}, not 0'}")
    for check in case.checks:
        if problem := check.problem(seen, tools):
            found.append(f"{check.name}: {problem}")
    return tuple(found)
