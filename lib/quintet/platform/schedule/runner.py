"""Runs what is due of a job: claims the slot, starts the command, keeps how it ended.

A slot is claimed on disk before its command starts. So it runs at most once, whoever calls, however
often, and wherever a kill or a power cut strikes; a run that was cut off is told and not repeated.
"""

import contextlib
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

from quintet.errors import QuintetError
from quintet.platform.clock import Clock
from quintet.platform.record.event import ACTOR_VARIABLE, Cost, stamp_of
from quintet.platform.rng import Rng
from quintet.platform.schedule.child import Ended, run_child
from quintet.platform.schedule.due import Due, due, is_late
from quintet.platform.schedule.history import Histories, History, Outcome, Run
from quintet.platform.schedule.job import Job
from quintet.platform.schedule.outputs import Outputs
from quintet.platform.schedule.power import on_battery
from quintet.platform.schedule.turn import turn
from quintet.platform.trace import conventions
from quintet.platform.trace.span import begin, for_child

if TYPE_CHECKING:
    from quintet.platform.record.action import Action
    from quintet.platform.record.record import Record

ON_BATTERY = "on battery"
BY_HAND = "asked for by hand"
_FULL = 1 << 32
_INTERRUPTED = 130


class JobFailed(QuintetError):
    """The command of a job did not end well."""

    code = "schedule.job_failed"


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of calling a job: its runs, or why there were none."""

    job: str
    runs: tuple[Run, ...] = ()
    missed: int = 0
    waiting: str = ""

    @property
    def status(self) -> int:
        """Of several runs the first that failed tells."""
        return next((run.status for run in self.runs if run.status), 0)


@dataclass(frozen=True, slots=True)
class Runner:
    """Runs jobs in one home. `program` are the words that start `ai`; `sealing` names the group
    under whose key the output of a command is kept.
    """

    directory: Path
    histories: Histories
    outputs: Outputs
    record: "Record"
    clock: Clock
    rng: Rng
    zone: tzinfo
    program: Sequence[str]
    env: Mapping[str, str]
    sealing: Callable[[Sequence[str]], str]
    is_on_battery: Callable[[], bool] = field(default=on_battery)

    def run_due(self, job: Job, *, by: str, waits: bool = True) -> Ran:
        """Run what is due now; nothing, where nothing is. Raises `JobBusy`.

        With `waits` the job's jitter is slept through first; service managers have done that.
        """
        with self._turn(job) as lock_fd:
            history, now = self.histories.of(job), self.clock.now()
            found = due(job, history.claimed, now, self.zone)
            if found.is_nothing:
                return Ran(job.name)
            if job.only_on_power and self.is_on_battery():
                self.histories.keep(job, replace(history, waiting=ON_BATTERY))
                return Ran(job.name, waiting=ON_BATTERY)
            if waits and job.jitter_s:
                self.clock.sleep(self._jitter_s(job))
            return self._run_all(job, found, by, lock_fd)

    def run_now(self, job: Job) -> Ran:
        """Run it whatever the time; what is due stays due."""
        with self._turn(job) as lock_fd:
            run = self._run(job, None, BY_HAND, lock_fd)
            return Ran(job.name, (run,))

    @contextlib.contextmanager
    def _turn(self, job: Job) -> Generator[int]:
        since = f"since {self.clock.now():%Y-%m-%d %H:%M:%S} UTC"
        with turn(self.directory, job.name, since) as lock_fd:
            yield lock_fd

    def _jitter_s(self, job: Job) -> float:
        return job.jitter_s * int.from_bytes(self.rng.token(4), "big") / _FULL

    def _run_all(self, job: Job, found: Due, by: str, lock_fd: int) -> Ran:
        self._give_up(job, found)
        runs: list[Run] = []
        for slot in found.slots:
            caught_up = (
                "missed, and caught up" if is_late(job, slot, self.clock.now()) else "called"
            )
            runs.append(self._run(job, slot, f"{caught_up} by {by}", lock_fd))
        return Ran(job.name, tuple(runs), found.missed)

    def _give_up(self, job: Job, found: Due) -> None:
        """Slots that are not run are counted once, and never come up again."""
        if found.passed:
            history = self.histories.of(job)
            history = replace(history, missed=history.missed + found.missed)
            self.histories.keep(job, history.claiming(found.passed))

    def _run(self, job: Job, slot: datetime | None, why: str, lock_fd: int) -> Run:
        record = self.record
        summary = f"{job.name}: ai {' '.join(job.words[:2])}"
        run: Run | None = None
        try:
            with record.action("schedule", "run", summary, actor="schedule") as action:
                run = self._claimed(job, slot, why, action)
                run = self._carried_out(job, run, action, lock_fd)
                if run.outcome is not Outcome.DONE:
                    raise JobFailed(f"the job {job.name} {_told(run)}")
        except JobFailed:
            pass
        assert run is not None
        return run

    def _claimed(self, job: Job, slot: datetime | None, why: str, action: "Action") -> Run:
        action.because(f"{why}; its time was {stamp_of(slot)[:16]}Z" if slot else why)
        history = self.histories.of(job)
        started = stamp_of(self.clock.now())
        run = Run(action.id, stamp_of(slot) if slot else "", why, started)
        history = _with_cut_off(history).beginning(run)
        self.histories.keep(job, history.claiming(slot) if slot else history)
        return run

    def _carried_out(self, job: Job, run: Run, action: "Action", lock_fd: int) -> Run:
        env = {**self.env, **action.for_child(), ACTOR_VARIABLE: "schedule"}
        began_s = self.clock.monotonic_s()
        try:
            ended = self._traced(job, env, lock_fd)
        except QuintetError as error:
            ended = Ended(1, is_timed_out=False, output=f"{error}\n".encode())
        except BaseException:
            self._end(job, replace(run, outcome=Outcome.FAILED, status=_INTERRUPTED))
            raise
        duration_s = round(self.clock.monotonic_s() - began_s, 3)
        action.spend(Cost(duration_s=duration_s))
        done = replace(run, **_result_of(ended), duration_s=duration_s)
        self._end(job, done)
        self._keep_output(job, run, ended.output)
        return done

    def _traced(self, job: Job, env: Mapping[str, str], lock_fd: int) -> Ended:
        words = [*self.program, *job.words]
        with begin(conventions.subprocess(words[0])) as span:
            span.offer(conventions.ARGUMENTS, lambda: tuple(words))
            ended = run_child(
                words,
                env=for_child(env),
                folder=job.folder,
                timeout_s=job.timeout_s,
                lock_fd=lock_fd,
            )
            span.set(conventions.EXIT_CODE, ended.status)
            if ended.is_timed_out or ended.status:
                span.fail("timeout" if ended.is_timed_out else f"exit.{ended.status}")
        return ended

    def _end(self, job: Job, run: Run) -> None:
        self.histories.keep(job, self.histories.of(job).ending(run))

    def _keep_output(self, job: Job, run: Run, output: bytes) -> None:
        # The command has done its work; that its words are lost does not make it fail.
        with contextlib.suppress(QuintetError):
            self.outputs.keep(job.name, self.sealing(job.words), run.action, output)


def _result_of(ended: Ended) -> dict[str, object]:
    if ended.is_timed_out:
        return {"outcome": Outcome.TIMED_OUT, "status": 1}
    outcome = Outcome.FAILED if ended.status else Outcome.DONE
    return {"outcome": outcome, "status": ended.status}


def _told(run: Run) -> str:
    return "ran out of time" if run.outcome is Outcome.TIMED_OUT else f"ended with {run.status}"


def _with_cut_off(history: History) -> History:
    """We hold the job: a run that never ended ended with whoever ran it."""
    runs = tuple(
        replace(run, outcome=Outcome.CUT_OFF) if run.outcome is Outcome.STARTED else run
        for run in history.runs
    )
    return replace(history, runs=runs)
