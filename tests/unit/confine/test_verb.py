"""`ai prove offline` as a person or a script runs it: what is where, and with which status."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from quintet.platform.confine.machine import machine_here
from support.offline import why_not_here

pytestmark = pytest.mark.slow
OLD_KERNEL = str(Path(__file__).parents[2] / "support" / "oldkernel.py")
REACH = [sys.executable, "-c", "import socket; socket.create_connection(('192.0.2.1', 80))"]


@pytest.fixture(autouse=True, scope="module")
def _sealing() -> None:
    if reason := why_not_here():
        pytest.skip(reason)


def environment(home: Path, **more: str) -> dict[str, str]:
    paths = ":".join(sys.path)
    return {**os.environ, "AI_HOME": str(home), "PYTHONPATH": paths, "NO_COLOR": "1", **more}


def prove(
    home: Path, *words: str, before: list[str] | None = None
) -> "subprocess.CompletedProcess[str]":
    ai = [sys.executable, "-m", "quintet_cli", "prove", "offline"]
    return subprocess.run(
        [*(before or []), *ai, *words],
        capture_output=True,
        text=True,
        env=environment(home),
        check=False,
        timeout=60,
    )


@pytest.mark.demand("OFFLINE-6")
def test_the_status_is_the_commands_own_and_its_output_stays_apart(tmp_path: Path) -> None:
    ran = prove(tmp_path, "--", "sh", "-c", "echo out; exit 3")
    assert (ran.returncode, ran.stdout) == (3, "out\n")
    assert ran.stderr.startswith("offline certificate: it reached nobody and tried")


@pytest.mark.demand("OFFLINE-6")
def test_an_attempt_to_reach_somebody_is_status_5_and_named(tmp_path: Path) -> None:
    proof = tmp_path / "proof.json"
    ran = prove(tmp_path, "--certificate", str(proof), "--", *REACH)
    assert ran.returncode == 5
    assert "tried       connect tcp inet 192.0.2.1:80 by python" in ran.stderr
    written: dict[str, Any] = json.loads(proof.read_text())
    assert (written["schema"], written["is_offline"]) == ("ai.offline-certificate/1", False)
    assert written["exit_status"] == 1


def test_with_json_the_certificate_alone_is_on_stdout(tmp_path: Path) -> None:
    ran = prove(tmp_path, "--json", "--", "echo", "to stderr then")
    assert json.loads(ran.stdout)["is_offline"] is True
    assert "to stderr then" in ran.stderr


def test_what_the_command_printed_cannot_steer_the_certificate(tmp_path: Path) -> None:
    ran = prove(tmp_path, "--", "sh", "-c", ": \x1b[2J\u202e")
    assert "\\x1b[2J\\u202e" in ran.stderr
    assert "\x1b[2J" not in ran.stderr


@pytest.mark.demand("OFFLINE-6")
def test_where_the_kernel_cannot_do_it_the_status_is_9_and_nothing_runs(tmp_path: Path) -> None:
    hidden = [sys.executable, OLD_KERNEL, str(machine_here().calls["seccomp"])]
    ran = prove(tmp_path, "--", "echo", "never", before=hidden)
    assert (ran.returncode, ran.stdout) == (9, "")
    assert "confine.cannot_seal" in ran.stderr


def test_a_proof_is_not_lost_where_nothing_can_be_written(tmp_path: Path) -> None:
    in_the_way = tmp_path / "home"
    in_the_way.write_text("not a folder")
    ran = prove(in_the_way, "--", "true")
    assert ran.returncode == 0
    assert "offline certificate" in ran.stderr
    assert "this was not recorded" in ran.stderr


def test_ctrl_c_is_for_the_command_and_the_certificate_follows(tmp_path: Path) -> None:
    started = tmp_path / "started"
    code = (
        f"trap 'echo ended in its own way; exit 4' INT; : > {started}; while :; do sleep 0.1; done"
    )
    ai = subprocess.Popen(
        [sys.executable, "-m", "quintet_cli", "prove", "offline", "--", "sh", "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(tmp_path),
        start_new_session=True,
    )
    while not started.exists():
        time.sleep(0.01)
    os.killpg(ai.pid, signal.SIGINT)
    out, err = ai.communicate(timeout=30)
    assert out == "ended in its own way\n"
    assert "offline certificate" in err
    assert ai.returncode == 4
