"""The few types that a setting may have, and how each is read from a file or from typed text.

A field's annotation decides; a name that ends in a unit adds to it: a float called `..._s` may be
written as a duration ("8h"), an int called `..._bytes` as a size ("2GiB"). Decimals are for money.
"""

import re
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, Union, cast, get_args, get_origin

NO_VALUE = "none"
_DIGITS = 18
_MONEY_DIGITS = 6
_YES = {"true", "yes", "on", "1"}
_NO = {"false", "no", "off", "0"}
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400, "w": 604800}
_BYTES = {"b": 1} | {
    f"{prefix}{suffix}".lower(): size
    for power, prefix in enumerate("KMGT", start=1)
    for suffix, size in (("iB", 1024**power), ("B", 1000**power), ("", 1024**power))
}
_QUANTITY = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([a-zA-Z]+)", re.ASCII)


class Text(str):
    """A value as somebody typed it in a flag, a variable or a command: its type is still open."""

    __slots__ = ()


class Mismatch(Exception):
    """A value is not of the shape that its setting asks for."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What a setting accepts. `read` raises `Mismatch`; `write` gives a plain TOML value."""

    expects: str
    read: Callable[[Any], Any]
    write: Callable[[Any], Any] = lambda value: value
    schema: Mapping[str, Any] = field(default_factory=dict[str, Any])
    entry: "Shape | None" = None
    is_path: bool = False


def shape_of(annotation: Any, name: str, metadata: Mapping[str, Any]) -> Shape:
    """The shape of a field; a `TypeError` here is a mistake in a settings class."""
    origin = get_origin(annotation)
    if origin in (Union, types.UnionType):
        inner = [part for part in get_args(annotation) if part is not type(None)]
        if len(inner) != 1:
            raise TypeError(f"{name}: only `X | None` is a union that settings understand")
        return _optional(shape_of(inner[0], name, metadata))
    if origin in (dict, Mapping):
        return _table(shape_of(get_args(annotation)[1], name, metadata))
    if origin is tuple:
        return _LIST
    if origin is Literal:
        return _choice(tuple(str(word) for word in get_args(annotation)), str)
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return _choice(tuple(str(member) for member in annotation), annotation)
    if annotation is str:
        return _text(metadata)
    if annotation in (int, float, Decimal):
        return _number(annotation, name, metadata)
    if annotation not in _PLAIN:
        raise TypeError(f"{name}: settings have no shape for {annotation!r}")
    return _PLAIN[annotation]


def _read_bool(raw: Any) -> bool:
    if isinstance(raw, Text) and raw.lower() in _YES | _NO:
        return raw.lower() in _YES
    if isinstance(raw, bool):
        return raw
    raise Mismatch


def _read_str(raw: Any) -> str:
    if not isinstance(raw, str) or "\0" in raw:
        raise Mismatch
    try:
        # A variable of the environment may hold bytes that are no text; they would fail far off.
        raw.encode()
    except UnicodeEncodeError as error:
        raise Mismatch from error
    return str(raw)


def _read_path(raw: Any) -> Path:
    text = _read_str(raw)
    if not text:
        raise Mismatch
    return Path(text)


def _read_list(raw: Any) -> tuple[str, ...]:
    if isinstance(raw, Text):
        raw = _toml_list(raw) if raw.lstrip().startswith("[") else _words(raw)
    if not isinstance(raw, list):
        raise Mismatch
    return tuple(_read_str(item) for item in cast(list[Any], raw))


def _toml_list(text: str) -> Any:
    import tomllib

    try:
        return tomllib.loads(f"list = {text}")["list"]
    except (ValueError, RecursionError) as error:
        raise Mismatch from error


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _choice(words: tuple[str, ...], make: Callable[[str], Any]) -> Shape:
    def read(raw: Any) -> Any:
        if isinstance(raw, str) and raw in words:
            return make(str(raw))
        raise Mismatch

    return Shape(f"one of {', '.join(words)}", read, str, {"enum": list(words)})


def _text(rules: Mapping[str, Any]) -> Shape:
    if "choices" in rules:
        return _choice(tuple(rules["choices"]), str)
    if "accepts" in rules:
        return _checked(rules["accepts"], rules["expects"])
    return Shape("text in quotes", _read_str, schema={"type": "string"})


def _checked(accepts: Callable[[str], bool], expects: str) -> Shape:
    def read(raw: Any) -> str:
        text = _read_str(raw)
        if not accepts(text):
            raise Mismatch
        return text

    return Shape(expects, read, schema={"type": "string"})


def _optional(inner: Shape) -> Shape:
    def read(raw: Any) -> Any:
        return None if isinstance(raw, str) and raw == NO_VALUE else inner.read(raw)

    def write(value: Any) -> Any:
        return NO_VALUE if value is None else inner.write(value)

    schema = {"anyOf": [dict(inner.schema), {"const": NO_VALUE}]}
    expects = f'{inner.expects}, or "{NO_VALUE}"'
    return Shape(expects, read, write, schema, is_path=inner.is_path)


def _table(entry: Shape) -> Shape:
    def read(raw: Any) -> Any:
        if not isinstance(raw, Mapping):
            raise Mismatch
        return {key: entry.read(value) for key, value in cast(Mapping[str, Any], raw).items()}

    def write(value: Mapping[str, Any]) -> Any:
        return {key: entry.write(item) for key, item in value.items()}

    schema = {"type": "object", "additionalProperties": dict(entry.schema)}
    return Shape(f"a table of names, each with {entry.expects}", read, write, schema, entry)


def _number(kind: type[Any], name: str, rules: Mapping[str, Any]) -> Shape:
    low, high = rules.get("min"), rules.get("max")
    expects, units = _words_and_units(kind, name)

    def read(raw: Any) -> Any:
        value = _exact(raw, units)
        if (low is not None and value < low) or (high is not None and value > high):
            raise Mismatch
        if kind is float:
            return float(value)
        if value != round(value, 0 if kind is int else _MONEY_DIGITS):
            raise Mismatch
        return int(value) if kind is int else value

    plain = "integer" if kind is int else "number"
    schema: dict[str, Any] = {"type": [plain, "string"] if units else plain}
    bounds = {"minimum": low, "maximum": high}
    schema |= {word: float(limit) for word, limit in bounds.items() if limit is not None}
    return Shape(expects + _range(low, high), read, _plain_number, schema)


def _words_and_units(kind: type[Any], name: str) -> tuple[str, Mapping[str, float]]:
    if kind is float and name.endswith("_s"):
        return 'seconds, or a duration such as "90s", "8h", "2d"', _SECONDS
    if kind is int and name.endswith("_bytes"):
        return 'bytes, or a size such as "500MB", "2GiB"', _BYTES
    words = {int: "a whole number", float: "a number", Decimal: "dollars such as 2.50"}
    return words[kind], {}


def _exact(raw: Any, units: Mapping[str, float]) -> Decimal:
    """A number or a quantity with a unit; exact, so that 0.1 stays a tenth."""
    try:
        if isinstance(raw, str) and units and (match := _QUANTITY.fullmatch(raw.strip())):
            return Decimal(match[1]) * Decimal(str(units[match[2].lower()]))
        if isinstance(raw, Text):
            raw = Decimal(raw.replace("_", ""))
        if isinstance(raw, bool) or not isinstance(raw, int | float | Decimal):
            raise Mismatch
        value = Decimal(str(raw)) if isinstance(raw, float) else Decimal(raw)
    except (ArithmeticError, KeyError) as error:
        raise Mismatch from error
    # A few letters, 1e999999999, would make a number that fills the memory.
    if not value.is_finite() or not -_DIGITS < value.adjusted() < _DIGITS:
        raise Mismatch
    return value


def _plain_number(value: Any) -> Any:
    return int(value) if value == int(value) else float(value)


def _range(low: Any, high: Any) -> str:
    if low is not None and high is not None:
        return f" from {low} to {high}"
    if low is not None:
        return f", at least {low}"
    return f", at most {high}" if high is not None else ""


_PLAIN = {
    bool: Shape("true or false", _read_bool, schema={"type": "boolean"}),
    Path: Shape("a path in quotes", _read_path, str, {"type": "string"}, is_path=True),
}
_LIST = Shape(
    'a list such as ["a", "b"]',
    _read_list,
    list,
    {"type": "array", "items": {"type": "string"}},
)
