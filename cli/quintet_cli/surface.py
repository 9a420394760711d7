"""A verb as plain data, read from its parser: what help, pages and completion are drawn from."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from typer._click import Context  # Typer keeps its parser private; pinned below 0.29
from typer.core import TyperOption
from typer.models import TyperPath

from quintet_cli.session import COMMON

if TYPE_CHECKING:
    from quintet_cli.verb import Nature, VerbCommand

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

    path: tuple[str, ...]
    summary: str
    body: str
    examples: tuple[str, ...]
    arguments: tuple[Argument, ...]
    options: tuple[Option, ...]
    nature: Nature

    @property
    def name(self) -> str:
        return " ".join(self.path)

    @property
    def usage(self) -> str:
        places = [argument.usage for argument in self.arguments]
        # Behind "--" a flag is one of another command.
        is_cut = any(place.startswith("--") for place in places)
        words = ["[OPTIONS]", *places] if is_cut else [*places, "[OPTIONS]"]
        return " ".join(["ai", *self.path, *words])

    @property
    def own_options(self) -> tuple[Option, ...]:
        return tuple(option for option in self.options if not option.is_common)

    @property
    def common_options(self) -> tuple[Option, ...]:
        return tuple(option for option in self.options if option.is_common)


def described(path: tuple[str, ...], verb: VerbCommand) -> Command:
    """What the parser of a verb knows."""
    context = Context(verb, info_name=path[-1])
    summary, _, body = inspect.cleandoc(verb.help or "").partition("\n\n")
    helps = {p: record[1] for p in verb.params if (record := p.get_help_record(context))}
    options = [p for p in helps if isinstance(p, TyperOption)]
    return Command(
        path=path,
        summary=summary.replace("\n", " "),
        body=body,
        examples=verb.examples,
        arguments=tuple(_argument(p, text) for p, text in helps.items() if p not in options),
        options=(*(_option(p, helps[p]) for p in options), _HELP),
        nature=verb.nature,
    )


_HELP = Option(("--help",), "Show this help.", value=None, is_common=True, is_repeated=False)


def _argument(parameter: Any, text: str) -> Argument:
    return Argument(
        value=_value(parameter),
        help=text.removesuffix("[required]").rstrip(),
        is_required=parameter.required,
        is_repeated=parameter.nargs != 1,
    )


def _option(parameter: TyperOption, text: str) -> Option:
    return Option(
        names=(*parameter.opts, *parameter.secondary_opts),
        help=text,
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
    if is_argument:
        return Value(parameter.name.upper())
    return Value("NUMBER" if kind.name.startswith(("int", "float")) else "TEXT")
