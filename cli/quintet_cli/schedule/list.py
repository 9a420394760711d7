"""`ai schedule list`: the jobs, when each is next, and how it went last."""

from builtins import list as List
from datetime import datetime

from quintet.platform.schedule.history import Run
from quintet.platform.schedule.job import Job
from quintet.platform.schedule.jobfile import BrokenJob
from quintet.platform.schedule.slots import next_slot
from quintet.platform.schedule.zone import zone_name
from quintet_cli.schedule.telling import JOB_TABLE, ending, moment
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb

_COLUMNS = ("job", "when", "next", "last", "", "command")


@verb(
    does=Does.READS,
    results={
        "schedule.list/1": {
            "zone": str,
            "jobs": [
                {
                    "name": str,
                    "cron": str,
                    **JOB_TABLE,
                    "next": (datetime, None),
                    "last": (Run, None),
                }
            ],
            "broken": [BrokenJob],
        }
    },
    examples=("ai schedule list", "ai schedule list --json"),
)
def list(session: Session) -> None:
    """The jobs, when each is next, and how it went last. Times are this machine's."""
    schedule, now = session.app.schedule, session.app.clock.now()
    jobs = schedule.jobs
    rows: List[tuple[str, ...]] = []
    shown: List[dict[str, object]] = []
    for job in jobs.good:
        last = schedule.histories.of(job).last
        next_at = next_slot(job.when.cron, now, schedule.zone)
        started = last.started_at if last else None
        rows.append(
            (
                job.name,
                job.when.text,
                moment(next_at, schedule.zone),
                moment(started, schedule.zone),
                ending(last),
                job.command,
            )
        )
        shown.append({**_facts(job), "next": next_at, "last": last})
    rows += [(one.name, "cannot be read", "", "", "", one.why) for one in jobs.broken]
    human = session.table(_COLUMNS, rows) if rows else "there are no jobs; ai schedule add --help"
    body = {"zone": zone_name(schedule.zone), "jobs": shown, "broken": jobs.broken}
    session.offer("JOB", {job.name: job.when.text for job in jobs.good})
    session.show("schedule.list/1", body, human)


def _facts(job: Job) -> dict[str, object]:
    return {"name": job.name, "cron": str(job.when.cron), **job.as_table()}
