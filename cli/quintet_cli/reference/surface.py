"""Every command as plain data, read from the parser itself, so that no page can tell otherwise."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from typer.core import TyperOption
from typer.models import TyperPath

from quintet_cli.lazy import load
from quintet_cli.tree import Path, walk
from quintet_cli.verb import COMMON, VerbCommand

FILE = "FILE"
FOLDER = "FOLDER"


@dataclass(frozen=True, slots=True)
class Value:
    """What a parameter wants: the word that stands for it, or the words to choose from."""

    name: str
    choices: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "|".join(self.choices) or self.name


@dataclass(frozen=True, slots=True)
class Argument:
    """A parameter that is known by its place."""

    value: Value
    help: str
    is_required: bool
    is_repeated: bool

    @property
    def usage(self) -> str:
        shown = f"{self.value}..." if self.is_repeated else str(self.value)
        return shown if self.is_required else f"[{shown}]"


@dataclass(frozen=True, slots=True)
class Option:
    """A parameter that is known by its name; without a value it is a flag."""

    names: tuple[str, ...]
    help: str
    value: Value | None
    is_common: bool
    is_repeated: bool

    @property
    def usage(self) -> str:
        shown = ", ".join(sorted(self.names, key=len))
        return f"{shown} {self.value}" if self.value else shown


@dataclass(frozen=True, slots=True)
class Command:
    """One verb."""

    path: Path
    summary: str
    body: str
    examples: tuple[str, ...]
    arguments: tuple[Argument, ...]
    options: tuple[Option, ...]

    @property
    def name(self) -> str:
        return " ".join(self.path)

    @property
    def usage(self) -> str:
        return " ".join(["ai", *self.path, *(a.usage for a in self.arguments), "[OPTIONS]"])


def commands(paths: Iterable[Path] | None = None) -> list[Command]:
    """Every verb, or those at these paths; imports the code of each."""
    return [_command(path) for path in (walk() if paths is None else paths)]


def _command(path: Path) -> Command:
    verb = load(path)
    assert isinstance(verb, VerbCommand)
    summary, _, body = inspect.cleandoc(verb.help or "").partition("\n\n")
    shown = [p for p in verb.params if not getattr(p, "hidden", False)]
    options = [p for p in shown if isinstance(p, TyperOption)]
    return Command(
        path=path,
        summary=summary.replace("\n", " "),
        body=body,
        examples=verb.examples,
        arguments=tuple(_argument(p) for p in shown if p not in options),
        options=(*(_option(p) for p in options), _HELP),
    )


_HELP = Option(("--help",), "Show this help.", value=None, is_common=True, is_repeated=False)


def _argument(parameter: Any) -> Argument:
    return Argument(
        value=_value(parameter),
        help=parameter.help or "",
        is_required=parameter.required,
        is_repeated=parameter.nargs != 1,
    )


def _option(parameter: TyperOption) -> Option:
    return Option(
        names=(*parameter.opts, *parameter.secondary_opts),
        help=parameter.help or "",
        value=None if parameter.is_flag else _value(parameter),
        is_common=parameter.rich_help_panel == COMMON,
        is_repeated=parameter.multiple,
    )


def _value(parameter: Any) -> Value:
    """The metavar says what a value is; a path or a choice says it by its type."""
    kind = parameter.type
    if choices := getattr(kind, "choices", None):
        return Value(parameter.metavar or parameter.name.upper(), tuple(map(str, choices)))
    if parameter.metavar:
        return Value(parameter.metavar.strip("[].…"))
    if isinstance(kind, TyperPath):
        return Value(FILE if kind.file_okay else FOLDER)
    is_argument = parameter.param_type_name == "argument"
    return Value((parameter.name if is_argument else kind.name).upper())
