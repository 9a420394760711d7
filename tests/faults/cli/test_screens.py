"""Every verb on screens of every kind, at the end of time, and with every flag of the grammar."""

import contextlib
import os
import pty
import re
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from quintet.platform.clock import FakeClock
from quintet_cli.exits import BUG, MEANING
from support.harmless import Line, command_lines, name_of, with_flags
from support.process import environment, run_ai
from support.terminal import Terminal

_every_verb = pytest.mark.parametrize("words", command_lines(), ids=name_of)


def _on_screen(words: Line, env: Mapping[str, str], cwd: Path) -> tuple[int, bytes]:
    """How a command ends on a terminal where nobody types, and everything that it draws there."""
    ours, theirs = pty.openpty()
    drawn: list[bytes] = []
    drawing = threading.Thread(target=_read_all, args=(ours, drawn))
    drawing.start()
    screen = os.ttyname(theirs)
    ended = run_ai(words, env, cwd=cwd, streams=(screen, screen, screen))
    os.close(theirs)
    drawing.join()
    os.close(ours)
    return ended.status, b"".join(drawn)


def _read_all(fd: int, drawn: list[bytes]) -> None:
    # The system ends reading by an error once the last writer is gone.
    with contextlib.suppress(OSError):
        while data := os.read(fd, 1 << 16):
            drawn.append(data)


@pytest.mark.slow
@pytest.mark.demand("CLI-15")
@pytest.mark.parametrize(
    ("variables", "absent"),
    [
        ({"TERM": "dumb", "COLUMNS": "20"}, rb"\x1b"),
        ({"TERM": "xterm", "NO_COLOR": "1", "COLUMNS": "1"}, rb"\x1b\[[0-9;]*m"),
        ({"TERM": "xterm", "COLUMNS": "0"}, b""),
    ],
    ids=["dumb", "no colour", "colour"],
)
@_every_verb
def test_a_verb_draws_only_what_the_screen_can_show(
    words: tuple[str, ...], variables: dict[str, str], absent: bytes, tmp_path: Path
) -> None:
    env = environment(tmp_path, **variables)
    status, drawn = _on_screen(with_flags(words, "--no-input"), env, tmp_path)
    assert status in MEANING
    assert status != BUG, drawn
    assert b"Traceback" not in drawn
    assert not absent or not re.search(absent, drawn), drawn


@pytest.mark.slow
@pytest.mark.demand("CLI-6")
@_every_verb
def test_with_json_every_line_of_a_verb_is_an_object_with_a_schema(
    words: tuple[str, ...], tmp_path: Path
) -> None:
    ended = run_ai(
        with_flags(words, "--json"), environment(tmp_path), cwd=tmp_path
    ).require_grammar()
    objects = ended.json()
    assert objects, "at least one object"
    for found in objects:
        name, _, version = str(found["schema"]).rpartition("/")
        assert name.startswith("ai.")
        assert version.isdigit()


@pytest.mark.demand("CLI-15")
@pytest.mark.parametrize("year", [1970, 2038, 9999])
@_every_verb
def test_a_verb_works_whatever_year_it_is(
    words: tuple[str, ...], year: int, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    terminal = Terminal(home, clock=FakeClock(datetime(year, 1, 1, tzinfo=UTC)))
    result = terminal.ai(*words)
    assert result.status in MEANING
    assert result.status != BUG, result.err


@pytest.mark.demand("CLI-19")
@_every_verb
def test_help_comes_with_examples_and_changes_nothing(
    words: tuple[str, ...], terminal: Terminal
) -> None:
    result = terminal.ai(*with_flags(words, "--help"))
    assert result.status == 0
    assert "\nExamples:\n  ai " in result.out
    assert result.out.endswith("docs/reference/cli.md.\n")
    assert not list(terminal.home.iterdir())


@pytest.mark.demand("CLI-5")
@_every_verb
def test_a_mistyped_flag_is_answered_with_the_one_that_was_meant(
    words: tuple[str, ...], terminal: Terminal
) -> None:
    result = terminal.ai(*with_flags(words, "--jsn"))
    assert result.status == 2
    assert "--json" in result.err
