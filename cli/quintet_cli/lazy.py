"""Groups that know the names of their verbs and load the code of the one that is called."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import TYPE_CHECKING

from typer.core import TyperGroup, TyperOption

from quintet.platform.rng import ALPHABET
from quintet_cli.overview import group_help, root_help
from quintet_cli.tree import BY_ID, GROUPS, TOP, Path, module_of, verbs_of
from quintet_cli.verb import VerbCommand, answer_with_help, command_of

if TYPE_CHECKING:
    from typer._click import Command, Context, HelpFormatter


_SHORTEST_ID = 4


class LazyGroup(TyperGroup):
    """A group whose table lists placeholders; the real command replaces one when it is called."""

    def __init__(self, path: tuple[str] | tuple[()], names: Iterable[str]) -> None:
        super().__init__(name=path[-1] if path else "ai", rich_markup_mode=None)
        self._path = path
        self.commands.update({name: VerbCommand(name, callback=None) for name in names})

    def get_command(self, ctx: Context, cmd_name: str) -> Command | None:
        if cmd_name not in self.commands:
            return None
        return load((self._path[0], cmd_name) if self._path else (cmd_name,))

    def resolve_command(
        self, ctx: Context, args: list[str]
    ) -> tuple[str | None, Command | None, list[str]]:
        depth = len(self._path)
        return super().resolve_command(ctx, with_verb([*self._path, *args])[depth:])

    def get_help_option(self, ctx: Context) -> TyperOption | None:
        option = super().get_help_option(ctx)
        if option:
            option.callback = answer_with_help
        return option

    def format_help(self, ctx: Context, formatter: HelpFormatter) -> None:
        formatter.write(group_help(self._path[0]) if self._path else root_help())


def with_verb(words: list[str]) -> list[str]:
    """The words of a command line, with the verb that an id in its place stands for."""
    if len(words) > 1 and words[0] in BY_ID and _is_id(words[1]):
        return [words[0], BY_ID[words[0]], *words[1:]]
    return words


def _is_id(word: str) -> bool:
    """Whether a word is an id and cannot be a mistyped verb: verbs have vowels, ids have none."""
    return word.startswith("@") or (
        len(word) >= _SHORTEST_ID and not (word.strip(ALPHABET) and word.strip("0123456789abcdef"))
    )


def load(path: Path) -> Command:
    """The command at a path, its code imported now."""
    if len(path) == 1 and path[0] in GROUPS:
        return LazyGroup((path[0],), verbs_of(path[0]))
    name = path[-1]
    module = import_module(module_of(path))
    function_name = module.__name__.rpartition(".")[2]
    return command_of(name, getattr(module, function_name))


def root() -> LazyGroup:
    """The command `ai`."""
    return LazyGroup((), [*TOP, *GROUPS])
