"""The command line as a person sees it: transcripts that are run and compared, line by line.

A transcript is a text file of `$ ai …` lines, each followed by what it prints. `err:` lines were
on stderr, `.` is an empty line, `[status N]` closes a command that did not end with 0, `+ 90` lets
90 seconds pass. `make golden` writes them anew, says which, and the diff is the review.
"""

import os
import sys
from pathlib import Path

import pytest

from quintet_cli.exits import BUG
from support.terminal import Terminal
from support.transcripts import TRANSCRIPTS, inputs, words_of, write_line

REWRITE = os.environ.get("REWRITE_TRANSCRIPTS") == "1"


def _answer(line: str, terminal: Terminal) -> list[str]:
    result = terminal.ai(*words_of(terminal.home, line))
    assert result.status != BUG, f"{line} is a bug: {result.err}"
    shown = result.out.splitlines() + [f"err: {text}" for text in result.err.splitlines()]
    lines = [text.replace(str(terminal.home), "~").rstrip() or "." for text in shown]
    return lines + ([f"[status {result.status}]"] if result.status else [])


def _play(script: str, terminal: Terminal) -> str:
    lines: list[str] = []
    for line in inputs(script):
        lines.append(line)
        if line.startswith("> "):
            write_line(terminal.home, line)
        elif line.startswith("+ "):
            terminal.clock.advance(float(line[2:]))
        elif line.startswith("$ ai"):
            lines += _answer(line, terminal)
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("transcript", TRANSCRIPTS, ids=lambda path: path.stem)
def test_the_terminal_shows_what_the_transcript_says(
    transcript: Path, terminal: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    recorded = transcript.read_text()
    played = _play(recorded, terminal)
    if REWRITE and played != recorded:
        transcript.write_text(played)
        with capsys.disabled():
            sys.stdout.write(f"\nrewrote {transcript.name}\n")
    else:
        assert played == recorded, "make golden"


def test_a_line_of_a_file_is_written_as_it_is_meant(tmp_path: Path) -> None:
    for line in ("> a/b.txt: café 日本 \\u001b[31m", "> a/b.txt: x: \\n 🙂"):
        write_line(tmp_path, line)
    assert (tmp_path / "a/b.txt").read_text() == "café 日本 \x1b[31m\nx: \n 🙂\n"
