"""What an assertion is to everything else: a name, what it looks at, and the problem it sees."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from quintet.evals.instruments import Instruments
from quintet.evals.jsonpath import Step, select
from quintet.evals.observation import ABSENT, Observation, text_of

_SHOWN_CHARS = 80


class Looks(StrEnum):
    """What an assertion looks at."""

    ANSWER = "answer"
    STEPS = "steps"
    RUN = "run"


class Check(Protocol):
    """One assertion of a case. `problem` is empty where it holds."""

    @property
    def name(self) -> str: ...

    @property
    def looks(self) -> Looks: ...

    def problem(self, seen: Observation, tools: Instruments) -> str: ...


@dataclass(frozen=True, slots=True)
class Place:
    """Which part of the answer is meant: all of it as text, or what stands at a path."""

    text: str = ""
    steps: tuple[Step, ...] = ()

    def __str__(self) -> str:
        return self.text or "the answer"

    def texts(self, seen: Observation) -> list[str]:
        if not self.text:
            return [seen.text.rstrip("\r\n")]
        return [text_of(value) for value in self.values(seen)]

    def values(self, seen: Observation) -> list[Any]:
        """The JSON values there; without a path the whole answer, if it is JSON."""
        return [] if seen.value is ABSENT else select(seen.value, self.steps)

    def nothing(self, seen: Observation) -> str:
        """Why there is nothing to look at."""
        if seen.value is ABSENT:
            return f"the answer is not JSON: {shown(seen.text)}"
        return f"nothing stands at {self}"


def shown(value: Any) -> str:
    """A value as a person is shown it in half a line."""
    text = text_of(value)
    return repr(text if len(text) <= _SHOWN_CHARS else f"{text[: _SHOWN_CHARS - 1]}…")
