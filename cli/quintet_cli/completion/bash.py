"""Completion for bash 3.2 and later, with or without the bash-completion package."""

from collections.abc import Iterator, Sequence

from quintet_cli.completion.kinds import word_of
from quintet_cli.completion.template import filled
from quintet_cli.reference.surface import Command
from quintet_cli.tree import GROUPS, TOP, verbs_of


def script(commands: Sequence[Command]) -> str:
    """The whole script."""
    common = [option for option in commands[0].options if option.is_common]
    return filled(
        "ai.bash",
        common_flags=" ".join(name for option in common for name in option.names),
        common_takes=_takes(commands[0], is_common=True),
        table="\n".join(_rows(commands)),
    )


def _rows(commands: Sequence[Command]) -> Iterator[str]:
    yield f"    '') words='{' '.join([*TOP, *GROUPS])}' flags='--version' ;;"
    for group in GROUPS:
        if verbs := verbs_of(group):
            yield f"    {group}) words='{' '.join(verbs)}' ;;"
    for command in commands:
        fields = {
            "flags": " ".join(n for o in command.options if not o.is_common for n in o.names),
            "takes": _takes(command, is_common=False),
            "places": " ".join(
                word_of(argument.value) + ("*" if argument.is_repeated else "")
                for argument in command.arguments
            ),
        }
        filled_in = " ".join(f"{name}='{value}'" for name, value in fields.items() if value)
        yield f"    '{command.name}') is_verb=1 {filled_in}".rstrip() + " ;;"


def _takes(command: Command, *, is_common: bool) -> str:
    """The options that want a value, as `--name=KIND`."""
    return " ".join(
        f"{name}={word_of(option.value)}"
        for option in command.options
        if option.value and option.is_common == is_common
        for name in option.names
    )
