"""Transcripts: `$ ai …` lines with what they print, and `> name: text` lines that write files.

A `>` line adds a line to a file in the home; escapes such as `\\n` in it stand for what they mean.
"""

import shlex
from collections.abc import Iterator
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "golden/transcripts"
TRANSCRIPTS = sorted(FOLDER.glob("*.txt"))


def inputs(text: str) -> Iterator[str]:
    """The lines that are input: commands, file contents for them, comments and blank lines."""
    for line in text.splitlines():
        if line.startswith(("$ ", "# ", "> ", "+ ")) or not line:
            yield line


def write_line(home: Path, line: str) -> None:
    """Add what a `>` line says to its file."""
    name, _, content = line.removeprefix("> ").partition(": ")
    path = home / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as stream:
        stream.write(content.encode("ascii", "backslashreplace").decode("unicode_escape") + "\n")


def words_of(home: Path, line: str) -> tuple[str, ...]:
    """The words after `ai` in a `$` line."""
    return tuple(shlex.split(line.removeprefix("$ ai").replace("~/", f"{home}/")))
