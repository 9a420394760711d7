"""JSON read strictly: what passes here trips no recursion, no encoder and no second parser."""

import json
import math
from collections.abc import Mapping
from typing import Any, cast

from quintet.errors import QuintetError

DEPTH_LIMIT = 100


class JsonInvalid(QuintetError):
    """A text is not one JSON value."""

    code = "models.json_invalid"


def parse_json(text: str) -> Any:
    """One JSON value, strictly: no NaN, no infinity, no half characters, no nesting without end."""
    try:
        value = json.loads(text, parse_constant=_no_constant)
        require_plain(value)
    except RecursionError as error:
        raise JsonInvalid("the text is not JSON", why="it is nested too deeply") from error
    except ValueError as error:
        raise JsonInvalid("the text is not JSON", why=str(error)) from error
    return value


def require_plain(value: Any) -> None:
    """Raise ValueError where a value would later trip a recursion or an encoder."""
    todo: list[tuple[Any, int]] = [(value, 0)]
    while todo:
        item, depth = todo.pop()
        if depth > DEPTH_LIMIT:
            raise ValueError(f"it is nested more than {DEPTH_LIMIT} deep")
        if isinstance(item, str):
            _check_whole_characters(item)
        elif isinstance(item, float) and not math.isfinite(item):
            raise ValueError("a number is too large")
        elif isinstance(item, Mapping):
            members = cast("Mapping[str, Any]", item)
            todo.extend((inner, depth + 1) for pair in members.items() for inner in pair)
        elif isinstance(item, list):
            todo.extend((inner, depth + 1) for inner in cast("list[Any]", item))


def _check_whole_characters(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError("a text holds half a character (a lone surrogate)") from error


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def same(one: Any, other: Any) -> bool:
    """Equality of JSON values: 1 is 1.0, but true is not 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        ones, others = cast("list[Any]", one), cast("list[Any]", other)
        return len(ones) == len(others) and all(map(same, ones, others))
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        left, right = cast("Mapping[str, Any]", one), cast("Mapping[str, Any]", other)
        return left.keys() == right.keys() and all(same(left[name], right[name]) for name in left)
    return bool(one == other)


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_integer(value: Any) -> bool:
    return is_number(value) and (isinstance(value, int) or value.is_integer())
