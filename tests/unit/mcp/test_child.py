"""One run for a client: bounded in time and output, and nothing of it left behind."""

import os
import sys
import time
from pathlib import Path

import anyio
import pytest

from quintet.mcp.child import Ended, Limits, run_command

ENV = {"PATH": os.environ["PATH"]}


def run(script: str, *, time_s: float = 20.0, output_bytes: int = 10_000) -> Ended:
    words = (sys.executable, "-c", script)
    return anyio.run(run_command, words, ENV, Limits(time_s, output_bytes))


def test_output_and_status_come_back() -> None:
    ended = run("import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)")
    assert (ended.out, ended.err, ended.status) == (b"out\n", b"err\n", 3)
    assert not (ended.is_late or ended.is_too_long)


def test_standard_input_is_empty() -> None:
    assert run("import sys; print(len(sys.stdin.read()))").out == b"0\n"


@pytest.mark.demand("MCP-6")
def test_a_run_that_takes_too_long_is_ended() -> None:
    begun = time.monotonic()
    assert run("import time; time.sleep(60)", time_s=0.5).is_late
    assert time.monotonic() - begun < 20


@pytest.mark.demand("MCP-6")
def test_a_run_that_ignores_being_told_to_end_is_killed() -> None:
    script = "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(60)"
    begun = time.monotonic()
    assert run(script, time_s=1.0).is_late
    assert time.monotonic() - begun < 20


@pytest.mark.demand("MCP-6")
def test_a_run_that_says_too_much_is_ended() -> None:
    ended = run("while True: print('x' * 1000)")
    assert ended.is_too_long
    assert len(ended.out) < 200_000


def test_of_too_many_complaints_the_last_are_kept() -> None:
    ended = run("import sys; sys.stderr.write('x' * 1_000_000 + 'end')")
    assert ended.err.endswith(b"end")
    assert len(ended.err) <= 1 << 16


@pytest.mark.demand("MCP-6")
def test_a_grandchild_that_holds_the_pipe_does_not_hold_us(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    script = (
        "import subprocess, pathlib; child = subprocess.Popen(['sleep', '60']);"
        f"pathlib.Path({str(note)!r}).write_text(str(child.pid))"
    )
    begun = time.monotonic()
    assert run(script, time_s=2.0).is_late
    assert time.monotonic() - begun < 20
    words = Path(f"/proc/{note.read_text()}/cmdline")
    while words.exists() and words.read_bytes():
        assert time.monotonic() - begun < 30
        time.sleep(0.05)


def test_a_program_that_is_not_there_is_an_error() -> None:
    with pytest.raises(OSError, match="no-such"):
        anyio.run(run_command, ["/no-such"], ENV, Limits(1, 1))
