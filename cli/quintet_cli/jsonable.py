"""Values in the words of JSON, which cannot hold every text that Python can."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from pathlib import PurePath
from typing import Any, TypeGuard, cast


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
