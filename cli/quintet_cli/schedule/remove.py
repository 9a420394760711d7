"""`ai schedule remove`: take a job out again."""

from typing import Annotated

import typer

from quintet.platform.schedule.job import checked_name
from quintet.platform.schedule.jobfile import plan_removal
from quintet_cli.consent.carry import carry
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb


@verb(
    does=Does.CHANGES,
    results={"schedule.remove/1": {"removed": str, "action": str}},
    examples=("ai schedule remove morning",),
)
def remove(
    session: Session,
    name: Annotated[str, typer.Argument(metavar="JOB", help="As `ai schedule list` shows.")],
) -> None:
    """Take a job out again. What it did stays in the record; undo brings the job back."""
    schedule = session.app.schedule
    if not schedule.jobs.holds(name):
        schedule.jobs.named(name)
    action = carry(session, plan_removal(schedule.path, checked_name(name)))
    if action:
        session.done(action, f"removed the job {name}")
        session.show("schedule.remove/1", {"removed": name, "action": action.id}, "")
