"""The reference as one Markdown page."""

from collections.abc import Iterable, Iterator, Sequence

from quintet_cli.exits import MEANING
from quintet_cli.reference.surroundings import ENVIRONMENT
from quintet_cli.surface import Command
from quintet_cli.tree import ENGINES, GROUPS, HOUSE
from quintet_cli.verb import Nature

_INTRODUCTION = """\
# Command reference

Generated from the command tree by `make generated`; changes here will be lost.
`ai VERB --help` and `man ai` say the same.

Data goes to stdout, everything else to stderr. `-` stands for stdin or stdout where a file is
wanted. With `--json` a verb prints one JSON object with a versioned `schema`, and so does a
failure; [results.json](results.json) holds the JSON Schema of each. Under each verb stands what it
does at most: a verb that reads leaves everything as it was, what a verb changes can be taken back,
what it destroys cannot."""


def page(commands: Sequence[Command]) -> str:
    """The whole page."""
    return "\n\n".join(_blocks(commands)) + "\n"


def _blocks(commands: Sequence[Command]) -> Iterator[str]:
    yield _INTRODUCTION
    yield "## Flags of every verb"
    yield _rows((o.usage, o.help) for o in commands[0].common_options)
    yield "## Exit status"
    yield _table(("status", "meaning"), ((str(n), text) for n, text in MEANING.items()))
    yield "## Environment"
    yield _rows(ENVIRONMENT.items())
    yield "## Verbs without a group"
    yield from _verbs([c for c in commands if len(c.path) == 1])
    for group in GROUPS:
        yield f"## ai {group}"
        yield _sentence((ENGINES | HOUSE)[group])
        yield from _verbs([c for c in commands if c.path[0] == group])


def _verbs(commands: Sequence[Command]) -> Iterator[str]:
    for command in commands:
        yield f"### ai {command.name}"
        yield command.summary
        yield _code([command.usage])
        if command.body:
            yield command.body
        yield _code(command.examples)
        rows = [(str(a.value), a.help) for a in command.arguments]
        rows += [(o.usage, o.help) for o in command.own_options]
        if rows:
            yield _rows(rows)
        yield _nature(command.nature)


def _nature(nature: Nature) -> str:
    more = (
        f"; more with {', '.join(f'`{word}`' for word in nature.unless)}" if nature.unless else ""
    )
    names = ", ".join(f"`{name}`" for name in nature.shapes())
    return f"It {nature.does}{more}. With `--json`: {names}."


def _rows(rows: Iterable[tuple[str, str]]) -> str:
    """A definition list: Markdown has none, a list reads well in a terminal too."""
    return "\n".join(f"- `{name}`: {text}" if text else f"- `{name}`" for name, text in rows)


def _table(head: tuple[str, str], rows: Iterable[tuple[str, str]]) -> str:
    return "\n".join(f"| {left} | {right} |" for left, right in (head, ("---", "---"), *rows))


def _code(lines: Iterable[str]) -> str:
    return "\n".join(["```console", *lines, "```"])


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:] + "."
