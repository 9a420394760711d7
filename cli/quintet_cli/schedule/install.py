"""`ai schedule install`: show what would call the jobs, and have it written after your yes."""

from typing import Annotated

import typer

from quintet.platform.schedule.installing import plan_install
from quintet_cli.consent.carry import carry_seen
from quintet_cli.schedule.telling import known_scheduler
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb


@verb(
    does=Does.CHANGES,
    results={
        "schedule.install/1": {
            "changed": bool,
            "scheduler": str,
            "jobs": [str],
            "troubles": [str],
            "action": (str, None),
        }
    },
    examples=(
        "ai schedule install --dry-run",
        "ai schedule install --with cron",
        "ai schedule install --with systemd",
    ),
)
def install(
    session: Session,
    scheduler: Annotated[
        str,
        typer.Option("--with", metavar="WHAT", help="cron, systemd or launchd; what is here."),
    ] = "",
) -> None:
    """Show what would call the jobs, and have it written after your yes.

    These are lines of your crontab between two marks, or unit files, or agents, to the letter.
    Every other line stays as it is. Run it again after jobs were changed.
    """
    schedule = session.app.schedule
    jobs = schedule.require_jobs()
    called = {name for one in schedule.installed() for name in one.jobs}
    found = schedule.scheduler(known_scheduler(scheduler or schedule.usual()))
    if not session.flags.dry_run:
        found.require()
    plan = plan_install(found, jobs)
    action = None
    if plan.effects:
        action = carry_seen(session, plan)
        if action is None:
            return
        schedule.begin(jobs, called)
    for one in schedule.jobs.broken:
        session.console.note(f"note: the job {one.name} cannot be read and is left out: {one.why}")
    troubles = [trouble for trouble in (*found.troubles(), schedule.zone_trouble()) if trouble]
    for trouble in troubles:
        session.console.note(f"note: {trouble}")
    body = {
        "changed": action is not None,
        "scheduler": found.name,
        "jobs": [job.name for job in jobs],
        "troubles": troubles,
        "action": action.id if action else None,
    }
    human = "" if action else f"{found.name} calls these jobs already"
    session.show("schedule.install/1", body, human)
    if action:
        session.done(action, plan.summary)
