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


@pytest.mark.demand("CLI-12")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
@_every_verb
def test_a_verb_can_be_interrupted_at_any_moment(
    words: tuple[str, ...], number: signal.Signals, tmp_path: Path
) -> None:
    began_s = time.monotonic()
    undisturbed = run_ai(words, environment(tmp_path), cwd=tmp_path).status
    longest_s = min(time.monotonic() - began_s, LONGEST_S)
    chance = random.Random(f"{words} {number}")
    for _ in range(3):
        ended = _cut_off(words, tmp_path, number, chance.uniform(0, longest_s)).require_grammar()
        assert ended.status in (INTERRUPTED, undisturbed)
    assert run_ai(words, environment(tmp_path), cwd=tmp_path).status == undisturbed


@pytest.mark.demand("CLI-17")
@_every_verb
def test_two_copies_at_once_do_not_harm_each_other(words: tuple[str, ...], tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    alone = tmp_path / "alone"
    alone.mkdir()
    worse = run_ai(words, environment(home), cwd=home, shell=_TWICE).require_grammar().status
    expected = run_ai(words, environment(alone), cwd=alone).status
    assert worse in (expected, STATUS[Kind.BUSY])
    after = run_ai(words, environment(home), cwd=home).require_grammar().status
    assert after == expected
