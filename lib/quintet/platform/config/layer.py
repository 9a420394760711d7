"""Where values come from, each place as the same plain thing: raw values by section and name."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, cast

from quintet.errors import UsageError
from quintet.platform.config.shape import Text
from quintet.platform.config.toml_file import TomlFile

ENV_PREFIX = "AI_"
# Stands for the value of a section that was written as `name = value`.
NOT_A_TABLE = ""


class Source(StrEnum):
    """Who set a value, the strongest first."""

    FLAG = "flag"
    ENVIRONMENT = "environment"
    PROJECT = "project"
    USER = "user"
    DEFAULT = "default"


class BadFlag(UsageError):
    """A `--config` flag is neither KEY=VALUE nor a file that exists."""

    code = "config.bad_flag"


@dataclass(frozen=True, slots=True)
class Layer:
    """Raw values of one source. Relative paths among them start at `base`."""

    source: Source
    base: Path
    values: Mapping[str, Mapping[str, Any]]
    where: Callable[[tuple[str, ...]], str]


def file_layer(source: Source, file: TomlFile) -> Layer:
    """What a TOML file sets."""
    lines: dict[tuple[str, ...], int] = {}

    def where(path: tuple[str, ...]) -> str:
        from quintet.platform.config.lines import key_lines, line_of

        if not lines:
            lines.update(key_lines(file.text()))
        number = line_of(lines, path)
        return f"{file.path}:{number}" if number else str(file.path)

    values: dict[str, Mapping[str, Any]] = {}
    for section, table in file.data().items():
        is_table = isinstance(table, dict)
        values[section] = cast(dict[str, Any], table) if is_table else {NOT_A_TABLE: table}
    return Layer(source, file.path.parent, values, where)


def environment_layer(env: Mapping[str, str], base: Path) -> Layer:
    """Variables such as AI_BUDGET__DAY_USD; a name without a double underscore is none of ours."""
    named = (
        (tuple(name.removeprefix(ENV_PREFIX).lower().split("__")), value)
        for name, value in env.items()
        if name.startswith(ENV_PREFIX) and name.isupper()
    )
    pairs = ((parts, value) for parts, value in named if _is_key(parts))

    def where(path: tuple[str, ...]) -> str:
        return ENV_PREFIX + "__".join(path).upper()

    return Layer(Source.ENVIRONMENT, base, _nested(pairs), where)


def flag_layer(flags: Iterable[str], base: Path) -> Layer:
    """The KEY=VALUE pairs of `--config`."""
    pairs: list[tuple[tuple[str, ...], str]] = []
    for flag in flags:
        key, equals, value = flag.partition("=")
        parts = tuple(key.strip().split("."))
        if not equals or not _is_key(parts):
            raise BadFlag(
                f"--config {flag!r} is not KEY=VALUE", hint="ai … --config budget.day_usd=1.00"
            )
        pairs.append((parts, value))
    return Layer(Source.FLAG, base, _nested(pairs), lambda path: f"--config {'.'.join(path)}")


def at_home(path: Path) -> Path:
    """A leading `~` as the home it stands for; one that nobody knows is an ordinary name."""
    try:
        return path.expanduser()
    except RuntimeError:
        return path


def _is_key(parts: tuple[str, ...]) -> bool:
    return len(parts) in (2, 3) and all(parts)


def _nested(pairs: Iterable[tuple[tuple[str, ...], str]]) -> dict[str, dict[str, Any]]:
    values: dict[str, dict[str, Any]] = {}
    for (section, name, *entry), value in pairs:
        names = values.setdefault(section, {})
        if not entry:
            names[name] = Text(value)
        elif isinstance(names.setdefault(name, {}), dict):
            names[name][entry[0]] = Text(value)
    return values
