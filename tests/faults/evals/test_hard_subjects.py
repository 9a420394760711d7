"""Subjects that hang, flood or die, and runs that are killed, crowded or out of room."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from quintet.evals.adapters.child import Children, Ended, RunOver
from support.process import AI, environment, run_ai
from support.suites import case, write_suite


def _child(code: str, tmp_path: Path, *, timeout_s: float = 20.0) -> Ended:
    command = [sys.executable, "-c", code]
    return Children().run(
        command, cwd=tmp_path, env=dict(os.environ), stdin=b"", timeout_s=timeout_s
    )


@pytest.mark.demand("EVAL-4")
def test_a_child_that_hangs_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    code = (
        "import subprocess, sys, time, signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']);"
        "open('pid', 'w').write(str(p.pid)); time.sleep(600)"
    )
    ended = _child(code, tmp_path, timeout_s=2)
    assert ended.why == "it took longer than 2 s"
    started = int((tmp_path / "pid").read_text())
    deadline_s = time.monotonic() + 10
    while _is_alive(started) and time.monotonic() < deadline_s:
        time.sleep(0.02)
    assert not _is_alive(started)


def _is_alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False


@pytest.mark.demand("EVAL-4")
def test_a_child_that_floods_is_ended_and_its_output_cut(tmp_path: Path) -> None:
    ended = _child("import sys\nwhile True: sys.stdout.write('x' * 65536)", tmp_path)
    assert ended.why == "it printed more than 4 MB"
    assert len(ended.out) == 4 << 20


@pytest.mark.demand("EVAL-4")
def test_a_child_that_dies_or_closes_its_streams_is_told_from_one_that_ends(tmp_path: Path) -> None:
    assert (
        _child("import os; os.kill(os.getpid(), 11)", tmp_path).why == "it was ended by signal 11"
    )
    quiet = _child("import os; os.close(0); os.close(1); os.close(2)", tmp_path)
    assert (quiet.status, quiet.why) == (0, "")


def test_nothing_begins_after_a_stop(tmp_path: Path) -> None:
    children = Children()
    children.stop()
    with pytest.raises(RunOver):
        children.run(["true"], cwd=tmp_path, env={}, stdin=b"", timeout_s=1)


@pytest.mark.demand("EVAL-4")
def test_a_case_that_takes_too_long_fails_and_the_next_one_runs(tmp_path: Path) -> None:
    slow = case(id="slow", run=["selftest", "--torture", "60s"], timeout_s=1.5)
    quick = case(id="quick", **{"assert": [{"path": "$.versions.ai", "exists": True}]})
    write_suite(tmp_path / "suite.jsonl", slow, quick)
    ended = run_ai(["eval", "run", "suite.jsonl", "--json"], environment(tmp_path), cwd=tmp_path)
    (told,) = ended.require_grammar().json()
    assert [one["passed"] for one in told["cases"]] == [0, 1]
    assert "it took longer than 1.5 s" in told["cases"][0]["problems"][0]


@pytest.mark.demand("EVAL-7")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT], ids=str)
def test_a_run_that_is_cut_keeps_its_tries_and_is_gone_on_with(
    tmp_path: Path, number: signal.Signals
) -> None:
    write_suite(
        tmp_path / "suite.jsonl", case(**{"assert": [{"path": "$.versions.ai", "exists": True}]})
    )
    env = environment(tmp_path)
    words = ["eval", "run", "suite.jsonl", "-n", "6", "--jobs", "1", "--json"]
    with subprocess.Popen(
        [*AI, *words], env=env, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        inbox = tmp_path / ".local/share/ai/store/evals/inbox"
        deadline_s = time.monotonic() + 60
        while _size(inbox) < 800 and time.monotonic() < deadline_s:
            time.sleep(0.02)
        process.send_signal(number)
        _, err = process.communicate(timeout=30)
    assert process.returncode == (130 if number == signal.SIGINT else -9)
    (listed,) = run_ai(["eval", "show", "--json"], env, cwd=tmp_path).json()[0]["runs"]
    assert 1 <= listed["tried"] < 6
    if number == signal.SIGINT:
        assert f"--resume {listed['id'][:6]}".encode() in err
    resumed = run_ai([*words, "--resume", listed["id"][:6]], env, cwd=tmp_path)
    told = resumed.require_grammar().json()[0]
    assert told["run"] == listed["id"]
    assert (told["cases"][0]["passed"], told["cases"][0]["tried"]) == (6, 6)


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.glob("*.journal")) if folder.exists() else 0


def test_a_run_is_not_gone_on_with_by_other_cases(tmp_path: Path) -> None:
    write_suite(tmp_path / "suite.jsonl", case())
    env = environment(tmp_path)
    ran = run_ai(["eval", "run", "suite.jsonl", "--json"], env, cwd=tmp_path).json()[0]
    write_suite(tmp_path / "suite.jsonl", case(), case(id="two"))
    resumed = run_ai(
        ["eval", "run", "suite.jsonl", "--resume", ran["run"]], env, cwd=tmp_path
    ).require_grammar()
    assert resumed.status == 2
    assert b"its cases are not those of this file" in resumed.err


def test_two_runs_at_once_are_both_kept(tmp_path: Path) -> None:
    write_suite(
        tmp_path / "suite.jsonl", case(**{"assert": [{"path": "$.versions.ai", "exists": True}]})
    )
    env = environment(tmp_path)
    both = run_ai(["eval", "run", "suite.jsonl", "--json"], env, cwd=tmp_path, copies=2)
    assert both.require_grammar().status == 0
    shown = run_ai(["eval", "show", "--json"], env, cwd=tmp_path).json()[0]
    assert [one["tried"] for one in shown["runs"]] == [1, 1]
    assert json.dumps(shown)
