"""Places in a JSON value: `$`, `.name`, `["name"]`, `[2]`, `[-1]` and `[*]`, and nothing more.

Filters and scripts of the full language would let a case compute; a case only points.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

from quintet.errors import UsageError

_STEP = re.compile(
    r"""\.([A-Za-z_][\w-]*|\*) | \[(-?\d{1,9}|\*)\] | \["([^"\\]*)"\] | \['([^'\\]*)'\]""", re.X
)
_LIMIT_CHARS = 1000
_ANY = None
Step = str | int | None


class BadPath(UsageError):
    """A text that is no path."""

    code = "evals.bad_path"


def parse_path(text: str) -> tuple[Step, ...]:
    """The steps of a path: names, positions, and None for all members."""
    if not text.startswith("$") or len(text) > _LIMIT_CHARS:
        raise BadPath(f"{text[:60]!r} is no path", why="a path begins with $, as in $.items[0]")
    steps: list[Step] = []
    at = 1
    while at < len(text):
        found = _STEP.match(text, at)
        if found is None:
            why = f'{text[at : at + 20]!r} is none of .name [0] [*] ["name"]'
            raise BadPath(f"{text[:60]!r} is no path", why=why)
        steps.append(_step(found))
        at = found.end()
    return tuple(steps)


def _step(found: re.Match[str]) -> Step:
    name, position, double, single = found.groups()
    if "*" in (name, position):
        return _ANY
    if position is not None:
        return int(position)
    return next(text for text in (name, double, single) if text is not None)


def select(value: Any, steps: tuple[Step, ...]) -> list[Any]:
    """What stands at the path; several things where it says `[*]`, none where it leads nowhere."""
    found = [value]
    for step in steps:
        found = [inner for one in found for inner in _members(one, step)]
    return found


def _members(value: Any, step: Step) -> Iterator[Any]:
    if isinstance(value, Mapping):
        members = cast("Mapping[str, Any]", value)
        if step is _ANY:
            yield from members.values()
        elif isinstance(step, str) and step in members:
            yield members[step]
    elif isinstance(value, list):
        items = cast("list[Any]", value)
        if step is _ANY:
            yield from items
        elif isinstance(step, int) and -len(items) <= step < len(items):
            yield items[step]
