"""`ai schedule add`: run a command of ai at set times."""

from datetime import datetime
from typing import Annotated

import typer

from quintet.app.schedule import Schedule
from quintet.platform.schedule.job import CatchUp, Job, checked_name, duration_of
from quintet.platform.schedule.jobfile import plan_job
from quintet.platform.schedule.slots import next_slot
from quintet.platform.schedule.when import parse_when
from quintet.platform.schedule.zone import zone_name
from quintet_cli.consent.carry import carry
from quintet_cli.schedule.telling import JOB_TABLE, moment
from quintet_cli.schedule.words import command_of
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb


@verb(
    does=Does.CHANGES,
    results={
        "schedule.add/1": {
            "changed": bool,
            "name": str,
            "job": JOB_TABLE,
            "cron": str,
            "next": (datetime, None),
            "zone": str,
            "notes": [str],
        }
    },
    examples=(
        "ai schedule add morning 'daily 07:00' -- life brief",
        "ai schedule add backup '0 3 * * 0' --catch-up once -- store backup spine",
        "ai schedule add check 'every 6h' --jitter 10m --timeout 5m -- doctor",
    ),
)
def add(
    session: Session,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What the job is called.")],
    when: Annotated[
        str, typer.Argument(metavar="WHEN", help="daily 07:00, every 6h, or cron's five fields.")
    ],
    command: Annotated[list[str], typer.Argument(metavar="-- VERB", help="What to run.")],
    *,
    catch_up: Annotated[
        CatchUp, typer.Option("--catch-up", help="What becomes of missed runs.")
    ] = CatchUp.ONCE,
    timeout: Annotated[
        str, typer.Option("--timeout", metavar="TIME", help="It is ended after this long.")
    ] = "1h",
    jitter: Annotated[
        str, typer.Option("--jitter", metavar="TIME", help="It begins up to this much later.")
    ] = "0s",
    only_on_power: Annotated[
        bool, typer.Option("--only-on-power", help="On battery it waits.")
    ] = False,
) -> None:
    """Run a command of ai at set times, in this folder and in this machine's time zone.

    The job is kept in schedule.toml in your configuration folder. Nothing calls it until you have
    ai schedule install show and write what does. A job of the same name is replaced.
    """
    schedule = session.app.schedule
    wanted = command_of(command)
    job = Job(
        name=checked_name(name),
        when=parse_when(when),
        words=wanted.words,
        folder=str(session.app.cwd),
        catch_up=catch_up,
        timeout_s=max(1.0, duration_of(timeout, "--timeout")),
        jitter_s=duration_of(jitter, "--jitter"),
        only_on_power=only_on_power,
        added_at=session.app.clock.now().replace(microsecond=0),
    )
    known = {one.name: one for one in schedule.jobs.good}.get(job.name)
    is_same = known is not None and _without_date(known) == _without_date(job)
    action = None
    if not is_same:
        action = carry(session, plan_job(schedule.path, job, wanted.risk, wanted.danger))
        if action is None:
            return
    _tell(session, schedule, job, wanted.warnings, is_changed=action is not None)
    if action:
        session.done(action, f"the job {job.name}")


def _tell(
    session: Session, schedule: Schedule, job: Job, warnings: list[str], *, is_changed: bool
) -> None:
    zone, notes = zone_name(schedule.zone), [*job.when.notes, *warnings]
    next_at = next_slot(job.when.cron, session.app.clock.now(), schedule.zone)
    first = f"{job.name}: {job.command}\n  {job.when.cron}"
    shown = {
        "changed": is_changed,
        "name": job.name,
        "job": job.as_table(),
        "cron": str(job.when.cron),
        "next": next_at,
        "zone": zone,
        "notes": notes,
    }
    human = f"{first}, next {moment(next_at, schedule.zone)} ({zone})"
    session.show("schedule.add/1", shown, human)
    for note in notes:
        session.console.note(f"note: {note}")


def _without_date(job: Job) -> dict[str, object]:
    return {key: value for key, value in job.as_table().items() if key != "added"}
