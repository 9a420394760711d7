"""Words with which each verb can be run by anybody, anywhere, in a second or so."""

import shlex

from quintet_cli.lazy import load
from quintet_cli.tree import TOP, Path, walk
from quintet_cli.verb import VerbCommand

# A verb that is not listed has none, or where it needs some, those of its first example. Listed is
# whose example takes long, waits, or is only for somebody who has something already.
WORDS: dict[str, tuple[str, ...]] = {
    "show": ("k7f3q9",),
    "why": ("k7f3q9",),
    "apply": ("b582c9",),
    "selftest": ("--torture", "1s"),
    "edge index": ("notes.md",),
    "edge ask": ("when", "does", "the", "lease", "end"),
    "edge forget": ("notes.md",),
    "life add": ("dentist tomorrow 15:00",),
    "ops trigger": ("invoice-received", "--event", '{"id": "m-1"}'),
    "models add": ("openai:tiny@http://127.0.0.1:9/v1", "--name", "tiny"),
    "models show": ("tiny",),
    "models rm": ("tiny",),
    "models test": ("tiny",),
    "policy allow": ("api.example.com", "--port", "443", "--purpose", "models"),
    "policy remove": ("1",),
    "policy explain": ("api.example.com", "--port", "443", "--purpose", "models"),
    "eval run": ("everyday", "--case", "no-such-day"),
    "eval check": ("cases.jsonl",),
    "eval from-run": ("k7f3q9",),
    "eval compare": ("before.json", "now.json"),
    "prove offline": ("--", "true"),
    "key export": ("keys.json",),
    "key import": ("keys.json",),
    "store sql": ("spine", "SELECT 42"),
    "store restore": ("spine", "backup.duckdb"),
    "store export": ("spine", "exported"),
    "mcp serve": ("--dry-run",),
    "mcp add": ("files", "--", "no-such-server"),
    "mcp show": ("files",),
    "mcp tools": ("files",),
    "mcp call": ("files", "list"),
    "mcp pin": ("files",),
    "mcp remove": ("files",),
    "completion show": ("bash",),
    "schedule add": ("morning", "daily 07:00", "--", "version"),
    "schedule remove": ("morning",),
    "schedule run": ("--due",),
    "completion install": ("bash",),
}


Line = tuple[str, ...]


def command_lines() -> list[Line]:
    """One harmless command line for each verb."""
    return [(*path, *_words(path)) for path in walk()]


def _words(path: Path) -> Line:
    name = " ".join(path)
    return WORDS[name] if name in WORDS else _words_of_example(f"ai {name}", path)


def _words_of_example(start: str, path: Path) -> Line:
    verb = load(path)
    assert isinstance(verb, VerbCommand)
    if not any(parameter.required for parameter in verb.params):
        return ()
    example = next((line for line in verb.examples if f"{line} ".startswith(f"{start} ")), start)
    return tuple(shlex.split(example.removeprefix(start)))


def with_flags(line: Line, *flags: str) -> Line:
    """The line with flags behind the verb, where they mean the verb and not its words."""
    verb_at = 1 if line[0] in TOP else 2
    return (*line[:verb_at], *flags, *line[verb_at:])


def name_of(line: Line) -> str:
    """A line as a test's name."""
    return " ".join(line)
