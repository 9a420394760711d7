"""JSON Schema, as much of it as typed replies and tool arguments need (draft 2020-12).

A schema may come from outside (a tool server, a file): here it is seen to be well-formed, small,
made of supported keywords and free of references that lead nowhere or around, so that validating
and compiling it can rely on that.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any, cast

from quintet.errors import Kind, QuintetError
from quintet.models import pattern
from quintet.models.port import JsonSchema
from quintet.models.strict_json import DEPTH_LIMIT, is_integer, is_number, require_plain

SCHEMA_LIMIT_NODES = 10_000

# fmt: off
ANNOTATIONS = frozenset((
    "title", "description", "default", "examples", "format", "deprecated", "readOnly", "writeOnly",
    "contentEncoding", "contentMediaType", "discriminator",
    "$schema", "$id", "$comment", "$anchor", "$defs", "definitions",
))
# fmt: on
TYPES = ("object", "array", "string", "number", "integer", "boolean", "null")
_COUNTS = ("minItems", "maxItems", "minLength", "maxLength")
_BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
COMBINATIONS = ("anyOf", "oneOf", "allOf")


class SchemaInvalid(QuintetError):
    """The schema itself is malformed, or uses a keyword that is not supported."""

    kind = Kind.USAGE
    code = "models.schema_invalid"


def check_schema(schema: JsonSchema) -> None:
    """Raise `SchemaInvalid` unless `problems` and the grammar can work with this schema."""
    _SchemaCheck(schema).run()


def resolve(root: JsonSchema, reference: str) -> Any:
    """What a `$ref` within the same schema points at."""
    if not (reference == "#" or reference.startswith("#/")):
        raise SchemaInvalid(
            f"the reference {reference!r} is not supported",
            why="only references within the schema, such as #/$defs/name, are",
        )
    node: Any = root
    for step in reference[2:].split("/") if len(reference) > 1 else []:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(node, list) and name.isdecimal() and len(name) < 6:
            items = cast("list[Any]", node)
            node = items[int(name)] if int(name) < len(items) else None
        else:
            node = cast("Mapping[str, Any]", node).get(name) if isinstance(node, Mapping) else None
        if node is None:
            raise SchemaInvalid(f"the reference {reference!r} points at nothing")
    return node


def types_of(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """The types that a schema names, empty if it names none."""
    named = schema.get("type", ())
    return (named,) if isinstance(named, str) else tuple(named)


class _SchemaCheck:
    def __init__(self, root: JsonSchema) -> None:
        self._root = root
        self._nodes = 0
        self._seen: list[Any] = []
        self._followed: set[str] = set()

    def run(self) -> None:
        self._node(self._root, "#", 0)
        settled: set[int] = set()
        for schema in self._seen:
            self._require_progress(schema, settled, frozenset())

    def _node(self, schema: Any, at: str, depth: int) -> None:
        self._nodes += 1
        if depth > DEPTH_LIMIT or self._nodes > SCHEMA_LIMIT_NODES:
            raise SchemaInvalid("the schema is too large", why=f"at {at[:200]}")
        if isinstance(schema, bool):
            return
        if not isinstance(schema, Mapping):
            raise _wrong(at, "a schema is an object, true or false")
        node = cast("Mapping[str, Any]", schema)
        self._seen.append(node)
        for keyword, content in node.items():
            self._keyword(keyword, content, f"{at}/{keyword}", depth)

    def _keyword(self, keyword: str, content: Any, at: str, depth: int) -> None:
        match keyword:
            case "properties" | "$defs" | "definitions":
                for name, inner in _mapping(content, at).items():
                    self._node(inner, f"{at}/{name}", depth + 1)
            case "items" | "additionalProperties":
                self._node(content, at, depth + 1)
            case "anyOf" | "oneOf" | "allOf":
                for index, inner in enumerate(_filled_list(content, at)):
                    self._node(inner, f"{at}/{index}", depth + 1)
            case "$ref":
                self._reference(content, at, depth)
            case _:
                _check_leaf(keyword, content, at)

    def _reference(self, reference: Any, at: str, depth: int) -> None:
        if not isinstance(reference, str):
            raise _wrong(at, "a reference is a text")
        if reference not in self._followed:
            self._followed.add(reference)
            self._node(resolve(self._root, reference), at, depth + 1)

    def _require_progress(self, schema: Any, settled: set[int], trail: frozenset[int]) -> None:
        """A schema that leads back to itself without passing an object or array says nothing."""
        if id(schema) in trail:
            raise SchemaInvalid("the schema refers to itself without end")
        if id(schema) in settled or isinstance(schema, bool):
            return
        for target in _same_value_schemas(self._root, schema):
            self._require_progress(target, settled, trail | {id(schema)})
        settled.add(id(schema))


def _same_value_schemas(root: JsonSchema, node: Mapping[str, Any]) -> Iterator[Any]:
    if "$ref" in node:
        yield resolve(root, node["$ref"])
    for combination in COMBINATIONS:
        yield from node.get(combination, ())


def _check_leaf(keyword: str, content: Any, at: str) -> None:
    if keyword in ANNOTATIONS or keyword.startswith("x-"):
        return
    match keyword:
        case "type":
            names = cast("list[Any]", content) if isinstance(content, list) else [content]
            if not names or any(name not in TYPES for name in names):
                raise _wrong(at, f"a type is one of {', '.join(TYPES)}")
        case "const":
            _check_constant(content, at)
        case "enum":
            _check_constant(_filled_list(content, at), at)
        case "required":
            if not all(isinstance(name, str) for name in _list(content, at)):
                raise _wrong(at, "required is a list of names")
        case "pattern":
            _check_pattern(content, at)
        case _:
            _check_number(keyword, content, at)


def _check_number(keyword: str, content: Any, at: str) -> None:
    if keyword in _COUNTS:
        if not is_integer(content) or content < 0:
            raise _wrong(at, "it must be a whole number, not negative")
    elif keyword in _BOUNDS:
        if not is_number(content) or not math.isfinite(content):
            raise _wrong(at, "it must be a number")
    else:
        raise _wrong(at, "this keyword is not supported")


def _check_constant(content: Any, at: str) -> None:
    try:
        require_plain(content)
    except ValueError as error:
        raise _wrong(at, str(error)) from error


def _check_pattern(content: Any, at: str) -> None:
    if not isinstance(content, str):
        raise _wrong(at, "a pattern is a text")
    try:
        pattern.matches(content, "")
    except pattern.PatternUnsupported as error:
        raise _wrong(at, error.why) from error


def _wrong(at: str, why: str) -> SchemaInvalid:
    return SchemaInvalid(f"the schema is not usable at {at[:200]}", why=why)


def _mapping(content: Any, at: str) -> Mapping[str, Any]:
    if not isinstance(content, Mapping):
        raise _wrong(at, "it must be an object")
    return cast("Mapping[str, Any]", content)


def _list(content: Any, at: str) -> list[Any]:
    if not isinstance(content, list | tuple):
        raise _wrong(at, "it must be a list")
    return list(cast("list[Any]", content))


def _filled_list(content: Any, at: str) -> list[Any]:
    if not (items := _list(content, at)):
        raise _wrong(at, "it must be a list that is not empty")
    return items
