"""What is due is run: once a slot, caught up as the job says, told with how it ended."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quintet.platform.record.event import Outcome as ActionOutcome
from quintet.platform.schedule.due import MOST_CAUGHT_UP, due
from quintet.platform.schedule.history import Outcome
from quintet.platform.schedule.job import CatchUp, Job
from quintet.platform.schedule.when import parse_when
from support.jobs import Jobs

DAY = 24 * 60


@pytest.fixture
def jobs(tmp_path: Path) -> Jobs:
    return Jobs(tmp_path)


@pytest.mark.demand("SCHEDULE-5")
def test_a_slot_is_run_once_however_often_cron_fires(jobs: Jobs) -> None:
    jobs.write()
    assert not jobs.call().runs
    jobs.advance(1)
    first = jobs.call()
    assert [run.outcome for run in first.runs] == [Outcome.DONE]
    assert not jobs.call().runs
    assert not jobs.call(by="systemd").runs
    assert jobs.count == 1
    jobs.advance(DAY)
    jobs.call()
    assert jobs.count == 2


@pytest.mark.demand("SCHEDULE-5")
def test_a_clock_that_goes_back_runs_nothing_twice(jobs: Jobs) -> None:
    jobs.write(when="* * * * *", catch_up="all")
    for _ in range(3):
        jobs.advance(1)
        jobs.call()
    jobs.clock.advance(-3600)
    for _ in range(63):
        jobs.advance(1)
        jobs.call()
    assert jobs.count == 3 + 3


@pytest.mark.demand("SCHEDULE-5")
@given(st.lists(st.integers(-300, 300), max_size=40), st.sampled_from(CatchUp))
def test_no_slot_is_ever_run_twice_whatever_the_clock_does(
    steps: list[int], catch_up: CatchUp
) -> None:
    now = datetime(2026, 3, 2, 6, tzinfo=UTC)
    job = Job("j", parse_when("*/10 * * * *"), ("log",), catch_up=catch_up, added_at=now)
    claimed, ran = None, list[datetime]()
    for minutes in steps:
        now = datetime.fromtimestamp(now.timestamp() + 60 * minutes, UTC)
        found = due(job, claimed, now, UTC)
        assert all(slot <= now for slot in found.slots)
        ran += found.slots
        told = [at for at in (claimed, *found.slots, found.passed) if at]
        claimed = max(told, default=None)
    assert ran == sorted(set(ran))


@pytest.mark.demand("SCHEDULE-7")
@pytest.mark.parametrize(
    ("catch_up", "runs", "missed"), [("skip", 0, 5), ("once", 1, 4), ("all", 5, 0)]
)
def test_after_a_sleep_missed_runs_are_caught_up_as_the_job_says(
    jobs: Jobs, catch_up: str, runs: int, missed: int
) -> None:
    jobs.write(catch_up=catch_up)
    jobs.advance(4 * DAY + 60)
    ran = jobs.call()
    assert (len(ran.runs), ran.missed) == (runs, missed)
    assert jobs.count == runs
    assert jobs.schedule().histories.of(jobs.job()).missed == missed
    assert all("caught up" in run.why for run in ran.runs)
    assert not jobs.call().runs
    jobs.advance(DAY - 59)
    assert [run.why for run in jobs.call().runs] == ["called by cron"]


@pytest.mark.demand("SCHEDULE-7")
def test_a_year_of_missed_minutes_is_caught_up_within_bounds(jobs: Jobs) -> None:
    now = jobs.clock.now()
    job = Job("j", parse_when("* * * * *"), ("log",), catch_up=CatchUp.ALL, added_at=now)
    jobs.advance(365 * DAY)
    found = due(job, None, jobs.clock.now(), UTC)
    assert len(found.slots) == MOST_CAUGHT_UP
    assert found.is_more


def test_a_job_that_is_late_by_a_few_minutes_was_not_missed(jobs: Jobs) -> None:
    jobs.write(catch_up="skip", jitter="10m")
    jobs.advance(1 + 14)
    assert len(jobs.call(by="systemd").runs) == 1


def test_a_job_that_was_just_added_missed_nothing(jobs: Jobs) -> None:
    jobs.advance(60)
    jobs.write(catch_up="all")
    assert not jobs.call().runs


def test_a_job_that_is_changed_begins_anew(jobs: Jobs) -> None:
    jobs.write()
    jobs.advance(1)
    jobs.call()
    jobs.schedule().path.unlink()
    jobs.write(when="0 8 * * *")
    jobs.advance(60)
    assert len(jobs.call().runs) == 1
    assert len(jobs.schedule().histories.of(jobs.job()).runs) == 2


def test_a_run_is_an_action_and_names_itself_as_the_cause(jobs: Jobs) -> None:
    jobs.write(run="import os; print(os.environ['AI_CAUSE'])")
    jobs.advance(1)
    (run,) = jobs.call().runs
    runner = jobs.runner()
    (event,) = runner.record.events_by_id([run.action])
    assert event.outcome is ActionOutcome.DONE
    assert "2026-03-02T07:00Z" in event.reasons[0]
    assert runner.outputs.of("job", "", run.action) == f"{run.action}\n".encode()


def test_a_command_that_fails_keeps_its_status_and_fails_the_action(jobs: Jobs) -> None:
    jobs.write(run="print('no'); sys.exit(7)")
    jobs.advance(1)
    ran = jobs.call()
    assert ran.status == 7
    assert ran.runs[0].outcome is Outcome.FAILED
    (event,) = jobs.runner().record.events_by_id([ran.runs[0].action])
    assert event.outcome is ActionOutcome.FAILED
    assert "ended with 7" in event.error


def test_a_command_that_dies_of_a_signal_ends_as_a_shell_tells_it(jobs: Jobs) -> None:
    jobs.write(run="import os; os.kill(os.getpid(), 9)")
    jobs.advance(1)
    assert jobs.call().status == 137


def test_a_folder_that_is_gone_fails_the_run_and_is_told(jobs: Jobs) -> None:
    jobs.write(folder="/nonexistent")
    jobs.advance(1)
    ran = jobs.call()
    assert ran.status == 1
    output = jobs.runner().outputs.of("job", "", ran.runs[0].action)
    assert output is not None
    assert b"/nonexistent" in output


def test_on_battery_a_job_waits_and_is_caught_up_on_power(jobs: Jobs) -> None:
    jobs.write(only_on_power=True)
    jobs.advance(1)
    ran = jobs.call(is_on_battery=lambda: True)
    assert (ran.runs, ran.waiting) == ((), "on battery")
    jobs.advance(30)
    assert len(jobs.call().runs) == 1


def test_jitter_is_slept_through_unless_somebody_else_has_done_it(jobs: Jobs) -> None:
    jobs.write(jitter="10m")
    jobs.advance(1)
    before = jobs.clock.now()
    jobs.call()
    assert 0 < (jobs.clock.now() - before).total_seconds() <= 600
    jobs.advance(DAY)
    before = jobs.clock.now()
    jobs.runner().run_due(jobs.job(), by="systemd", waits=False)
    assert jobs.clock.now() == before


def test_a_run_that_was_asked_for_by_hand_leaves_what_is_due(jobs: Jobs) -> None:
    jobs.write()
    jobs.advance(1)
    jobs.runner().run_now(jobs.job())
    jobs.call()
    assert jobs.count == 2


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"job": 1}', b"\xff\xfe"])
def test_a_history_that_was_damaged_is_begun_anew(jobs: Jobs, damage: bytes) -> None:
    jobs.write()
    jobs.advance(1)
    jobs.call()
    (jobs.schedule().directory / "job.json").write_bytes(damage)
    jobs.advance(DAY)
    assert len(jobs.call().runs) == 1
