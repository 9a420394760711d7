"""The command line as a person sees it: transcripts that are run and compared, line by line.

A transcript is a text file of `$ ai …` lines, each followed by what it prints. `err:` lines were
on stderr, `[status N]` closes a command that did not end with 0. `make golden` writes them anew,
and the diff is the review.
"""

import os
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.terminal import Terminal

HERE = Path(__file__).parent / "transcripts"
REWRITE = os.environ.get("REWRITE_TRANSCRIPTS") == "1"


def _commands(text: str) -> Iterator[str]:
    """The lines that are input: commands, file contents for them, comments and blank lines."""
    for line in text.splitlines():
        if line.startswith(("$ ", "# ", "> ")) or not line:
            yield line


def _play(script: str, terminal: Terminal) -> str:
    lines: list[str] = []
    for line in _commands(script):
        lines.append(line)
        if line.startswith("> "):
            name, _, content = line[2:].partition(": ")
            path = terminal.home / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("a") as stream:
                stream.write(content.encode().decode("unicode_escape") + "\n")
        elif line.startswith("$ ai"):
            words = shlex.split(line[5:].replace("~/", f"{terminal.home}/"))
            result = terminal.ai(*words)
            shown = result.out.splitlines() + [f"err: {text}" for text in result.err.splitlines()]
            lines += [text.replace(str(terminal.home), "~").rstrip() or "." for text in shown]
            lines += [f"[status {result.status}]"] if result.status else []
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("transcript", sorted(HERE.glob("*.txt")), ids=lambda path: path.stem)
def test_the_terminal_shows_what_the_transcript_says(transcript: Path, terminal: Terminal) -> None:
    recorded = transcript.read_text()
    played = _play(recorded, terminal)
    if REWRITE:
        transcript.write_text(played)
    assert played == recorded
