"""Completion for fish 3.2 and later."""

from collections.abc import Iterator, Sequence

from quintet_cli.completion.kinds import choices_of, kinds_of
from quintet_cli.completion.template import filled
from quintet_cli.surface import Command, Option, Value
from quintet_cli.tree import ENGINES, GROUPS, HOUSE, TOP, verbs_of

_FILES = "-F"
_SHELL_KINDS = {
    "FILE": _FILES,
    "FOLDER": "-a '(__fish_complete_directories)'",
    "COMMAND": "-a '(__ai_command)'",
}


def script(commands: Sequence[Command]) -> str:
    """The whole script."""
    return filled(
        "ai.fish", top=" ".join(TOP), groups=" ".join(GROUPS), rows="\n".join(_rows(commands))
    )


def _rows(commands: Sequence[Command]) -> Iterator[str]:
    yield "complete -c ai -n __ai_below -l version -d 'Show the version.'"
    top = {name: text for name, (_, text) in TOP.items()}
    for word, text in (top | ENGINES | HOUSE).items():
        yield f"complete -c ai -n __ai_below -a {word} -d {_quoted(text)}"
    for group in GROUPS:
        for word, text in verbs_of(group).items():
            yield f"complete -c ai -n '__ai_below {group}' -a {word} -d {_quoted(text)}"
    for option in commands[0].common_options:
        yield _option_row("__ai_in_verb", option)
    for command in commands:
        yield from _verb_rows(command)


def _verb_rows(command: Command) -> Iterator[str]:
    valued = " ".join(name for o in command.options if o.value for name in o.names)
    for option in command.own_options:
        yield _option_row(f"__ai_in {_quoted(command.name)}", option)
    for number, argument in enumerate(command.arguments, 1):
        if offer := _offer(argument.value):
            place = f"{number}+" if argument.is_repeated else str(number)
            where = f"__ai_at {_quoted(command.name)} {place} {valued}"
            yield f"complete -c ai -n {_quoted(where)} {offer}"


def _option_row(where: str, option: Option) -> str:
    names = " ".join(
        f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in option.names
    )
    row = f"complete -c ai -n {_quoted(where)} {names} -d {_quoted(option.help)}"
    if option.value is None:
        return row
    offer = _offer(option.value)
    return f"{row} -r {offer}" if offer.endswith(_FILES) else f"{row} -x {offer}".rstrip()


def _offer(value: Value) -> str:
    """The part of a `complete` line that says where its words come from."""
    if choices := choices_of(value):
        return f"-a {_quoted(' '.join(choices))}"
    return " ".join(
        _SHELL_KINDS.get(kind, f"-a '(__ai_cached {kind})'") for kind in kinds_of(value)
    )


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
