"""Completion for zsh, in the words of its `_arguments`."""

from collections.abc import Iterator, Sequence

from quintet_cli.completion.kinds import choices_of, kinds_of
from quintet_cli.completion.template import filled
from quintet_cli.surface import Argument, Command, Option, Value
from quintet_cli.tree import ENGINES, GROUPS, HOUSE, TOP, verbs_of

_SHELL_KINDS = {"FILE": "_files", "FOLDER": "_files -/"}


def script(commands: Sequence[Command]) -> str:
    """The whole script."""
    common = [spec for option in commands[0].common_options for spec in _specs(option)]
    levels = [_level("_ai", {name: text for name, (_, text) in TOP.items()} | ENGINES | HOUSE)]
    levels += [_level(f"_ai_{group}", verbs_of(group)) for group in GROUPS]
    return filled(
        "_ai",
        common="\n".join(f"  {spec}" for spec in common),
        functions="\n\n".join([*levels, *map(_verb, commands)]),
    )


def _level(name: str, entries: dict[str, str]) -> str:
    rows = [_quoted(f"{word}:{text}") for word, text in entries.items()]
    return "\n".join([f"{name}() {{", " \\\n    ".join([f"  _ai_level {name}", *rows]), "}"])


def _verb(command: Command) -> str:
    own = [spec for o in command.own_options for spec in _specs(o)]
    places = [spec for n, a in enumerate(command.arguments, 1) for spec in _place(n, a)]
    body = " \\\n    ".join(["  _arguments -s -S $_ai_common", *own, *places])
    return f"{'_'.join(['_ai', *command.path])}() {{\n{body}\n}}"


def _specs(option: Option) -> Iterator[str]:
    """One spec a name; naming one of them takes all of them off the table."""
    taken = "*" if option.is_repeated else f"({' '.join(option.names)})"
    text = option.help.translate(str.maketrans({"[": "\\[", "]": "\\]"}))
    for name in option.names:
        # "=" lets a long option be joined to its value, "+" a short one.
        joint = ("=" if name.startswith("--") else "+") if option.value else ""
        wanted = f":{option.value.name}:{_action(option.value)}" if option.value else ""
        yield _quoted(f"{taken}{name}{joint}[{text}]{wanted}")


def _place(number: int, argument: Argument) -> Iterator[str]:
    name = argument.value.name
    if kinds_of(argument.value) == ["COMMAND"]:
        yield _quoted(f"(-){number}:{name}:_command_names -e")
        yield _quoted("*::arguments:_normal")
        return
    lead = "*" if argument.is_repeated else f"{number}:" + ("" if argument.is_required else ":")
    yield _quoted(f"{lead.removesuffix(':')}:{name}:{_action(argument.value)}")


def _action(value: Value) -> str:
    if choices := choices_of(value):
        return f"({' '.join(choices)})"
    # A leading space keeps zsh from putting words of its own before ours.
    actions = [_SHELL_KINDS.get(kind, f" _ai_cached {kind}") for kind in kinds_of(value)]
    if len(actions) > 1:
        several = " ".join(f'"{number}:{value.name}:{a}"' for number, a in enumerate(actions))
        return f"_alternative {several}"
    return actions[0] if actions else " "


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
