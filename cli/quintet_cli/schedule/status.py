"""`ai schedule status`: what calls the jobs, whether it fits them, and how the last runs went."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

import typer

from quintet.errors import QuintetError
from quintet.platform.policy.plain import plain_text
from quintet.platform.schedule.history import History, Run
from quintet.platform.schedule.installing import Installed
from quintet.platform.schedule.job import Job
from quintet.platform.schedule.slots import next_slot
from quintet.platform.schedule.turn import is_taken
from quintet.platform.schedule.zone import zone_name
from quintet_cli.schedule.telling import JOB_TABLE, duration, ending, moment
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb

_JOB = {
    "name": str,
    "cron": str,
    **JOB_TABLE,
    "next": (datetime, None),
    "is_running": bool,
    "missed": int,
    "waiting": str,
    "claimed": (datetime, None),
    "runs": [Run],
    "output?": (str, None),
}


@verb(
    does=Does.READS,
    results={
        "schedule.status/1": {"zone": str, "installed": [Installed], "advice": str, "jobs": [_JOB]}
    },
    examples=("ai schedule status", "ai schedule status morning", "ai schedule status --json"),
)
def status(
    session: Session,
    name: Annotated[
        str, typer.Argument(metavar="JOB", help="One job, with its last runs and output.")
    ] = "",
) -> None:
    """What calls the jobs, whether it fits them, and how the last runs went."""
    schedule = session.app.schedule
    jobs = [schedule.jobs.named(name)] if name else [*schedule.jobs.good]
    installed = schedule.installed()
    advice = _advice(installed, has_jobs=bool(schedule.jobs.good))
    output = _output(session, jobs[0]) if name else None
    shown = [{**_facts(session, job), **({"output": output} if name else {})} for job in jobs]
    lines = [*_installed_lines(installed), *([advice] if advice else [])]
    for job in jobs:
        lines += _job_lines(session, job, is_full=bool(name))
    if output is not None:
        lines += ["  its last words:"]
        lines += [f"  | {plain_text(line)}".rstrip() for line in output.splitlines()]
    body = {
        "zone": zone_name(schedule.zone),
        "installed": installed,
        "advice": advice,
        "jobs": shown,
    }
    session.offer("JOB", {job.name: job.when.text for job in schedule.jobs.good})
    session.show("schedule.status/1", body, "\n".join(lines) or "there are no jobs")


def _installed_lines(installed: list[Installed]) -> Iterator[str]:
    for one in installed:
        if one.is_there:
            yield f"{one.scheduler} calls {', '.join(one.jobs) or 'no job'}"
        yield from (f"! {plain_text(drift.job)} {drift.what}" for drift in one.drift)
        yield from (f"! {plain_text(f'{one.scheduler}: {words}')}" for words in one.troubles)


def _advice(installed: list[Installed], *, has_jobs: bool) -> str:
    there = [one for one in installed if one.is_there]
    if len(there) > 1:
        return (
            "each time is still run once, but one caller is enough: ai schedule uninstall --with …"
        )
    if any(one.drift for one in there):
        return "to make it fit: ai schedule install"
    return "nothing calls these jobs: ai schedule install" if has_jobs and not there else ""


def _job_lines(session: Session, job: Job, *, is_full: bool) -> Iterator[str]:
    schedule = session.app.schedule
    history = schedule.histories.of(job)
    next_at = next_slot(job.when.cron, session.app.clock.now(), schedule.zone)
    yield ""
    yield f"{job.name}: {plain_text(job.command)}"
    yield f"  {job.when.text} ({zone_name(schedule.zone)}), next {moment(next_at, schedule.zone)}"
    yield from (f"  {words}" for words in _remarks(session, job, history))
    for run in reversed(history.runs if is_full else history.runs[-1:]):
        at = moment(run.started_at, schedule.zone)
        yield f"  {at}  {ending(run)} after {duration(run)}, {run.why}   ai why {run.action[:6]}"


def _remarks(session: Session, job: Job, history: History) -> Iterator[str]:
    if is_taken(session.app.schedule.directory, job.name):
        yield "it is running now"
    if history.waiting:
        yield f"it waits: {history.waiting}"
    if history.missed:
        yield f"missed and not caught up: {history.missed} of its times"
    if history.claimed and history.claimed > session.app.clock.now():
        until = moment(history.claimed, session.app.schedule.zone)
        yield f"the clock was set back: it is due again after {until}"


def _facts(session: Session, job: Job) -> dict[str, object]:
    schedule = session.app.schedule
    history = schedule.histories.of(job)
    return {
        "name": job.name,
        "cron": str(job.when.cron),
        **job.as_table(),
        "next": next_slot(job.when.cron, session.app.clock.now(), schedule.zone),
        "is_running": is_taken(schedule.directory, job.name),
        "missed": history.missed,
        "waiting": history.waiting,
        "claimed": history.claimed,
        "runs": history.runs,
    }


def _output(session: Session, job: Job) -> str | None:
    """What the last run printed; that it cannot be opened here hides nothing else."""
    last = session.app.schedule.histories.of(job).last
    try:
        output = session.app.schedule.output_of(job, last.action) if last else None
    except QuintetError as error:
        session.console.note(f"note: its last words are not shown: {plain_text(str(error))}")
        return None
    return None if output is None else output.decode("utf-8", "replace")
