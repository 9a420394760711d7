"""The script for each shell: static text, made from the command tree and committed."""

from collections.abc import Callable, Sequence
from enum import StrEnum

from quintet_cli.completion import bash, fish, zsh
from quintet_cli.reference.every import commands
from quintet_cli.surface import Command


class Shell(StrEnum):
    """A shell that `ai` can complete for."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


_SCRIPTS: dict[Shell, tuple[str, Callable[[Sequence[Command]], str]]] = {
    Shell.BASH: ("ai.bash", bash.script),
    Shell.ZSH: ("_ai", zsh.script),
    Shell.FISH: ("ai.fish", fish.script),
}


def file_name(shell: Shell) -> str:
    """What the script is called in `completions/`."""
    return _SCRIPTS[shell][0]


def script_for(shell: Shell, verbs: Sequence[Command] | None = None) -> str:
    """The script of a shell for every verb, or for these."""
    return _SCRIPTS[shell][1](commands() if verbs is None else verbs)
