"""The assertion that a citation holds: the file is there, the span is in it, its words are there.

A citation is an object with `file`, `where` and `quote`, or a text such as `notes.txt:3`. `where`
is a line (`3`), lines (`3-5`) or characters (`120:180`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from quintet.evals.check import Looks, Place, shown
from quintet.evals.instruments import Instruments
from quintet.evals.observation import Observation

_WHERE = re.compile(r"(\d{1,9})(?:([-:])(\d{1,9}))?")
_PLACED = re.compile(r"(.+?):(\d{1,9}(?:-\d{1,9})?)")


@dataclass(frozen=True, slots=True)
class Names:
    """What the members of a citation are called in the answers of this subject."""

    file: str = "file"
    where: str = "where"
    quote: str = "quote"


@dataclass(frozen=True, slots=True)
class Cites:
    """Every citation at the place holds, and there is one."""

    place: Place
    names: Names
    name: str = "citation"
    looks: Looks = Looks.ANSWER

    def problem(self, seen: Observation, tools: Instruments) -> str:
        values = self.place.values(seen)
        if not values:
            return self.place.nothing(seen)
        found = (_broken(value, self.names, seen) for value in values)
        return next((problem for problem in found if problem), "")


def _broken(value: Any, names: Names, seen: Observation) -> str:
    file, where, quote = _parts(value, names)
    if not file:
        return f"{shown(value)} is no citation: it names no file"
    data = seen.read_file(file)
    if data is None:
        return f"the cited file {shown(file)} is not there"
    span = _span(data.decode("utf-8", "replace"), where)
    if span is None:
        return f"{shown(file)} has no span {shown(where)}"
    if quote and _spaced(quote) not in _spaced(span):
        return f"{shown(file)} at {where or 'any place'} does not say {shown(quote)}"
    return ""


def _parts(value: Any, names: Names) -> tuple[str, str, str]:
    if isinstance(value, str):
        placed = _PLACED.fullmatch(value)
        return (placed[1], placed[2], "") if placed else (value, "", "")
    if not isinstance(value, Mapping):
        return "", "", ""
    members = cast("Mapping[str, Any]", value)
    file, where = str(members.get(names.file, "")), str(members.get(names.where, ""))
    if not file and (placed := _PLACED.fullmatch(where)):
        file, where = placed[1], placed[2]
    return file, where, _quoted(members.get(names.quote, ""))


def _quoted(quote: Any) -> str:
    if isinstance(quote, list):
        return "\n".join(map(str, cast("list[Any]", quote)))
    return str(quote)


def _span(text: str, where: str) -> str | None:
    """The cited part of a text: all of it where no place is named, None where there is none."""
    if not where:
        return text
    found = _WHERE.fullmatch(where)
    if found is None:
        return None
    first, last = int(found[1]), int(found[3] or found[1])
    if found[2] == ":":
        return text[first:last] if first < last <= len(text) else None
    lines = text.splitlines()
    return "\n".join(lines[first - 1 : last]) if 1 <= first <= last <= len(lines) else None


def _spaced(text: str) -> str:
    return " ".join(text.split())
