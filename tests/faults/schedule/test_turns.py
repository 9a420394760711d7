"""Kills, crowds and commands that do not end: a job never overlaps itself, and nothing is stuck."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from quintet.platform.files import FileFailure
from quintet.platform.schedule.history import Outcome
from quintet.platform.schedule.turn import JobBusy, is_taken
from support.full_disk import full_after
from support.jobs import NOTE, Jobs
from support.process import PYTHON_PATH

SLOW = f"{NOTE}; import time; time.sleep(60)"
PATIENCE_S = 20.0


@pytest.fixture
def jobs(tmp_path: Path) -> Jobs:
    return Jobs(tmp_path)


def _runner_process(jobs: Jobs) -> subprocess.Popen[bytes]:
    """A cron's own call, in a process that can be killed; it returns when the command runs."""
    code = (
        "import sys; sys.path[:0] = sys.argv[2].split(':')\n"
        "from pathlib import Path; from support.jobs import Jobs, SeededRng\n"
        "jobs = Jobs(Path(sys.argv[1]), rng=SeededRng(8)); jobs.advance(1); jobs.call()"
    )
    tests = str(Path(__file__).parents[2])
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(jobs.home), f"{tests}:{PYTHON_PATH}"]
    )
    _wait_until(lambda: jobs.count == 1)
    return process


def _wait_until(is_so: object) -> None:
    assert callable(is_so)
    deadline = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.02)


def _command_of(runner: int) -> int:
    told = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(runner)], capture_output=True, text=True, check=True
    )
    return int(told.stdout.split()[0])


@pytest.mark.demand("SCHEDULE-6")
def test_a_second_call_of_a_long_job_says_so_and_starts_nothing(jobs: Jobs) -> None:
    jobs.write(run=SLOW)
    process = _runner_process(jobs)
    try:
        jobs.advance(24 * 60 + 1)
        with pytest.raises(JobBusy) as busy:
            jobs.call()
        assert str(process.pid) in busy.value.why
        assert jobs.count == 1
    finally:
        process.terminate()
        process.wait()


@pytest.mark.demand("SCHEDULE-6")
def test_when_the_runner_is_killed_the_job_is_taken_until_its_command_ends(jobs: Jobs) -> None:
    jobs.write(run=SLOW)
    process = _runner_process(jobs)
    command = _command_of(process.pid)
    process.kill()
    process.wait()
    jobs.advance(24 * 60 + 1)
    with pytest.raises(JobBusy):
        jobs.call()
    os.kill(command, signal.SIGKILL)
    _wait_until(lambda: not is_taken(jobs.schedule().directory, "job"))
    jobs.schedule().path.write_text(
        jobs.schedule().path.read_text().replace("time.sleep(60)", "time.sleep(0)")
    )
    jobs.call()
    assert jobs.count == 2
    runs = jobs.schedule().histories.of(jobs.job()).runs
    assert [run.outcome for run in runs] == [Outcome.CUT_OFF, Outcome.DONE]


@pytest.mark.demand("SCHEDULE-5")
def test_a_run_that_was_cut_off_is_not_repeated(jobs: Jobs) -> None:
    jobs.write(run=SLOW)
    process = _runner_process(jobs)
    command = _command_of(process.pid)
    process.kill()
    process.wait()
    os.kill(command, signal.SIGKILL)
    _wait_until(lambda: not is_taken(jobs.schedule().directory, "job"))
    jobs.advance(2)
    assert not jobs.call().runs
    assert jobs.count == 1


@pytest.mark.demand("SCHEDULE-5")
def test_a_crowd_of_crons_runs_a_slot_once(jobs: Jobs) -> None:
    jobs.write(run=f"{NOTE}; import time; time.sleep(0.2)")
    jobs.advance(1)
    children: list[int] = []
    for _ in range(8):
        child = os.fork()
        if child == 0:
            try:
                jobs.call()
            except JobBusy:
                pass
            finally:
                os._exit(0)
        children.append(child)
    for child in children:
        os.waitpid(child, 0)
    assert jobs.count == 1


@pytest.mark.demand("SCHEDULE-8")
def test_a_command_that_takes_too_long_is_ended_with_all_that_it_started(jobs: Jobs) -> None:
    nap = "import subprocess, time; p = subprocess.Popen(['sleep', '300']);"
    jobs.write(run=f"{nap} open('pid', 'w').write(str(p.pid)); time.sleep(300)", timeout="1s")
    jobs.advance(1)
    began = time.monotonic()
    (run,) = jobs.call().runs
    assert run.outcome is Outcome.TIMED_OUT
    assert run.status == 1
    assert time.monotonic() - began < 30
    grandchild = int((jobs.home / "pid").read_text())
    _wait_until(lambda: not _is_alive(grandchild))


def _is_alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False


@pytest.mark.demand("SCHEDULE-8")
def test_a_command_that_ignores_being_asked_is_made_to_end(
    jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("quintet.platform.schedule.child._GRACE_S", 0.5)
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(300)"
    jobs.write(run=deaf, timeout="1s")
    jobs.advance(1)
    assert jobs.call().runs[0].outcome is Outcome.TIMED_OUT


def test_a_command_that_leaves_somebody_behind_has_ended_all_the_same(jobs: Jobs) -> None:
    jobs.write(run="import subprocess; subprocess.Popen(['sleep', '300']); print('done')")
    jobs.advance(1)
    began = time.monotonic()
    (run,) = jobs.call().runs
    assert run.outcome is Outcome.DONE
    assert time.monotonic() - began < 20
    jobs.advance(24 * 60)
    assert len(jobs.call().runs) == 1


def test_ctrl_c_ends_the_command_and_is_on_record(jobs: Jobs) -> None:
    jobs.write(run=SLOW)
    process = _runner_process(jobs)
    command = _command_of(process.pid)
    process.send_signal(signal.SIGINT)
    process.wait()
    assert not _is_alive(command)
    (run,) = jobs.schedule().histories.of(jobs.job()).runs
    assert (run.outcome, run.status) == (Outcome.FAILED, 130)


def test_on_a_full_disk_nothing_is_started_that_could_not_be_claimed(jobs: Jobs) -> None:
    jobs.write()
    jobs.advance(1)
    runner, job = jobs.runner(), jobs.job()
    with full_after(0), pytest.raises(FileFailure):
        runner.run_due(job, by="cron")
    assert jobs.count == 0
    jobs.call()
    assert jobs.count == 1
