"""Manual pages: `ai(1)` for the whole, `ai-GROUP(1)` for the verbs of a group."""

from collections.abc import Iterable, Iterator, Sequence

from quintet_cli.exits import MEANING
from quintet_cli.overview import EXAMPLES, PURPOSE
from quintet_cli.reference.surroundings import ENVIRONMENT
from quintet_cli.surface import Command
from quintet_cli.tree import ENGINES, GROUPS, HOUSE


def pages(commands: Sequence[Command]) -> dict[str, str]:
    """Each page under the name of its file."""
    found = {"ai.1": _page(_main(commands))}
    for group in GROUPS:
        verbs = [command for command in commands if command.path[0] == group]
        found[f"ai-{group}.1"] = _page(_group(group, verbs))
    return found


def _page(lines: Iterable[str]) -> str:
    return "\n".join(lines) + "\n"


def _main(commands: Sequence[Command]) -> Iterator[str]:
    yield from _head("ai", PURPOSE.partition(".")[0])
    yield from (".SH SYNOPSIS", ".B ai", ".I GROUP VERB", "[OPTIONS]")
    yield from (".SH EXAMPLES", *_code(EXAMPLES))
    yield ".SH VERBS"
    for command in commands:
        if len(command.path) == 1:
            yield from _verb(command)
    yield ".SH GROUPS"
    yield from _terms((f"ai {name}", text) for name, text in (ENGINES | HOUSE).items())
    yield ".SH FLAGS OF EVERY VERB"
    yield from _terms((o.usage, o.help) for o in commands[0].common_options)
    yield ".SH EXIT STATUS"
    yield from _terms((str(status), text) for status, text in MEANING.items())
    yield ".SH ENVIRONMENT"
    yield from _terms(ENVIRONMENT.items())
    yield from (".SH SEE ALSO", ", ".join(f"\\fBai-{group}\\fR(1)" for group in GROUPS))


def _group(group: str, commands: Sequence[Command]) -> Iterator[str]:
    yield from _head(f"ai-{group}", (ENGINES | HOUSE)[group])
    yield from (".SH SYNOPSIS", f".B ai {group}", ".I VERB", "[OPTIONS]", ".SH VERBS")
    for command in commands:
        yield from _verb(command)
    yield from (".SH SEE ALSO", "\\fBai\\fR(1): flags of every verb, exit status, environment")


def _head(name: str, purpose: str) -> Iterator[str]:
    yield '.\\" Generated from the command tree by `make generated`; changes here will be lost.'
    yield f'.TH {_escaped(name.upper())} 1 "" ai "ai manual"'
    yield from (".SH NAME", f"{_escaped(name)} \\- {_escaped(purpose)}")


def _verb(command: Command) -> Iterator[str]:
    yield f".SS {_escaped(command.usage)}"
    yield _line(command.summary)
    for paragraph in filter(None, command.body.split("\n\n")):
        yield ".PP"
        # An indented paragraph is laid out by its author, a list or a table.
        lines = paragraph.split("\n")
        yield from _code(lines) if any(line[:1] == " " for line in lines) else map(_line, lines)
    yield from _terms((str(a.value), a.help) for a in command.arguments)
    yield from _terms((o.usage, o.help) for o in command.own_options)
    yield from (".PP", *_code(command.examples))


def _terms(rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    for term, text in rows:
        yield from (".TP", f"\\fB{_escaped(term)}\\fR", _line(text))


def _code(lines: Iterable[str]) -> Iterator[str]:
    yield from (".RS 4", ".nf", *map(_line, lines), ".fi", ".RE")


def _line(text: str) -> str:
    """A line of text; one that begins like a request is made plain."""
    escaped = _escaped(text)
    return f"\\&{escaped}" if escaped.startswith((".", "'")) else escaped


def _escaped(text: str) -> str:
    plain = text.replace("\\", "\\e").replace("-", "\\-")
    return "".join(c if c.isascii() else f"\\[u{ord(c):04X}]" for c in plain)
