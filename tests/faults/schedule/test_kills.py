"""A runner or an installation that is killed at any line leaves nothing wrong behind."""

from pathlib import Path

import pytest

from quintet.app.home import App
from quintet.platform.clock import FakeClock
from quintet.platform.policy.apply import carry_out
from quintet.platform.policy.gate import YesAsker
from quintet.platform.record.undo import Undo
from quintet.platform.rng import SystemRng
from quintet.platform.schedule.history import Outcome
from quintet.platform.schedule.installing import plan_install
from support.jobs import MORNING, Jobs
from support.killing import killed_at_every_line
from support.schedulers import machine

OWN = b"# mine \xff\n"
INSTALLER = ("schedule/cron_scheduler.py", "schedule/services.py", "schedule/effects.py")
RUNNER = ("schedule/runner.py", "schedule/history.py", "schedule/turn.py", "schedule/outputs.py")


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.demand("SCHEDULE-5")
def test_a_runner_that_is_killed_at_any_line_runs_a_slot_at_most_once(tmp_path: Path) -> None:
    jobs = Jobs(tmp_path, rng=SystemRng())
    jobs.write(when="* * * * *", run="open('ran', 'a').write('x')")
    jobs.advance(1)
    deaths = 0
    for _ in killed_at_every_line(jobs.call, RUNNER, step=11):
        deaths += 1
        told = jobs.count
        # The next call of the same minute runs it only if nobody had begun to.
        jobs.call()
        assert jobs.count in (told, told + 1)
        runs = jobs.schedule().histories.of(jobs.job()).runs
        assert runs[-1].outcome in (Outcome.DONE, Outcome.STARTED, Outcome.CUT_OFF)
        assert len({run.slot for run in runs}) == len(runs)
        jobs.call()
        jobs.advance(1)
        before = jobs.count
        assert before <= deaths
    assert deaths > 5


def _app(home: Path, env: dict[str, str]) -> App:
    return App({"HOME": str(home), "TZ": "UTC", **env}, cwd=home, clock=FakeClock(MORNING))


def _install(home: Path, env: dict[str, str], scheduler: str) -> None:
    app = _app(home, env)
    plan = plan_install(app.schedule.scheduler(scheduler), app.schedule.require_jobs())
    carry_out(app.gate.approve(plan, YesAsker()), gate=app.gate, record=app.record)


@pytest.mark.slow
@pytest.mark.parametrize("scheduler", ["cron", "systemd"])
def test_an_installation_that_is_killed_can_be_done_again_and_undone(
    tmp_path: Path, scheduler: str
) -> None:
    found = machine(tmp_path / "machine", tmp_path)
    Jobs(tmp_path).write()
    found.tab.write_bytes(OWN)
    deaths = 0

    def work() -> None:
        _install(tmp_path, found.env, scheduler)

    for _ in killed_at_every_line(work, INSTALLER, step=11):
        deaths += 1
        assert found.tab.read_bytes().startswith(OWN)
        _install(tmp_path, found.env, scheduler)
        app = _app(tmp_path, found.env)
        assert not app.schedule.installed()[0].drift
        work = Undo(app.record)
        work.apply(work.plan(work.since(MORNING)))
        assert found.tab.read_bytes() == OWN
        assert not app.schedule.installed()
    assert deaths > 1
