"""Whether what a verb printed with --json is what it declared; the schemas are read by a library.

Every terminal of the tests asks this of every command that it runs, so that no schema can be wrong
for long.
"""

import json
from collections.abc import Sequence
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

from quintet_cli.console import ERROR_SHAPE
from quintet_cli.lazy import load
from quintet_cli.shape import result_schema
from quintet_cli.tree import GROUPS, TOP, Path, verbs_of
from quintet_cli.verb import VerbCommand


def path_of(words: Sequence[str]) -> Path | None:
    """The verb that a command line calls, if it reaches one."""
    if words and words[0] in TOP:
        return (words[0],)
    if len(words) > 1 and words[0] in GROUPS and words[1] in verbs_of(words[0]):
        return (words[0], words[1])
    return None


@cache
def validators(path: Path | None) -> dict[str, Draft202012Validator]:
    """A validator for each result of a verb, by the name in `schema`."""
    shapes = {"error/1": ERROR_SHAPE}
    if path:
        verb = load(path)
        assert isinstance(verb, VerbCommand)
        shapes |= verb.nature.shapes()
    schemas = {name: result_schema(name, shape) for name, shape in shapes.items()}
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)
    return {
        f"ai.{name}": Draft202012Validator(schema, format_checker=FormatChecker())
        for name, schema in schemas.items()
    }


def require_declared(words: Sequence[str], out: str) -> None:
    """Each object that a command printed is one that its verb declares."""
    if "--json" not in words or "--" in words or "--help" in words or "-h" in words:
        return
    for line in out.splitlines():
        result: Any = json.loads(line)
        known = validators(path_of(words))
        assert result["schema"] in known, f"{words} declares no {result['schema']}"
        known[result["schema"]].validate(result)
