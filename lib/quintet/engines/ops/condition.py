"""`amount > 1000 and vendor != "ACME"`: comparisons of an event's fields, and nothing more.

Conditions are parsed once and checked against the fields' kinds when the workflow is read, so that
a misspelt name is found before the event that it was meant for. A comparison with a field that the
event does not have is false; `has(field)` asks for that.
"""

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias

from quintet.engines.ops.values import Value, ValueKind, parse_date

Test: TypeAlias = Callable[[Mapping[str, Value]], bool]
_LENGTH_LIMIT = 1000
_DEPTH_LIMIT = 30
_TOKEN = re.compile(
    r"\s*(?:(?P<number>-?\d{1,20}(?:\.\d{1,10})?)(?![\w.])|(?P<text>\"[^\"]*\"|'[^']*')"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_.]*)|(?P<sign>==|!=|<=|>=|<|>|\(|\)|\[|\]|,))"
)
_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class ConditionInvalid(ValueError):
    """Not a condition over these fields; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A parsed condition with the text that people see."""

    text: str
    holds: Test


@dataclass(frozen=True, slots=True)
class _Operand:
    kind: ValueKind
    read: Callable[[Mapping[str, Value]], Value]
    literal: str | None = None


def parse_condition(text: str, kinds: Mapping[str, ValueKind]) -> Condition:
    """The condition that a text stands for; raises `ConditionInvalid`."""
    if len(text) > _LENGTH_LIMIT:
        raise ConditionInvalid(f"it is longer than {_LENGTH_LIMIT} characters")
    parser = _Parser(_tokens(text), kinds)
    return Condition(text, parser.parse())


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens: list[tuple[str, str]] = []
    position = 0
    while text[position:].strip():
        match = _TOKEN.match(text, position)
        if match is None:
            raise ConditionInvalid(f"{text[position:].strip()[:20]!r} is not understood")
        tokens.append((match.lastgroup or "", match[match.lastgroup or 0]))
        position = match.end()
    return tokens


class _Parser:
    """Recursive descent over `or`, `and`, `not`, comparisons, in this order of binding."""

    def __init__(self, tokens: list[tuple[str, str]], kinds: Mapping[str, ValueKind]) -> None:
        self._tokens = tokens
        self._kinds = kinds
        self._at = 0
        self._depth = 0

    def parse(self) -> Test:
        test = self._or()
        if self._at < len(self._tokens):
            raise ConditionInvalid(f"{self._tokens[self._at][1]!r} is not expected there")
        return test

    def _or(self) -> Test:
        tests = [self._and()]
        while self._takes("or"):
            tests.append(self._and())
        return tests[0] if len(tests) == 1 else lambda fields: any(t(fields) for t in tests)

    def _and(self) -> Test:
        tests = [self._not()]
        while self._takes("and"):
            tests.append(self._not())
        return tests[0] if len(tests) == 1 else lambda fields: all(t(fields) for t in tests)

    def _not(self) -> Test:
        if self._takes("not"):
            inner = self._nested(self._not)
            return lambda fields: not inner(fields)
        if self._takes("("):
            inner = self._nested(self._or)
            self._needs(")")
            return inner
        return self._comparison()

    def _nested(self, parse: Callable[[], Test]) -> Test:
        self._depth += 1
        if self._depth > _DEPTH_LIMIT:
            raise ConditionInvalid(f"it is nested more than {_DEPTH_LIMIT} deep")
        inner = parse()
        self._depth -= 1
        return inner

    def _comparison(self) -> Test:
        if self._takes("has"):
            return self._presence()
        left = self._operand()
        if self._takes("in"):
            return self._membership(left)
        sign = self._peek()
        if sign not in _COMPARISONS:
            return _alone(left)
        self._at += 1
        right = self._operand()
        left, right = _alike(left, right)
        compare = _COMPARISONS[sign]
        if left.kind is ValueKind.BOOLEAN and sign not in ("==", "!="):
            raise ConditionInvalid("true and false have no order")

        def test(fields: Mapping[str, Value]) -> bool:
            a, b = left.read(fields), right.read(fields)
            return a is not None and b is not None and compare(a, b)

        return test

    def _presence(self) -> Test:
        self._needs("(")
        kind, name = self._next()
        if kind != "name" or name not in self._kinds:
            raise ConditionInvalid(f"the event has no field {name!r}")
        self._needs(")")
        return lambda fields: fields.get(name) is not None

    def _membership(self, left: _Operand) -> Test:
        self._needs("[")
        choices = [_alike(left, self._operand())[1]]
        while self._takes(","):
            choices.append(_alike(left, self._operand())[1])
        self._needs("]")

        def test(fields: Mapping[str, Value]) -> bool:
            value = left.read(fields)
            return value is not None and any(value == choice.read(fields) for choice in choices)

        return test

    def _operand(self) -> _Operand:
        kind, word = self._next()
        match kind:
            case "number":
                number = Decimal(word)
                return _Operand(ValueKind.NUMBER, lambda _: number, word)
            case "text":
                return _Operand(ValueKind.TEXT, lambda _: word[1:-1], word[1:-1])
            case "name" if word in ("true", "false"):
                return _Operand(ValueKind.BOOLEAN, lambda _: word == "true", word)
            case "name" if word in self._kinds:
                return _Operand(self._kinds[word], lambda fields: fields.get(word))
            case "name":
                raise ConditionInvalid(f"the event has no field {word!r}")
            case _:
                raise ConditionInvalid(f"{word!r} stands where a value should be")

    def _peek(self) -> str:
        return self._tokens[self._at][1] if self._at < len(self._tokens) else ""

    def _next(self) -> tuple[str, str]:
        if self._at >= len(self._tokens):
            raise ConditionInvalid("it ends too early")
        self._at += 1
        return self._tokens[self._at - 1]

    def _takes(self, word: str) -> bool:
        is_there = self._at < len(self._tokens) and self._tokens[self._at][1] == word
        self._at += is_there
        return is_there

    def _needs(self, word: str) -> None:
        if not self._takes(word):
            raise ConditionInvalid(f"{word!r} is missing")


def _alone(operand: _Operand) -> Test:
    if operand.kind is not ValueKind.BOOLEAN:
        raise ConditionInvalid("a value alone must be true or false")
    return lambda fields: operand.read(fields) is True


def _alike(left: _Operand, right: _Operand) -> tuple[_Operand, _Operand]:
    """Both sides as one kind: a text beside a date must be one, a path is compared as text."""
    for one, other in ((left, right), (right, left)):
        if one.kind is ValueKind.DATE and other.literal is not None:
            return (left, _dated(right)) if other is right else (_dated(left), right)
    texts = (ValueKind.TEXT, ValueKind.PATH)
    if left.kind is right.kind or (left.kind in texts and right.kind in texts):
        return left, right
    raise ConditionInvalid(f"a {left.kind} cannot be compared with a {right.kind}")


def _dated(operand: _Operand) -> _Operand:
    try:
        day = parse_date(operand.literal or "")
    except ValueError as error:
        raise ConditionInvalid(str(error)) from error
    return _Operand(ValueKind.DATE, lambda _: day, operand.literal)
