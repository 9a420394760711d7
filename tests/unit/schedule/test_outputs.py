"""What jobs print: the last few outputs, bounded, for nobody else to read."""

import stat
from pathlib import Path

import pytest

from quintet.platform.schedule.child import Kept
from support.jobs import Jobs
from support.terminal import Terminal


@pytest.mark.demand("SCHEDULE-9")
def test_the_last_outputs_are_kept_and_private(tmp_path: Path) -> None:
    jobs = Jobs(tmp_path)
    jobs.write(when="* * * * *", run="print('said'); print('wrong', file=sys.stderr)")
    for _ in range(8):
        jobs.advance(1)
        run = jobs.call().runs[0]
    assert jobs.runner().outputs.of("job", "", run.action) in (b"said\nwrong\n", b"wrong\nsaid\n")
    files = list((jobs.schedule().directory / "job.out").iterdir())
    assert len(files) == 5
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in files)
    assert stat.S_IMODE(jobs.schedule().directory.stat().st_mode) == 0o700


@pytest.mark.demand("SCHEDULE-9")
def test_an_output_without_end_is_kept_by_its_ends(tmp_path: Path) -> None:
    jobs = Jobs(tmp_path)
    jobs.write(run="print('first'); print('x' * 3_000_000); print('last')")
    jobs.advance(1)
    (run,) = jobs.call().runs
    output = jobs.runner().outputs.of("job", "", run.action)
    assert output is not None
    assert output.startswith(b"first\n")
    assert output.endswith(b"last\n")
    assert b"bytes are left out" in output
    assert len(output) < 400_000


def test_what_is_short_is_kept_whole() -> None:
    kept = Kept()
    for piece in (b"a" * 70_000, b"b" * 100_000, b"c"):
        kept.add(piece)
    assert kept.content() == b"a" * 70_000 + b"b" * 100_000 + b"c"


@pytest.mark.demand("SCHEDULE-9")
def test_where_a_group_is_encrypted_so_are_outputs_that_may_tell_of_it(tmp_path: Path) -> None:
    jobs = Jobs(tmp_path)
    schedule = jobs.schedule()
    runner = schedule.runner
    assert runner.sealing(("log",)) == "log"
    runner.outputs.keys.ensure("life")  # type: ignore[attr-defined]
    for words in (("life", "brief"), ("log",)):
        group = jobs.schedule().runner.sealing(words)
        assert group == "life"
        jobs.runner().outputs.keep("job", group, "k7f3q9", b"the dentist")
        (path,) = (schedule.directory / "job.out").iterdir()
        assert b"dentist" not in path.read_bytes()
        assert jobs.runner().outputs.of("job", group, "k7f3q9") == b"the dentist"


def test_an_output_that_cannot_be_opened_here_hides_nothing_else(terminal: Terminal) -> None:
    terminal.ai("life", "add", "dentist tomorrow 15:00")
    terminal.ai("schedule", "add", "tick", "hourly", "--", "life", "brief")
    terminal.ai("schedule", "run", "tick", "--now")
    assert "dentist" not in terminal.ai("schedule", "status").out
    assert "its last words" in terminal.ai("schedule", "status", "tick").out
    (terminal.home / ".config/ai/ai.key").unlink()
    told = terminal.ai("schedule", "status", "tick")
    assert told.status == 0
    assert "done after" in told.out
    assert "not shown: the keys are locked" in told.err
    assert terminal.ai("schedule", "status", "tick", "--json").json["jobs"][0]["output"] is None
