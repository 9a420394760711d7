"""Moments and durations of jobs as a person is told them, in the zone in which the jobs run."""

from datetime import datetime, tzinfo
from typing import Any

from quintet.app.schedule import SCHEDULERS
from quintet.errors import UsageError
from quintet.platform.schedule.history import Outcome, Run
from quintet.platform.schedule.job import told_duration

NEVER = "never"
# A job as it stands in the file, for whoever reads it with --json.
JOB_TABLE: dict[str, Any] = {
    "when": str,
    "run": [str],
    "folder?": str,
    "catch_up?": str,
    "timeout?": str,
    "jitter?": str,
    "only_on_power?": bool,
    "added?": str,
}


def known_scheduler(name: str) -> str:
    """A scheduler that was named; raises `UsageError` for one that nobody knows."""
    if name not in SCHEDULERS:
        raise UsageError(f"there is no scheduler {name!r}", hint=f"--with {'|'.join(SCHEDULERS)}")
    return name


def moment(at: datetime | str | None, zone: tzinfo) -> str:
    """A moment to the minute; without one, a word for that."""
    if not at:
        return NEVER
    when = at if isinstance(at, datetime) else datetime.fromisoformat(at)
    return f"{when.astimezone(zone):%a %Y-%m-%d %H:%M}"


def ending(run: Run | None) -> str:
    """How a run ended, in a few words."""
    if run is None:
        return ""
    if run.outcome is Outcome.FAILED:
        return f"failed ({run.status})"
    return run.outcome.value


def duration(run: Run | None) -> str:
    return told_duration(round(run.duration_s, 1)) if run else ""
