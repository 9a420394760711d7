"""Our block in a crontab: it comes and goes, and every other byte stays."""

import shlex
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quintet.platform.schedule.calling import Calling, NotCarried, carried, label_of
from quintet.platform.schedule.crontab import (
    CrontabUnclear,
    block_in,
    block_lines,
    entries_of,
    marks,
    with_block,
)
from quintet.platform.schedule.job import Job
from quintet.platform.schedule.when import parse_when
from support.schedulers import Machine, machine
from support.terminal import Terminal

CALLING = Calling(("/usr/bin/ai",), {"HOME": "/home/me"}, "ai")
JOBS = [Job("morning", parse_when("daily 07:00"), ("life", "brief"))]
LINES = st.lists(st.binary(max_size=30).map(lambda line: line.replace(b"\n", b"") + b"\n"))


@pytest.mark.demand("SCHEDULE-10")
@given(LINES, LINES, st.binary(max_size=10).map(lambda line: line.replace(b"\n", b"")))
def test_every_other_byte_of_a_crontab_stays(
    above: list[bytes], below: list[bytes], rest: bytes
) -> None:
    before, after = b"".join(above), b"".join(below) + rest
    block = block_lines(JOBS, CALLING)
    installed = with_block(before, "ai", block) + after
    assert installed.startswith(before)
    assert installed.endswith(after)
    assert block_in(installed, "ai") == block
    other = block_lines(JOBS[:1], Calling(("/bin/ai",), {}, "ai"))
    assert with_block(with_block(installed, "ai", other), "ai", block) == installed
    assert with_block(installed, "ai", None) == before + after
    assert block_in(installed, "ai-123456") is None


def test_a_last_line_that_is_not_ended_is_ended_first() -> None:
    installed = with_block(b"5 * * * * x", "ai", block_lines(JOBS, CALLING))
    assert installed.startswith(b"5 * * * * x\n# >>> ai")


@pytest.mark.parametrize(
    "damage",
    [
        lambda first, last: f"{first}\nx\n",
        lambda first, last: f"x\n{last}\n",
        lambda first, last: f"{last}\n{first}\n",
        lambda first, last: f"{first}\n{last}\n{first}\n{last}\n",
        lambda first, last: f"{first}\n{first}\n{last}\n",
    ],
)
def test_marks_that_are_damaged_are_nobodys_to_guess(damage: object) -> None:
    assert callable(damage)
    text = damage(*marks("ai")).encode()
    with pytest.raises(CrontabUnclear) as unclear:
        with_block(text, "ai", None)
    assert unclear.value.hint == "crontab -e"


@given(st.lists(st.text(st.characters(min_codepoint=32, max_codepoint=0x24F), min_size=1)))
def test_words_reach_the_program_whatever_they_hold(values: list[str]) -> None:
    env = {f"V{n}": value for n, value in enumerate(values[:6]) if value.isprintable()}
    (_, line, _) = (
        block_lines([Job("j", parse_when("hourly"), ("log",))], Calling(("/x/ai",), env, "ai"))
        or []
    )[:3]
    command = line.split(" ", 5)[5]
    assert len(command) <= 990
    # What cron makes of it: a bare % ends the command, \% is a %.
    assert "%" not in command.replace("\\%", "")
    for read in (command.replace("\\%", "%"), command):
        # busybox leaves the backslash to the shell.
        words = shlex.split(read)
        assert words[1 : 1 + len(env)] == [f"{name}={value}" for name, value in env.items()]


def test_a_real_shell_reads_the_words_as_they_were_meant() -> None:
    env = {"A": "50% 'off' \"$HOME\" `id` \\ ;&|", "B": "%%"}
    lines = block_lines(JOBS, Calling(("/usr/bin/env", "-u", "X", "/bin/sh", "-c"), env, "ai"))
    assert lines
    command = lines[1].split(" ", 5)[5].partition(" /bin/sh")[0].replace("\\%", "%")
    told = subprocess.run(
        ["sh", "-c", f'{command} sh -c \'echo "$A"; echo "$B"\''],
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout == f"{env['A']}\n{env['B']}\n"


def test_a_line_that_cron_would_cut_is_refused() -> None:
    env = {"PATH": ":".join(f"/opt/{n}/bin" for n in range(100))}
    with pytest.raises(CrontabUnclear, match="too long"):
        block_lines(JOBS, Calling(("/x/ai",), env, "ai"))


def test_what_a_block_calls_is_read_back_whatever_stands_there() -> None:
    block = block_lines(JOBS, CALLING) or []
    assert list(entries_of(block)) == ["morning", "catch-up"]
    strange = ["", "x", "* * * * *", "* * * * * 'open", "@daily ai schedule run", "0 0 * * * run"]
    assert isinstance(entries_of(strange), dict)


def test_the_environment_that_is_carried_is_what_matters_and_is_checked() -> None:
    env = {
        "HOME": "/h",
        "PATH": "/a:/b:rel::/a",
        "AI_KEY_FILE": "/k",
        "AI_CAUSE": "x",
        "AI_BUDGET_LEASE": "y",
        "SECRET": "z",
        "XDG_DATA_HOME": "",
    }
    assert carried(env) == {"HOME": "/h", "PATH": "/a:/b", "AI_KEY_FILE": "/k"}
    for value in ("a\nb", "caf\udce9", "a\x00b"):
        with pytest.raises(NotCarried, match="AI_X"):
            carried({"AI_X": value})
    assert label_of(Path("/h/.config/ai"), env) == "ai"
    assert label_of(Path("/elsewhere"), env) != "ai"


@pytest.fixture
def here(terminal: Terminal, tmp_path: Path) -> Machine:
    found = machine(tmp_path / "machine", terminal.home)
    terminal.extra_env = found.env
    terminal.ai("schedule", "add", "morning", "daily 07:00", "--", "log")
    return found


OWN = b"MAILTO=me\n# caf\xe9 \xff\xfe\n5 * * * * echo 50\\% # >>> ai schedule\r\n\n"


@pytest.mark.demand("SCHEDULE-10")
def test_own_lines_that_came_later_are_kept_when_ours_go(terminal: Terminal, here: Machine) -> None:
    here.tab.write_bytes(OWN)
    terminal.ai("schedule", "install", "--with", "cron", "--yes")
    assert here.tab.read_bytes().startswith(OWN)
    here.tab.write_bytes(b"# new\n" + here.tab.read_bytes() + b"1 1 * * * true\n")
    assert terminal.ai("undo", "--yes").status == 0
    assert here.tab.read_bytes() == b"# new\n" + OWN + b"1 1 * * * true\n"


@pytest.mark.demand("SCHEDULE-10")
def test_lines_of_ours_that_somebody_changed_are_a_conflict(
    terminal: Terminal, here: Machine
) -> None:
    terminal.ai("schedule", "install", "--with", "cron", "--yes")
    edited = here.tab.read_bytes().replace(b"0 7 * * *", b"0 9 * * *")
    here.tab.write_bytes(edited)
    refused = terminal.ai("undo", "--yes")
    assert refused.status != 0
    assert here.tab.read_bytes() == edited
    assert "otherwise" in terminal.ai("schedule", "status").out


@pytest.mark.demand("SCHEDULE-10")
def test_a_plan_is_refused_when_our_lines_changed_since(terminal: Terminal, here: Machine) -> None:
    plan = terminal.ai("schedule", "install", "--with", "cron", "--dry-run").out.split()[1][:-1]
    terminal.ai("schedule", "install", "--with", "cron", "--yes")
    assert terminal.ai("apply", plan, "--yes").status == 5


def test_when_the_last_lines_go_so_does_the_crontab(terminal: Terminal, here: Machine) -> None:
    terminal.ai("schedule", "install", "--with", "cron", "--yes")
    terminal.ai("schedule", "uninstall", "--yes")
    assert not here.tab.exists()


@pytest.mark.parametrize("trouble", ["refuses", "full"])
def test_a_crontab_that_will_not_is_told_in_its_own_words(
    terminal: Terminal, here: Machine, trouble: str
) -> None:
    here.tab.write_bytes(OWN)
    (here.place / trouble).touch()
    refused = terminal.ai("schedule", "install", "--with", "cron", "--yes")
    assert refused.status == 1
    assert "not allowed" in refused.err or "No space left" in refused.err
    assert here.tab.read_bytes() == OWN
    assert terminal.ai("schedule", "status").status == 0
    assert terminal.ai("doctor").status in (0, 1, 3)


def test_a_block_without_an_end_stops_everything_but_looking(
    terminal: Terminal, here: Machine
) -> None:
    here.tab.write_text(f"{marks('ai')[0]}\n0 0 * * * precious\n")
    before = here.tab.read_bytes()
    for verb in ("install", "uninstall"):
        assert terminal.ai("schedule", verb, "--yes").status == 1
        assert here.tab.read_bytes() == before
    assert "cannot be told from yours" in terminal.ai("schedule", "status").out


def test_a_crontab_that_does_not_keep_what_it_is_given_is_noticed(
    terminal: Terminal, here: Machine
) -> None:
    program = here.place / "bin" / "crontab"
    program.write_text(program.read_text().replace("cat > ", "grep -v run > "))
    refused = terminal.ai("schedule", "install", "--with", "cron", "--yes")
    assert refused.status == 1
    assert "not what was written" in refused.err
