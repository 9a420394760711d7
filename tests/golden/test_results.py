"""Every command of every transcript once more with --json: what it prints is what it declares."""

from pathlib import Path

import pytest

from quintet_cli.tree import walk
from support.harmless import command_lines, name_of, with_flags
from support.results import path_of, require_declared, validators
from support.terminal import Terminal
from support.transcripts import TRANSCRIPTS, words_of, write_line


@pytest.mark.demand("CLI-21")
@pytest.mark.parametrize("transcript", TRANSCRIPTS, ids=lambda path: path.stem)
def test_what_a_transcript_shows_is_declared(transcript: Path, terminal: Terminal) -> None:
    for line in transcript.read_text().splitlines():
        if line.startswith("> "):
            write_line(terminal.home, line)
        elif line.startswith("$ ai "):
            words = words_of(terminal.home, line)
            is_verb = path_of(words) is not None and "--help" not in words
            terminal.ai(*(with_flags(words, "--json") if is_verb else words))


@pytest.mark.demand("CLI-21")
@pytest.mark.parametrize("line", command_lines(), ids=name_of)
def test_what_a_verb_prints_is_declared(line: tuple[str, ...], terminal: Terminal) -> None:
    result = terminal.ai(*with_flags(line, "--json", "--no-input"))
    assert result.out
    assert result.status != 2, f"its first example makes no sense by itself: {result.out}"


@pytest.mark.parametrize("path", list(walk()), ids=" ".join)
def test_a_result_that_is_not_as_declared_is_noticed(path: tuple[str] | tuple[str, str]) -> None:
    name = next(name for name in validators(path) if name != "ai.error/1")
    with pytest.raises(Exception, match="surprise"):
        require_declared([*path, "--json"], f'{{"schema": "{name}", "surprise": 1}}')
