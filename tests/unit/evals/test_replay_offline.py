"""A recorded run with a real model server, frozen, replayed where the kernel denies the network."""

import json
import sys
from pathlib import Path

import pytest

from support.model_servers import ModelServer
from support.offline import why_not_here
from support.process import environment, run_ai
from support.suites import write_suite

pytestmark = [pytest.mark.slow, pytest.mark.demand("EVAL-10")]

_SCHEMA = {
    "type": "object",
    "required": ["word", "count"],
    "properties": {"word": {"const": "hello"}, "count": {"const": 3}},
    "additionalProperties": False,
}


def test_a_recorded_run_replays_with_the_network_denied_to_the_same_outcome(tmp_path: Path) -> None:
    if reason := why_not_here():
        pytest.skip(reason)
    env = environment(tmp_path, AI_HOME=str(tmp_path / "ai"), PATH="/usr/bin:/bin")
    run_ai(["config", "set", "record.freezable", "true"], env, cwd=tmp_path)
    with ModelServer() as server:
        ask = {"prompt": "hello", "model": f"openai:plain@{server.url}", "schema": _SCHEMA}
        holds = [{"path": "$.count", "equals": 3}, {"path": "$.word", "equals": "hello"}]
        write_suite(tmp_path / "quiz.jsonl", {"id": "q", "ask": ask, "assert": holds})
        ran = run_ai(["eval", "run", "quiz.jsonl", "--json"], env, cwd=tmp_path)
        assert ran.status == 0, ran.out + ran.err
    # The server is gone: from here on nobody answers but the tape.
    words = ["eval", "from-run", "@eval-1", "--into", "kept.jsonl", "--yes", "--json"]
    frozen = run_ai(words, env, cwd=tmp_path)
    assert frozen.status == 0, frozen.out + frozen.err
    ai = [sys.executable, "-m", "quintet_cli"]
    proof = tmp_path / "proof.json"
    sealed = ["prove", "offline", "--certificate", str(proof), "--", *ai]
    replayed = run_ai([*sealed, "eval", "run", "kept.jsonl", "--json"], env, cwd=tmp_path)
    assert replayed.status == 0, replayed.out + replayed.err
    told = json.loads(replayed.out)
    assert [one["problems"] for one in told["cases"]] == [[]]
    certificate = json.loads(proof.read_text())
    assert certificate["exit_status"] == 0
    assert certificate["is_offline"]
    # The same, live and without its server, is no longer to be had.
    gone = run_ai([*sealed, "eval", "run", "quiz.jsonl", "--json"], env, cwd=tmp_path)
    assert gone.status in (5, 9)
