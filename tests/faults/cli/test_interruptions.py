"""Every verb cut off at a random moment, and run twice at once: nothing lost or half done."""

import random
import signal
import time
from pathlib import Path

import pytest

from quintet.errors import Kind
from quintet_cli.exits import INTERRUPTED, STATUS
from support.harmless import command_lines, name_of
from support.process import Cut, environment, run_ai

pytestmark = pytest.mark.slow

_every_verb = pytest.mark.parametrize("words", command_lines(), ids=name_of)
LONGEST_S = 1.0


def _undisturbed(words: tuple[str, ...], home: Path) -> tuple[set[int], float]:
    """How the command ends the first and the second time in one home, and how long it takes."""
    home.mkdir()
    began_s = time.monotonic()
    statuses = {run_ai(words, environment(home), cwd=home).status for _ in range(2)}
    return statuses, (time.monotonic() - began_s) / 2


@pytest.mark.demand("CLI-12")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
@_every_verb
def test_a_verb_can_be_interrupted_at_any_moment(
    words: tuple[str, ...], number: signal.Signals, tmp_path: Path
) -> None:
    expected, duration_s = _undisturbed(words, tmp_path / "quiet")
    home = tmp_path / "home"
    home.mkdir()
    chance = random.Random(f"{words} {number}")
    for _ in range(3):
        cut = Cut(number, after_s=chance.uniform(0, min(duration_s, LONGEST_S)))
        ended = run_ai(words, environment(home), cwd=home, cut=cut)
        # The system itself ends a process that had no time to say what SIGTERM should do.
        if ended.status != -signal.SIGTERM:
            assert ended.require_grammar().status in {INTERRUPTED, *expected}
    after = run_ai(words, environment(home), cwd=home).require_grammar()
    assert after.status in expected, after.err


@pytest.mark.demand("CLI-17")
@_every_verb
def test_two_copies_at_once_do_not_harm_each_other(words: tuple[str, ...], tmp_path: Path) -> None:
    expected, _ = _undisturbed(words, tmp_path / "quiet")
    home = tmp_path / "home"
    home.mkdir()
    both = run_ai(words, environment(home), cwd=home, copies=2).require_grammar()
    # The second may be told to wait, or that the world is not as it was a moment ago.
    is_outrun = any(code in both.err for code in (b"world_changed", b"file.refused"))
    assert is_outrun or both.status in {*expected, STATUS[Kind.BUSY]}, both.err
    after = run_ai(words, environment(home), cwd=home).require_grammar()
    assert after.status in expected, after.err
