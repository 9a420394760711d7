"""`ai schedule run`: run what is due; this is what cron and systemd call."""

from typing import Annotated

import typer

from quintet.app.schedule import Schedule
from quintet.errors import QuintetError, UsageError
from quintet.platform.schedule.job import Job
from quintet.platform.schedule.runner import Ran
from quintet.platform.schedule.slots import next_slot
from quintet.platform.schedule.turn import JobBusy
from quintet_cli.exits import STATUS
from quintet_cli.schedule.telling import duration, ending, moment
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb

_BY = ("cron", "systemd", "launchd")


@verb(
    does=Does.DESTROYS,
    results={"schedule.run/1": {"ran": [Ran]}},
    examples=(
        "ai schedule run morning",
        "ai schedule run morning --now",
        "ai schedule run --due",
    ),
)
def run(
    session: Session,
    name: Annotated[
        str, typer.Argument(metavar="JOB", help="Which job; or --due for all of them.")
    ] = "",
    is_due: Annotated[
        bool, typer.Option("--due", help="All jobs that are due, missed ones included.")
    ] = False,
    now: Annotated[bool, typer.Option("--now", help="Whether it is due or not.")] = False,
    by: Annotated[
        str, typer.Option("--by", metavar="WHO", help="Who calls: cron, systemd or launchd.")
    ] = "you",
) -> int:
    """Run a job if it is due: each of its times once, however often this is called.

    Ends with the status of the command, with 1 when it ran out of time, and with 8 when the job is
    running already. What was missed is caught up as the job says.
    """
    if bool(name) == is_due or (is_due and now):
        raise UsageError("name a job, or ask for all that are due", hint="ai schedule run --due")
    if by not in (*_BY, "you"):
        raise UsageError(f"nobody is called {by!r}", hint=f"--by {'|'.join(_BY)}")
    schedule = session.app.schedule
    jobs = schedule.jobs.good if is_due else [schedule.jobs.named(name)]
    ran: list[Ran] = []
    statuses: list[int] = []
    for job in jobs:
        try:
            ran.append(_called(schedule, job, by, is_now=now))
            statuses.append(ran[-1].status)
        except QuintetError as error:
            if not is_due and not (by in _BY and isinstance(error, JobBusy)):
                raise
            # One job that cannot be run must not hold up the others; a busy one is being run.
            session.console.note(f"{job.name}: {error}")
            statuses.append(0 if is_due and isinstance(error, JobBusy) else STATUS[error.kind])
    lines = [_line(session, schedule, one) for one in ran if one.runs or not is_due]
    human = "" if session.flags.quiet else "\n".join(lines)
    session.show("schedule.run/1", {"ran": ran}, human)
    return next((status for status in statuses if status), 0)


def _called(schedule: Schedule, job: Job, by: str, *, is_now: bool) -> Ran:
    if is_now:
        return schedule.runner.run_now(job)
    # Whoever sits there does not want to wait, and systemd has waited already.
    return schedule.runner.run_due(job, by=by, waits=by not in ("systemd", "you"))


def _line(session: Session, schedule: Schedule, ran: Ran) -> str:
    if ran.waiting:
        return f"{ran.job}: waits, {ran.waiting}"
    lost = f"; {ran.missed} missed" if ran.missed else ""
    if not ran.runs:
        job = schedule.jobs.named(ran.job)
        next_at = next_slot(job.when.cron, session.app.clock.now(), schedule.zone)
        return f"{ran.job}: nothing is due{lost}; next {moment(next_at, schedule.zone)}"
    ends = ", ".join(f"{ending(one)} in {duration(one)}" for one in ran.runs)
    return f"{ran.job}: {ends}{lost}"
