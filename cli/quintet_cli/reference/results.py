"""The JSON Schema of every result that a verb prints with --json, and of a failure."""

from collections.abc import Iterable
from typing import Any

from quintet_cli.console import ERROR_SHAPE
from quintet_cli.shape import result_schema
from quintet_cli.surface import Command


def results(commands: Iterable[Command]) -> dict[str, Any]:
    """Schemas by the name that stands in a result as `schema`."""
    shapes = {"error/1": ERROR_SHAPE}
    for command in commands:
        shapes |= command.nature.shapes()
    return {f"ai.{name}": result_schema(name, shapes[name]) for name in sorted(shapes)}
