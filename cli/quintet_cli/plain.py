"""Values as JSON and as safe text: what came from outside must not steer the terminal."""

import unicodedata
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from pathlib import PurePath
from typing import Any, TypeGuard, cast

# Line breaks and tabs are for the caller to allow; everything else that moves a cursor is not.
_KEPT = {"\n", "\t"}
_STEERING = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


def safe(text: str) -> str:
    """The text with escapes, direction marks and lone surrogates shown instead of obeyed."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        character
        if character in _KEPT or unicodedata.category(character) not in _STEERING
        else character.encode("unicode_escape").decode("ascii")
        for character in text
    )


def jsonable(value: Any) -> Any:
    """The value in the words of JSON; dataclasses become objects in the order of their fields."""
    match value:
        case Enum():
            return value.value
        case Mapping():
            items = cast("Mapping[object, object]", value)
            return {str(key): jsonable(item) for key, item in items.items()}
        case list() | tuple() | set() | frozenset():
            return [jsonable(item) for item in cast("list[object]", value)]
        case date():
            return value.isoformat()
        case PurePath() | str():
            return str(value).encode("utf-8", "replace").decode()
        case _ if is_dataclass(value) and not isinstance(value, type):
            return {field.name: jsonable(getattr(value, field.name)) for field in fields(value)}
        case _:
            return value


def is_object(value: Any) -> TypeGuard[dict[str, Any]]:
    """Whether a JSON value is an object."""
    return isinstance(value, dict)
