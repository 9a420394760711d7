"""Every verb cut off at a random moment, and run twice at once: nothing lost or half done."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from quintet.errors import Kind
from quintet_cli.exits import INTERRUPTED, STATUS
from support.harmless import command_lines, name_of
from support.process import PATIENCE_S, Ended, environment, run_ai

pytestmark = pytest.mark.slow

_every_verb = pytest.mark.parametrize("words", command_lines(), ids=name_of)
# Says when the interpreter is through with starting, which is not ours to answer for.
_STARTED = "import os; from quintet_cli.boot import main; os.write({fd}, b'.'); main()"
LONGEST_S = 1.0
_TWICE = '"$@" & "$@"; one=$?; wait $!; two=$?; exit $((one > two ? one : two))'


def _cut_off(words: tuple[str, ...], home: Path, number: signal.Signals, delay_s: float) -> Ended:
    reading, writing = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-c", _STARTED.format(fd=writing), *words],
        env=environment(home),
        cwd=home,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        pass_fds=(writing,),
    )
    os.close(writing)
    os.read(reading, 1)
    os.close(reading)
    time.sleep(delay_s)
    process.send_signal(number)
    out, err = process.communicate(timeout=PATIENCE_S)
    return Ended(words, process.returncode, out, err)


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
        delay_s = chance.uniform(0, min(duration_s, LONGEST_S))
        ended = _cut_off(words, home, number, delay_s)
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
    both = run_ai(words, environment(home), cwd=home, shell=_TWICE).require_grammar()
    assert both.status in {*expected, STATUS[Kind.BUSY]}, both.err
    after = run_ai(words, environment(home), cwd=home).require_grammar()
    assert after.status in expected, after.err
