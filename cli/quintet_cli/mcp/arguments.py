"""A verb's parameters as a JSON Schema, and a client's arguments as words of a command line.

No shell is involved, and no value can become a flag: an option's value is joined to its name, and
what is known by its place stands behind `--`.
"""

import os
from collections.abc import Mapping, Sequence
from enum import Enum
from pathlib import PurePath
from typing import Any, cast

from typer.core import TyperOption

from quintet.errors import UsageError
from quintet_cli.session import COMMON
from quintet_cli.verb import VerbCommand

DRY_RUN = "dry_run"
WORDS_LIMIT_BYTES = 100_000
Schema = dict[str, Any]


def arguments_schema(verb: VerbCommand, *, has_dry_run: bool) -> Schema:
    """What the verb takes from a client; what makes it do more than it says is left out."""
    parameters = offered(verb)
    properties = {name: _property(parameter, verb) for name, parameter in parameters.items()}
    if has_dry_run:
        text = "Only make the plan; nothing is changed."
        properties[DRY_RUN] = {"type": "boolean", "default": False, "description": text}
    required = [name for name, parameter in parameters.items() if parameter.required]
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def offered(verb: VerbCommand) -> dict[str, Any]:
    """The parameters that a client may give, by the names that it sees."""
    return {
        _name(parameter): parameter
        for parameter in verb.params
        if getattr(parameter, "rich_help_panel", None) != COMMON
        and parameter.name not in ("help",)
        and not set(parameter.opts) & set(verb.nature.unless)
    }


def words_for(verb: VerbCommand, arguments: Mapping[str, Any]) -> list[str]:
    """The words behind the name of the verb and the common flags."""
    options: list[str] = []
    places: list[str] = []
    left_out = ""
    for name, parameter in offered(verb).items():
        given = arguments.get(name)
        if isinstance(parameter, TyperOption):
            options += _option_words(parameter, given)
        elif given is None or given == []:
            left_out = left_out or name
        elif left_out:
            raise UsageError(f"{name} was given without {left_out}", hint=f"give {left_out} too")
        else:
            places += map(str, _values(given))
    return _checked([*options, "--", *places])


def _option_words(option: TyperOption, given: Any) -> list[str]:
    name = max(option.opts, key=len)
    if option.is_flag:
        off = option.secondary_opts
        return [name] if given else ([off[0]] if given is False and off else [])
    return [f"{name}={value}" for value in _values(given)]


def _values(given: Any) -> list[Any]:
    if given is None:
        return []
    return cast("list[Any]", given) if isinstance(given, list) else [given]


def _checked(words: Sequence[str]) -> list[str]:
    """Words that a process can be given: the kernel's limits, said before it says them."""
    try:
        size_bytes = sum(len(os.fsencode(word)) + 1 for word in words)
    except UnicodeEncodeError as error:
        raise UsageError("an argument holds half a character", why=str(error)) from error
    if any("\0" in word for word in words):
        raise UsageError("an argument holds a null character")
    if size_bytes > WORDS_LIMIT_BYTES:
        raise UsageError(
            f"the arguments are too long: {size_bytes:,} bytes",
            why=f"at most {WORDS_LIMIT_BYTES:,} fit a command line",
            hint="write them to a file and name that",
        )
    return list(words)


def _name(parameter: Any) -> str:
    """An option as it is typed, a place as the code calls it; both fit to be a key."""
    if isinstance(parameter, TyperOption):
        return max(parameter.opts, key=len).lstrip("-").replace("-", "_")
    return str(parameter.name).rstrip("_")


def _property(parameter: Any, verb: VerbCommand) -> Schema:
    one = _type(parameter, verb.nature.unless)
    is_list = parameter.nargs != 1 or getattr(parameter, "multiple", False)
    schema: Schema = {"type": "array", "items": one} if is_list else one
    if is_list and parameter.required:
        schema["minItems"] = 1
    default = _plain(parameter.default)
    if default not in (None, "", ".") and not parameter.required:
        schema["default"] = default
    return {**schema, "description": parameter.help or ""}


def _type(parameter: Any, unless: Sequence[str]) -> Schema:
    kind = parameter.type
    if choices := getattr(kind, "choices", None):
        return {"enum": [str(choice) for choice in choices if choice not in unless]}
    if kind.name.startswith("bool"):
        return {"type": "boolean"}
    if kind.name.startswith(("int", "float")):
        bounds = {"minimum": getattr(kind, "min", None), "maximum": getattr(kind, "max", None)}
        named = "integer" if kind.name.startswith("int") else "number"
        return {"type": named} | {k: bound for k, bound in bounds.items() if bound is not None}
    return {"type": "string"}


def _plain(default: Any) -> Any:
    if isinstance(default, Enum):
        return default.value
    return str(default) if isinstance(default, PurePath) else default
