"""What a result looks like, written as briefly as it can be, and told as JSON Schema.

A verb declares its results with the types that it shows anyway. This module reads such a shape
the way `jsonable` writes its values, so that the two say the same.
"""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence, Set
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from pathlib import PurePath
from typing import Any, Literal, Union, cast, get_args, get_origin, get_type_hints

# A type; `{"name": shape, "may be missing?": shape}` for an object; `[shape]` for a list of such;
# `(shape, shape)` for one or the other.
Shape = Any
Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_SCALARS: dict[Any, Schema] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    None: {"type": "null"},
    types.NoneType: {"type": "null"},
}


def result_schema(name: str, shape: Shape) -> Schema:
    """The schema of the object that `session.show(name, …)` prints with --json."""
    body = schema_of(shape)
    if body.get("type") != "object":
        body = schema_of({"items": shape})
    return {
        **body,
        "properties": {"schema": {"const": f"ai.{name}"}, **body.get("properties", {})},
        "required": ["schema", *body.get("required", [])],
    }


def schema_of(shape: Shape) -> Schema:
    """A shape as JSON Schema, draft 2020-12."""
    if isinstance(shape, dict):
        return _object(cast("dict[str, Shape]", shape))
    if isinstance(shape, list):
        (item,) = cast("list[Shape]", shape)
        return {"type": "array", "items": schema_of(item)}
    if isinstance(shape, tuple):
        return _either([schema_of(option) for option in cast("tuple[Shape, ...]", shape)])
    if shape in _SCALARS:
        return dict(_SCALARS[shape])
    if get_origin(shape) is not None or isinstance(shape, types.UnionType):
        return _generic(shape)
    return _named(shape)


def _object(shape: Mapping[str, Shape]) -> Schema:
    return {
        "type": "object",
        "properties": {name.rstrip("?"): schema_of(part) for name, part in shape.items()},
        "required": [name for name in shape if not name.endswith("?")],
        "additionalProperties": False,
    }


def _named(shape: type[Any]) -> Schema:
    if shape is Any or shape is object:
        return {}
    if issubclass(shape, Enum):
        return {"enum": [member.value for member in shape]}
    if is_dataclass(shape):
        hints = get_type_hints(shape)
        return _object({field.name: hints[field.name] for field in fields(shape)})
    # A time of day without a zone is no `date-time` to JSON Schema, and some of ours have none.
    if issubclass(shape, str | PurePath | datetime):
        return {"type": "string"}
    if issubclass(shape, date):
        return {"type": "string", "format": "date"}
    return _generic(shape)


def _generic(shape: Shape) -> Schema:
    origin, arguments = get_origin(shape) or shape, get_args(shape)
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin in (Union, types.UnionType):
        return _either([schema_of(one) for one in arguments])
    if issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": schema_of(arguments[1])}
    if issubclass(origin, tuple) and arguments[1:] != (...,):
        return {"type": "array", "prefixItems": [schema_of(one) for one in arguments]}
    if issubclass(origin, Sequence | Set):
        return {"type": "array", "items": schema_of(arguments[0])}
    raise TypeError(f"{shape!r} is not a shape that JSON knows")


def _either(options: list[Schema]) -> Schema:
    if all(option.keys() == {"type"} for option in options):
        return {"type": [option["type"] for option in options]}
    return {"anyOf": options}
