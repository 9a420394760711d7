"""The dialects of JSON Schema that hosted services take, each a part of what we can check."""

import json
from collections.abc import Mapping
from typing import Any, cast

BOUNDS = "Bounds: "
_BOUNDS = (
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
    *("minLength", "maxLength", "pattern", "minItems", "maxItems"),
)
_NAMED = ("properties", "$defs", "definitions")
_DATA = ("enum", "const", "default", "examples")


def is_strict(schema: Any) -> bool:
    """Whether every object in a schema is closed and requires all that it names."""
    if isinstance(schema, list):
        return all(map(is_strict, cast("list[Any]", schema)))
    if not isinstance(schema, Mapping):
        return True
    node = cast("Mapping[str, Any]", schema)
    properties = node.get("properties")
    if isinstance(properties, Mapping):
        names = set(cast("Mapping[str, Any]", properties))
        if node.get("additionalProperties") is not False or names != set(node.get("required", ())):
            return False
    return all(map(is_strict, node.values()))


def closed(schema: Any) -> Any:
    """The same schema with its objects closed, and bounds on values told only in descriptions.

    It allows more than the original, so that an answer still has to be checked against that.
    """
    if isinstance(schema, list):
        return [closed(inner) for inner in cast("list[Any]", schema)]
    if not isinstance(schema, Mapping):
        return schema
    node = cast("Mapping[str, Any]", schema)
    found = {
        name: _closed_member(name, inner) for name, inner in node.items() if name not in _BOUNDS
    }
    if "properties" in found or found.get("type") == "object":
        found.setdefault("additionalProperties", False)
    if bounds := {name: node[name] for name in _BOUNDS if name in node}:
        told = f"{found.get('description', '')} {BOUNDS}{json.dumps(bounds)}"
        found["description"] = told.strip()
    return found


def _closed_member(keyword: str, content: Any) -> Any:
    """Constants and the names of properties are data, whatever they look like."""
    if keyword in _DATA:
        return content
    if keyword in _NAMED and isinstance(content, Mapping):
        members = cast("Mapping[str, Any]", content)
        return {name: closed(inner) for name, inner in members.items()}
    return closed(content)
