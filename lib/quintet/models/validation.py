"""Whether a value fits its schema, and at which path it does not.

Our own code, so that it costs no import and cannot be made to hang or recurse without end.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from quintet.models import pattern
from quintet.models.port import JsonSchema
from quintet.models.schema import SchemaInvalid, resolve, types_of
from quintet.models.strict_json import DEPTH_LIMIT, is_integer, is_number, same

VALIDATION_LIMIT_STEPS = 200_000
PROBLEM_LIMIT = 20


@dataclass(frozen=True, slots=True)
class Problem:
    """Where a value breaks its schema, and how. `path` reads like `$.items[3].price`."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


def problems(schema: JsonSchema, value: Any, limit: int = PROBLEM_LIMIT) -> list[Problem]:
    """What is wrong with a value; nothing if it fits. The schema has passed `check_schema`."""
    found: list[Problem] = []
    for problem in _Validation(schema).of(schema, value, "$", 0):
        found.append(problem)
        if len(found) >= limit:
            break
    return found


_TYPE_TESTS: Mapping[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, Mapping),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "number": is_number,
    "integer": is_integer,
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
}


class _Validation:
    def __init__(self, root: JsonSchema) -> None:
        self._root = root
        self._steps = 0

    def of(self, schema: Any, value: Any, path: str, depth: int) -> Iterator[Problem]:
        self._steps += 1
        if self._steps > VALIDATION_LIMIT_STEPS:
            raise SchemaInvalid(
                "the schema takes too long to check", why="its alternatives multiply"
            )
        if depth > DEPTH_LIMIT:
            yield Problem(path, "is nested too deeply")
        elif schema is False:
            yield Problem(path, "is not allowed")
        elif schema is not True:
            yield from self._node(cast("Mapping[str, Any]", schema), value, path, depth + 1)

    def _node(
        self, schema: Mapping[str, Any], value: Any, path: str, depth: int
    ) -> Iterator[Problem]:
        names = types_of(schema)
        if names and not any(_TYPE_TESTS[name](value) for name in names):
            yield Problem(path, f"must be {' or '.join(names)}, not {_shown(value)}")
            return
        yield from _value_problems(schema, value, path)
        if "$ref" in schema:
            yield from self.of(resolve(self._root, schema["$ref"]), value, path, depth)
        yield from self._combined(schema, value, path, depth)
        if isinstance(value, Mapping):
            yield from self._object(schema, cast("Mapping[str, Any]", value), path, depth)
        elif isinstance(value, list):
            yield from self._array(schema, cast("list[Any]", value), path, depth)

    def _combined(
        self, schema: Mapping[str, Any], value: Any, path: str, depth: int
    ) -> Iterator[Problem]:
        for inner in schema.get("allOf", ()):
            yield from self.of(inner, value, path, depth)
        for keyword in ("anyOf", "oneOf"):
            options = schema.get(keyword, ())
            failures = [next(self.of(option, value, path, depth), None) for option in options]
            fitting = failures.count(None)
            if options and not fitting:
                deepest = max(filter(None, failures), key=lambda problem: len(problem.path))
                yield Problem(deepest.path, f"{deepest.message} (none of the alternatives fits)")
            elif keyword == "oneOf" and fitting > 1:
                yield Problem(path, f"fits {fitting} alternatives where exactly one is allowed")

    def _object(
        self, schema: Mapping[str, Any], value: Mapping[str, Any], path: str, depth: int
    ) -> Iterator[Problem]:
        for name in schema.get("required", ()):
            if name not in value:
                yield Problem(_member(path, name), "is missing")
        known = schema.get("properties", {})
        others = schema.get("additionalProperties", True)
        for name, inner in value.items():
            yield from self.of(known.get(name, others), inner, _member(path, name), depth)

    def _array(
        self, schema: Mapping[str, Any], value: list[Any], path: str, depth: int
    ) -> Iterator[Problem]:
        yield from _count_problems(schema, len(value), path, "Items", "items")
        inner = schema.get("items", True)
        for index, item in enumerate(value):
            yield from self.of(inner, item, f"{path}[{index}]", depth)


def _value_problems(schema: Mapping[str, Any], value: Any, path: str) -> Iterator[Problem]:
    if "enum" in schema and not any(same(value, option) for option in schema["enum"]):
        options = ", ".join(_shown(option) for option in schema["enum"][:12])
        yield Problem(path, f"must be one of {options}, not {_shown(value)}")
    if "const" in schema and not same(value, schema["const"]):
        yield Problem(path, f"must be {_shown(schema['const'])}, not {_shown(value)}")
    if isinstance(value, str):
        yield from _count_problems(schema, len(value), path, "Length", "characters")
        if "pattern" in schema and not pattern.matches(schema["pattern"], value):
            yield Problem(path, f"must match {schema['pattern']}, not {_shown(value)}")
    elif is_number(value):
        yield from _bound_problems(schema, value, path)


def _count_problems(
    schema: Mapping[str, Any], count: int, path: str, suffix: str, unit: str
) -> Iterator[Problem]:
    if count < schema.get(f"min{suffix}", 0):
        yield Problem(path, f"must have at least {schema[f'min{suffix}']} {unit}, not {count}")
    if count > schema.get(f"max{suffix}", count):
        yield Problem(path, f"must have at most {schema[f'max{suffix}']} {unit}, not {count}")


def _bound_problems(schema: Mapping[str, Any], value: float, path: str) -> Iterator[Problem]:
    if value < schema.get("minimum", value):
        yield Problem(path, f"must be at least {schema['minimum']}, not {value}")
    if value > schema.get("maximum", value):
        yield Problem(path, f"must be at most {schema['maximum']}, not {value}")
    if "exclusiveMinimum" in schema and value <= schema["exclusiveMinimum"]:
        yield Problem(path, f"must be above {schema['exclusiveMinimum']}, not {value}")
    if "exclusiveMaximum" in schema and value >= schema["exclusiveMaximum"]:
        yield Problem(path, f"must be below {schema['exclusiveMaximum']}, not {value}")


def _member(path: str, name: str) -> str:
    return f"{path}.{name}" if name.isidentifier() else f"{path}[{json.dumps(name)}]"


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:57] + "…"
