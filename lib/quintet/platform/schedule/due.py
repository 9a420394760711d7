"""Which runs of a job are due now, given what it ran before: the whole catch-up policy, pure.

The last slot that was claimed never goes back. So a cron that fires twice, a clock that is set back
and a service manager that fires late all come down to one rule: only later slots are run.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from quintet.platform.schedule.job import CatchUp, Job
from quintet.platform.schedule.slots import last_slots

# A service manager may bundle wake-ups within a minute, and a laptop takes a moment to come up.
GRACE = timedelta(minutes=5)
# More than this is not caught up by `all`, and not counted one by one.
MOST_CAUGHT_UP = 24
MOST_COUNTED = 100


@dataclass(frozen=True, slots=True)
class Due:
    """Slots to run now, in their order. `missed` are given up, and `passed` is the last of them;
    `is_more` says that there were more than are counted.
    """

    slots: tuple[datetime, ...] = ()
    missed: int = 0
    passed: datetime | None = None
    is_more: bool = False

    @property
    def is_nothing(self) -> bool:
        return not self.slots and not self.missed


def due(job: Job, claimed: datetime | None, now: datetime, zone: tzinfo) -> Due:
    """What is due now; `claimed` is the last slot that was run or given up."""
    since = claimed or _beginning(job, now)
    pending = last_slots(job.when.cron, since, now, zone, MOST_COUNTED + 1)
    is_more, pending = len(pending) > MOST_COUNTED, pending[-MOST_COUNTED:]
    if not pending:
        return Due()
    latest = pending[-1]
    count = {
        CatchUp.SKIP: 0 if is_late(job, latest, now) else 1,
        CatchUp.ONCE: 1,
        CatchUp.ALL: MOST_CAUGHT_UP,
    }[job.catch_up]
    first = max(len(pending) - count, 0)
    passed = pending[first - 1] if first else None
    return Due(tuple(pending[first:]), first, passed, is_more)


def is_late(job: Job, slot: datetime, now: datetime) -> bool:
    """Whether a run that begins now is one that was missed."""
    return now - slot > GRACE + timedelta(seconds=job.jitter_s)


def _beginning(job: Job, now: datetime) -> datetime:
    """Before it was added a job missed nothing; one that was written by hand begins now."""
    if job.added_at and job.added_at <= now:
        return job.added_at
    return now - GRACE
