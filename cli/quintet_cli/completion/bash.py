"""Completion for bash 3.2 and later, with or without the bash-completion package."""

from collections.abc import Iterator, Sequence

from quintet_cli.completion.kinds import word_of
from quintet_cli.completion.template import filled
from quintet_cli.surface import Command, Option
from quintet_cli.tree import GROUPS, TOP, verbs_of


def script(commands: Sequence[Command]) -> str:
    """The whole script."""
    common = commands[0].common_options
    return filled(
        "ai.bash",
        common_flags=_names(common),
        common_takes=_takes(common),
        table="\n".join(_rows(commands)),
    )


def _rows(commands: Sequence[Command]) -> Iterator[str]:
    yield f"    '') words='{' '.join([*TOP, *GROUPS])}' flags='--version' ;;"
    for group in GROUPS:
        if verbs := verbs_of(group):
            yield f"    {group}) words='{' '.join(verbs)}' ;;"
    for command in commands:
        places = (word_of(a.value) + ("*" if a.is_repeated else "") for a in command.arguments)
        fields = {
            "flags": _names(command.own_options),
            "takes": _takes(command.own_options),
            "places": " ".join(places),
        }
        filled_in = " ".join(f"{name}='{value}'" for name, value in fields.items() if value)
        yield f"    '{command.name}') is_verb=1 {filled_in}".rstrip() + " ;;"


def _names(options: Sequence[Option]) -> str:
    return " ".join(name for option in options for name in option.names)


def _takes(options: Sequence[Option]) -> str:
    """The options that want a value, as `--name=KIND`."""
    return " ".join(
        f"{name}={word_of(option.value)}"
        for option in options
        if option.value
        for name in option.names
    )
