"""What every scheduler keeps: installed once, seen to fit or not, taken away, and brought back."""

import plistlib
from collections.abc import Callable
from pathlib import Path

import pytest

from quintet.app.schedule import SCHEDULERS
from support.schedulers import Machine, machine
from support.terminal import Result, Terminal

Ai = Callable[..., Result]


@pytest.fixture
def here(terminal: Terminal, tmp_path: Path) -> Machine:
    found = machine(tmp_path / "machine", terminal.home)
    terminal.extra_env = found.env
    return found


@pytest.fixture(params=SCHEDULERS)
def ai(request: pytest.FixtureRequest, here: Machine, terminal: Terminal) -> Ai:
    """`ai schedule …`, with the scheduler named where one is asked for."""

    def call(verb: str, *words: str) -> Result:
        named = ("--with", request.param) if verb == "install" else ()
        return terminal.ai("schedule", verb, *named, *words)

    call("add", "morning", "daily 07:00", "--", "life", "brief")
    call("add", "friday", "0 9 13 * fri", "--jitter", "5m", "--", "log", "--limit", "3")
    return call


def _seen(terminal: Terminal, here: Machine) -> dict[str, bytes]:
    """All that a scheduler looks at."""
    roots = (terminal.home / ".config/systemd", terminal.home / "Library", here.place)
    paths = [path for root in roots for path in root.rglob("*") if path.is_file()]
    keep = ("calls", "crontab", "systemctl", "launchctl")
    return {str(path): path.read_bytes() for path in paths if path.name not in keep}


def _drift(ai: Ai) -> list[str]:
    found = ai("status", "--json").json["installed"]
    return [f"{drift['job']} {drift['what']}" for one in found for drift in one["drift"]]


@pytest.mark.demand("SCHEDULE-10")
def test_nothing_is_written_before_a_yes(ai: Ai, terminal: Terminal, here: Machine) -> None:
    before = _seen(terminal, here)
    assert ai("install", "--dry-run").status == 0
    asked = ai("install")
    assert asked.status == 4
    assert "ai apply" in asked.err
    assert _seen(terminal, here) == before


@pytest.mark.demand("SCHEDULE-10")
def test_what_is_shown_is_what_is_written(ai: Ai, terminal: Terminal, here: Machine) -> None:
    before = _seen(terminal, here)
    shown = ai("install", "--dry-run").out
    ai("install", "--yes")
    written = {k: v for k, v in _seen(terminal, here).items() if before.get(k) != v}
    lines = {line.strip() for text in written.values() for line in text.decode().splitlines()}
    told = {line.strip().removeprefix("|").removeprefix("+").strip() for line in shown.splitlines()}
    assert lines
    assert lines <= told


@pytest.mark.demand("SCHEDULE-10")
def test_a_plan_that_was_shown_is_applied_later(ai: Ai, terminal: Terminal) -> None:
    plan = ai("install", "--dry-run").out.split()[1].rstrip(":")
    assert terminal.ai("apply", plan, "--yes").status == 0
    assert not _drift(ai)
    assert not ai("install", "--json").json["changed"]


def test_it_is_installed_once(ai: Ai, terminal: Terminal, here: Machine) -> None:
    first = ai("install", "--yes", "--json")
    assert first.json["changed"]
    seen = _seen(terminal, here)
    again = ai("install", "--json")
    assert (again.status, again.json["changed"]) == (0, False)
    assert _seen(terminal, here) == seen


@pytest.mark.demand("SCHEDULE-12")
def test_what_no_longer_fits_the_jobs_is_named(ai: Ai) -> None:
    assert "nothing calls" in ai("status").out
    ai("install", "--yes")
    assert not _drift(ai)
    ai("add", "morning", "daily 08:00", "--", "life", "brief")
    ai("add", "new", "hourly", "--", "log")
    ai("remove", "friday")
    told = _drift(ai)
    assert [words.split()[0] for words in told] == ["friday", "morning", "new"]
    assert "no such job" in told[0]
    assert "otherwise" in told[1]
    assert "is not called" in told[2]
    ai("install", "--yes")
    assert not _drift(ai)


@pytest.mark.demand("SCHEDULE-12")
def test_the_doctor_names_it_too(ai: Ai, terminal: Terminal) -> None:
    def told() -> list[str]:
        found = terminal.ai("doctor", "--json").json["findings"]
        return [one["what"] for one in found if one["name"] == "schedule"]

    assert told() == ["nothing calls the 2 jobs"]
    ai("install", "--yes")
    assert "calls 2 jobs" in told()[0]
    ai("remove", "friday")
    assert "friday" in told()[0]


def test_undo_restores_what_was_there(ai: Ai, terminal: Terminal, here: Machine) -> None:
    bare = _seen(terminal, here)
    ai("install", "--yes")
    first = _seen(terminal, here)
    ai("add", "morning", "daily 08:00", "--", "life", "brief")
    ai("install", "--yes")
    assert _seen(terminal, here) != first
    assert terminal.ai("undo", "--yes").status == 0
    assert _seen(terminal, here) == first
    assert terminal.ai("undo", "--since", "1d", "--yes").status == 0
    assert _seen(terminal, here) == bare


def test_uninstalling_leaves_nothing_and_undo_brings_it_back(
    ai: Ai, terminal: Terminal, here: Machine
) -> None:
    bare = _seen(terminal, here)
    ai("install", "--yes")
    first = _seen(terminal, here)
    assert ai("uninstall").status == 4
    assert ai("uninstall", "--yes").status == 0
    assert _seen(terminal, here) == bare
    assert not ai("uninstall", "--json").json["changed"]
    assert terminal.ai("undo", "--yes").status == 0
    assert _seen(terminal, here) == first


def test_it_calls_the_very_program_with_its_own_home(
    ai: Ai, terminal: Terminal, here: Machine
) -> None:
    terminal.extra_env = {
        **terminal.extra_env,
        "AI_KEY_FILE": "/k/50% $off\\",
        "AI_CAUSE": "x" * 14,
    }
    ai("install", "--yes")
    text = b"\n".join(_seen(terminal, here).values()).decode()
    assert str(terminal.home) in text
    assert "AI_KEY_FILE" in text
    assert "AI_CAUSE" not in text
    assert not _drift(ai)


def test_two_homes_do_not_touch_each_other(ai: Ai, terminal: Terminal, here: Machine) -> None:
    ai("install", "--yes")
    first = _seen(terminal, here)
    usual = terminal.extra_env
    terminal.extra_env = {**usual, "AI_HOME": str(terminal.home / "other")}
    ai("add", "morning", "daily 06:00", "--", "log")
    ai("install", "--yes")
    both = _seen(terminal, here)
    assert both != first
    ai("uninstall", "--yes")
    assert _seen(terminal, here) == first
    terminal.extra_env = usual
    assert not _drift(ai)


@pytest.mark.parametrize("name", ["systemd", "launchd"])
def test_a_manager_that_cannot_be_reached_is_told_before_anything_is_written(
    name: str, terminal: Terminal, here: Machine
) -> None:
    (here.place / "unreachable").touch()
    terminal.ai("schedule", "add", "x", "hourly", "--", "log")
    before = _seen(terminal, here)
    refused = terminal.ai("schedule", "install", "--with", name, "--yes")
    assert refused.status == 9
    assert "--with cron" in refused.err
    assert _seen(terminal, here) == before
    assert terminal.ai("schedule", "install", "--with", name, "--dry-run").status == 0


def test_a_machine_without_any_scheduler_says_so(terminal: Terminal, tmp_path: Path) -> None:
    terminal.extra_env = {"PATH": str(tmp_path)}
    terminal.ai("schedule", "add", "x", "hourly", "--", "log")
    for name in SCHEDULERS:
        refused = terminal.ai("schedule", "install", "--with", name, "--yes")
        assert refused.status == 9
    assert terminal.ai("schedule", "status").status == 0
    assert terminal.ai("schedule", "uninstall").status == 0


def test_what_was_due_before_anybody_was_to_call_was_not_missed(ai: Ai, terminal: Terminal) -> None:
    terminal.clock.advance(3 * 86400)
    ai("install", "--yes")
    ran = ai("run", "morning", "--json").json["ran"][0]
    assert (ran["runs"], ran["missed"]) == ([], 0)


def test_an_agent_of_launchd_says_when_and_what(terminal: Terminal, here: Machine) -> None:
    terminal.ai("schedule", "add", "friday", "0,30 9 13 * fri", "--", "log")
    terminal.ai("schedule", "install", "--with", "launchd", "--yes")
    (path,) = (terminal.home / "Library/LaunchAgents").iterdir()
    agent = plistlib.loads(path.read_bytes())
    assert agent["Label"] == path.stem == "ai.job.friday"
    assert agent["ProgramArguments"][1:] == [
        *("schedule", "run", "friday", "--by", "launchd", "--quiet")
    ]
    assert agent["StartCalendarInterval"] == [
        {"Day": 13, "Hour": 9, "Minute": 0},
        {"Day": 13, "Hour": 9, "Minute": 30},
        {"Weekday": 5, "Hour": 9, "Minute": 0},
        {"Weekday": 5, "Hour": 9, "Minute": 30},
    ]
    assert agent["EnvironmentVariables"]["HOME"] == str(terminal.home)
