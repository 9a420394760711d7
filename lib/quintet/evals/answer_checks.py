"""Assertions on the answer: its words, its values, its shape.

Where a path leads to several places, one that fits is enough; what must not be, and what must have
a shape, is asked of all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from quintet.evals.check import Looks, Place, shown
from quintet.evals.instruments import Instruments
from quintet.evals.observation import Observation

PATTERN_WORK_LIMIT = 5_000_000


@dataclass(frozen=True, slots=True)
class Exact:
    """The answer is this text, but for line ends behind it."""

    place: Place
    text: str
    name: str = "exact"
    looks: Looks = Looks.ANSWER

    def problem(self, seen: Observation, tools: Instruments) -> str:
        wanted = self.text.rstrip("\r\n")
        return _one_of(self.place, seen, lambda text: text == wanted, f"is not {shown(self.text)}")


@dataclass(frozen=True, slots=True)
class Contains:
    """All of these texts stand in it."""

    place: Place
    texts: tuple[str, ...]
    name: str = "contains"
    looks: Looks = Looks.ANSWER

    def problem(self, seen: Observation, tools: Instruments) -> str:
        for wanted in self.texts:
            if found := _one_of(
                self.place, seen, lambda text, part=wanted: part in text, f"lacks {shown(wanted)}"
            ):
                return found
        return ""


@dataclass(frozen=True, slots=True)
class Lacks:
    """None of these texts stands in it."""

    place: Place
    texts: tuple[str, ...]
    name: str = "lacks"
    looks: Looks = Looks.ANSWER

    def problem(self, seen: Observation, tools: Instruments) -> str:
        for text in self.place.texts(seen):
            for unwanted in self.texts:
                if unwanted in text:
                    return f"{self.place} holds {shown(unwanted)}"
        return ""


@dataclass(frozen=True, slots=True)
class Matches:
    """The pattern is found in it; one that would take too long is a problem, not a wait."""

    place: Place
    pattern: str
    name: str = "regex"
    looks: Looks = Looks.ANSWER

    def problem(self, seen: Observation, tools: Instruments) -> str:
        texts = self.place.texts(seen)
        if sum(map(len, texts)) * tools.pattern_size(self.pattern) > PATTERN_WORK_LIMIT:
            return f"{self.place} is too long to search for {shown(self.pattern)}"
        return _one_of(
            self.place,
            seen,
            lambda text: tools.found(self.pattern, text),
            f"does not match {shown(self.pattern)}",
        )


@dataclass(frozen=True, slots=True)
class Equals:
    """A JSON value is this one; 1 is 1.0, and true is not 1."""

    place: Place
    value: Any
    name: str = "equals"
    looks: Looks = Looks.ANSWER

    def problem(self, seen: Observation, tools: Instruments) -> str:
        values = self.place.values(seen)
        if not values:
            return self.place.nothing(seen)
        if any(tools.same(value, self.value) for value in values):
            return ""
        return f"{self.place} is {shown(values[0])}, not {shown(self.value)}"


@dataclass(frozen=True, slots=True)
class Near:
    """A number is within a distance of this one."""

    place: Place
    number: float
    within: float
    name: str = "near"
    looks: Looks = Looks.ANSWER

    def problem(self, seen: Observation, tools: Instruments) -> str:
        numbers = [value for value in self.place.values(seen) if _is_number(value)]
        if any(abs(number - self.number) <= self.within for number in numbers):
            return ""
        found = shown(numbers[0]) if numbers else "no number"
        return f"{self.place} is {found}, not within {self.within:g} of {self.number:g}"


@dataclass(frozen=True, slots=True)
class Shape:
    """Every value there fits the JSON Schema."""

    place: Place
    schema: Mapping[str, Any]
    name: str = "schema"
    looks: Looks = Looks.ANSWER

    def problem(self, seen: Observation, tools: Instruments) -> str:
        values = self.place.values(seen)
        if not values:
            return self.place.nothing(seen)
        found = [
            problem for value in values for problem in tools.schema_problems(self.schema, value)
        ]
        return f"{self.place} does not fit its schema: {found[0]}" if found else ""


@dataclass(frozen=True, slots=True)
class Exists:
    """Something stands at the path, or nothing does."""

    place: Place
    wanted: bool
    name: str = "exists"
    looks: Looks = Looks.ANSWER

    def problem(self, seen: Observation, tools: Instruments) -> str:
        if bool(self.place.values(seen)) == self.wanted:
            return ""
        return self.place.nothing(seen) if self.wanted else f"something stands at {self.place}"


@dataclass(frozen=True, slots=True)
class Counts:
    """As many things stand at the path."""

    place: Place
    count: int
    name: str = "count"
    looks: Looks = Looks.ANSWER

    def problem(self, seen: Observation, tools: Instruments) -> str:
        found = len(self.place.values(seen))
        return (
            "" if found == self.count else f"{found} things stand at {self.place}, not {self.count}"
        )


def _one_of(place: Place, seen: Observation, fits: Callable[[str], bool], otherwise: str) -> str:
    texts = place.texts(seen)
    if not texts:
        return place.nothing(seen)
    return "" if any(map(fits, texts)) else f"{place} {otherwise}: {shown(texts[0])}"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
