"""All verbs as data: their code is imported, which only pages and scripts have to do."""

from collections.abc import Iterable

from quintet_cli.lazy import load
from quintet_cli.surface import Command, described
from quintet_cli.tree import Path, walk
from quintet_cli.verb import VerbCommand


def commands(paths: Iterable[Path] | None = None) -> list[Command]:
    """Every verb, or those at these paths."""
    return [_command(path) for path in (walk() if paths is None else paths)]


def _command(path: Path) -> Command:
    verb = load(path)
    assert isinstance(verb, VerbCommand)
    return described(path, verb)
