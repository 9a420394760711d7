"""Which line of a TOML file sets a key. The standard parser does not say; people want to know."""

import re
import tomllib
from collections.abc import Iterator

# Tried in this order at each position of a text that is known to be valid TOML.
_TOKEN = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}'
    r"|'''.*?'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'"
    r"|\#[^\n]*"
    r"|[\[\]{}=.,\n]"
    r"|[^\S\n]+"
    r"|[^\s\[\]{}=.,\"'#]+",
    re.DOTALL,
)


def key_lines(text: str) -> dict[tuple[str, ...], int]:
    """The line of every `key = value` and every `[header]`; inline tables count as one value."""
    found: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    line = 1
    for statement in _statements(text.replace("\r\n", "\n")):
        words = [token for token in statement if not token.isspace() and token[0] != "#"]
        if words and words[0] == "[":
            table = _path(words)
            found.setdefault(table, line)
        elif words:
            found.setdefault(table + _path(words[: words.index("=")]), line)
        line += sum(token.count("\n") for token in statement)
    return found


def line_of(lines: dict[tuple[str, ...], int], path: tuple[str, ...]) -> int:
    """The line that sets this key, or the nearest thing around it; 0 if nothing does."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 0)


def _statements(text: str) -> Iterator[list[str]]:
    depth = 0
    statement: list[str] = []
    for match in _TOKEN.finditer(text):
        token = match[0]
        statement.append(token)
        depth += (token in ("[", "{")) - (token in ("]", "}"))
        if token == "\n" and depth == 0:
            yield statement
            statement = []
    yield statement


def _path(words: list[str]) -> tuple[str, ...]:
    return tuple(_plain(word) for word in words if word not in ("[", "]", "."))


def _plain(word: str) -> str:
    return tomllib.loads(f"key = {word}")["key"] if word[0] in "\"'" else word
