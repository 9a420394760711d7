"""Assertions on what the subject did and what that took: steps, status, cost, time."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase

from quintet.evals.check import Looks
from quintet.evals.instruments import Instruments
from quintet.evals.observation import Observation

_SHOWN_STEPS = 8
MICROS = 1_000_000


class Match(StrEnum):
    """How steps are compared: the same, in this order among others, or all of them anywhere."""

    EXACT = "exact"
    ORDER = "order"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Trajectory:
    """Which steps were taken; `*` in a step stands for any letters."""

    steps: tuple[str, ...]
    match: Match
    name: str = "trajectory"
    looks: Looks = Looks.STEPS

    def problem(self, seen: Observation, tools: Instruments) -> str:
        if self.match is Match.EXACT:
            pairs = zip(seen.steps, self.steps, strict=False)
            same = len(seen.steps) == len(self.steps) and all(fnmatchcase(*pair) for pair in pairs)
            return "" if same else f"the steps were {_told(seen.steps)}, not {_told(self.steps)}"
        missing = _missing(seen.steps, self.steps, in_order=self.match is Match.ORDER)
        return f"the step {missing} is missing; there were {_told(seen.steps)}" if missing else ""


@dataclass(frozen=True, slots=True)
class Never:
    """None of these steps was taken."""

    steps: tuple[str, ...]
    name: str = "never"
    looks: Looks = Looks.STEPS

    def problem(self, seen: Observation, tools: Instruments) -> str:
        taken = (one for one in seen.steps if any(fnmatchcase(one, bad) for bad in self.steps))
        found = next(taken, "")
        return f"the step {found} was taken" if found else ""


@dataclass(frozen=True, slots=True)
class Status:
    """The exit status; where a case says nothing of it, it must be 0."""

    status: int
    name: str = "status"
    looks: Looks = Looks.RUN

    def problem(self, seen: Observation, tools: Instruments) -> str:
        if seen.ended:
            return seen.ended
        if seen.status == self.status:
            return ""
        return f"it ended with status {seen.status}, not {self.status}"


@dataclass(frozen=True, slots=True)
class Most:
    """A ceiling on money, tokens or time."""

    name: str
    limit: float
    looks: Looks = Looks.RUN

    def problem(self, seen: Observation, tools: Instruments) -> str:
        match self.name:
            case "cost_usd":
                used, unit = seen.money_micros / MICROS, " USD"
            case "tokens":
                used, unit = float(seen.tokens), " tokens"
            case _:
                used, unit = seen.latency_s, " s"
        return f"it took {used:.6g}{unit}, over {self.limit:.6g}" if used > self.limit else ""


def _missing(taken: tuple[str, ...], wanted: tuple[str, ...], *, in_order: bool) -> str:
    """The first wanted step that is not there; each one taken counts once."""
    left = list(taken)
    for pattern in wanted:
        at = next((at for at, step in enumerate(left) if fnmatchcase(step, pattern)), None)
        if at is None:
            return pattern
        left = left[at + 1 :] if in_order else left[:at] + left[at + 1 :]
    return ""


def _told(steps: tuple[str, ...]) -> str:
    more = len(steps) - _SHOWN_STEPS
    told = " → ".join(steps[:_SHOWN_STEPS]) or "none"
    return f"{told} and {more} more" if more > 0 else told
