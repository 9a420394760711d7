"""`ai schedule` as crons call it: quiet where nobody listens, and many at once."""

import os
from pathlib import Path

import pytest

from quintet.platform.schedule.turn import turn
from support.process import environment, run_ai
from support.schedulers import machine
from support.terminal import Terminal

ADD = ("schedule", "add", "tick", "* * * * *", "--", "version")


@pytest.mark.demand("SCHEDULE-6")
def test_a_call_that_finds_the_job_running_ends_with_8_and_mails_nothing(
    terminal: Terminal,
) -> None:
    terminal.ai(*ADD)
    terminal.clock.advance(60)
    with turn(terminal.home / ".local/state/ai/schedule", "tick", "since noon"):
        called = terminal.ai("schedule", "run", "tick", "--by", "cron", "--quiet")
        assert (called.status, called.out, called.err) == (8, "", "")
        asked = terminal.ai("schedule", "run", "tick")
        assert asked.status == 8
        assert str(os.getpid()) in asked.err
        assert terminal.ai("schedule", "run", "--due").status == 0
        assert terminal.ai("schedule", "status", "--json").json["jobs"][0]["is_running"]
    assert terminal.ai("schedule", "run", "tick", "--by", "cron", "--quiet").status == 0


@pytest.mark.demand("SCHEDULE-5")
def test_several_crons_at_once_run_a_slot_once(tmp_path: Path) -> None:
    env = environment(tmp_path)
    assert run_ai(ADD, env, cwd=tmp_path).status == 0
    path = tmp_path / ".config/ai/schedule.toml"
    path.write_text(path.read_text().replace('added = "20', 'added = "2000-01-01" # "20'))
    run_ai(["schedule", "run", "--due", "--by", "cron"], env, cwd=tmp_path, copies=4)
    shown = run_ai(["schedule", "status", "--json"], env, cwd=tmp_path).json()[0]["jobs"][0]
    slots = [run["slot"] for run in shown["runs"]]
    # A minute may have passed between them.
    assert 1 <= len(slots) <= 2
    assert len(set(slots)) == len(slots)


@pytest.mark.demand("SCHEDULE-10")
def test_several_installations_at_once_leave_one_block(tmp_path: Path) -> None:
    found = machine(tmp_path / "machine", tmp_path)
    env = {**environment(tmp_path), **found.env}
    run_ai(ADD, env, cwd=tmp_path)
    found.tab.write_bytes(b"# mine\n")
    run_ai(["schedule", "install", "--with", "cron", "--yes"], env, cwd=tmp_path, copies=4)
    lines = found.tab.read_text().splitlines()
    assert lines[0] == "# mine"
    assert sum(line.startswith("# >>> ai") for line in lines) == 1
    assert run_ai(["schedule", "uninstall", "--yes"], env, cwd=tmp_path).status == 0
    assert found.tab.read_bytes() == b"# mine\n"


def test_what_is_no_file_of_jobs_is_told_at_once(terminal: Terminal) -> None:
    path = terminal.home / ".config/ai/schedule.toml"
    path.parent.mkdir(parents=True)
    os.mkfifo(path)
    told = terminal.ai("schedule", "list")
    assert told.status == 1
    assert "pipe" in told.err
    assert terminal.ai("schedule", "add", "x", "hourly", "--", "log").status == 1
    assert "pipe" in terminal.ai("doctor").out
