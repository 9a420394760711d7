"""Assertions as they are written in a file: one operator each, and what goes with it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from quintet.errors import QuintetError
from quintet.evals.answer_checks import (
    Contains,
    Counts,
    Equals,
    Exact,
    Exists,
    Lacks,
    Matches,
    Near,
    Shape,
)
from quintet.evals.check import Check, Place
from quintet.evals.citation import Cites, Names
from quintet.evals.fields import BadCase, Fields
from quintet.evals.instruments import Instruments
from quintet.evals.jsonpath import BadPath, parse_path
from quintet.evals.run_checks import Match, Most, Never, Status, Trajectory

Builder = Callable[[Fields, Place, Instruments], Check]


def parse_check(value: Any, line: int, tools: Instruments) -> Check:
    """The assertion that an object describes; raises `BadCase`."""
    fields = Fields(value, line, "an assertion")
    fields.require_known((*_BUILDERS, *_BESIDE))
    operators = [name for name in fields.names() if name in _BUILDERS]
    if len(operators) != 1:
        why = f"it has {' and '.join(operators) or 'none'}"
        raise fields.wrong("an assertion has exactly one operator", why=why)
    operator = operators[0]
    for name in fields.names():
        if name != operator and name not in _ALLOWED.get(operator, ("path",)):
            raise fields.wrong(f"{name!r} does not go with {operator!r}")
    return _BUILDERS[operator](fields, _place(fields), tools)


def _place(fields: Fields) -> Place:
    if "path" not in fields:
        return Place()
    text = fields.text("path")
    try:
        return Place(text, parse_path(text))
    except BadPath as error:
        raise fields.wrong(error.what, why=error.why) from error


def _exact(fields: Fields, place: Place, _tools: Instruments) -> Check:
    return Exact(place, fields.text("exact"))


def _contains(fields: Fields, place: Place, _tools: Instruments) -> Check:
    return Contains(place, _words(fields, "contains"))


def _lacks(fields: Fields, place: Place, _tools: Instruments) -> Check:
    return Lacks(place, _words(fields, "lacks"))


def _words(fields: Fields, name: str) -> tuple[str, ...]:
    texts = fields.texts(name, may_be_one=True)
    if not texts or not all(texts):
        raise fields.wrong(f"{name!r} needs a text that is not empty")
    return texts


def _regex(fields: Fields, place: Place, tools: Instruments) -> Check:
    pattern = fields.text("regex")
    _asking(fields, lambda: tools.pattern_size(pattern))
    return Matches(place, pattern)


def _equals(fields: Fields, place: Place, _tools: Instruments) -> Check:
    return Equals(place, fields.raw("equals"))


def _near(fields: Fields, place: Place, _tools: Instruments) -> Check:
    return Near(place, fields.number("near"), fields.number("within", least=0))


def _schema(fields: Fields, place: Place, tools: Instruments) -> Check:
    schema: Mapping[str, Any] = fields.object("schema")
    _asking(fields, lambda: tools.check_schema(schema))
    return Shape(place, schema)


def _exists(fields: Fields, place: Place, _tools: Instruments) -> Check:
    if not place.text:
        raise fields.wrong("'exists' needs a path")
    return Exists(place, fields.truth("exists", default=True))


def _count(fields: Fields, place: Place, _tools: Instruments) -> Check:
    if not place.text:
        raise fields.wrong(
            "'count' needs a path", hint='such as {"path": "$.items[*]", "count": 3}'
        )
    return Counts(place, fields.count("count", least=0, most=1_000_000))


def _citation(fields: Fields, place: Place, _tools: Instruments) -> Check:
    if fields.raw("citation") is True:
        return Cites(place, Names())
    named = Fields(fields.raw("citation"), fields.line, "a citation")
    named.require_known(("file", "where", "quote"))
    return Cites(place, Names(*(named.text(name, name) for name in ("file", "where", "quote"))))


def _trajectory(fields: Fields, _place: Place, _tools: Instruments) -> Check:
    match = fields.text("match", "order")
    if match not in tuple(Match):
        raise fields.wrong(f"'match' is one of {', '.join(Match)}, not {match[:40]!r}")
    return Trajectory(fields.texts("trajectory"), Match(match))


def _never(fields: Fields, _place: Place, _tools: Instruments) -> Check:
    return Never(_words(fields, "never"))


def _status(fields: Fields, _place: Place, _tools: Instruments) -> Check:
    return Status(fields.count("status", least=0, most=255))


def _most(name: str) -> Builder:
    def build(fields: Fields, _place: Place, _tools: Instruments) -> Check:
        limit = fields.number(name, least=0)
        return Most(name, limit if math.isfinite(limit) else 0.0)

    return build


_BUILDERS: Mapping[str, Builder] = {
    "exact": _exact,
    "contains": _contains,
    "lacks": _lacks,
    "regex": _regex,
    "equals": _equals,
    "near": _near,
    "schema": _schema,
    "exists": _exists,
    "count": _count,
    "citation": _citation,
    "trajectory": _trajectory,
    "never": _never,
    "status": _status,
    "cost_usd": _most("cost_usd"),
    "tokens": _most("tokens"),
    "latency_s": _most("latency_s"),
}
_BESIDE = ("path", "within", "match")
_ALLOWED: Mapping[str, tuple[str, ...]] = {
    "near": ("path", "within"),
    "trajectory": ("match",),
    **dict.fromkeys(("never", "status", "cost_usd", "tokens", "latency_s"), ()),
}


def _asking(fields: Fields, ask: Callable[[], object]) -> None:
    try:
        ask()
    except BadCase:
        raise
    except QuintetError as error:
        raise fields.wrong(error.what, why=error.why, hint=error.hint) from error
