"""Having jobs called: the plan for it, and whether what is installed still fits the jobs."""

from collections.abc import Sequence
from dataclasses import dataclass

from quintet.errors import QuintetError
from quintet.platform.policy.plan import Plan
from quintet.platform.schedule.calling import CATCH_UP
from quintet.platform.schedule.job import Job
from quintet.platform.schedule.scheduler import Scheduler


@dataclass(frozen=True, slots=True)
class Drift:
    """One way in which what is installed differs from the jobs."""

    job: str
    what: str


@dataclass(frozen=True, slots=True)
class Installed:
    """What one scheduler calls, and where that is not what the jobs say."""

    scheduler: str
    is_there: bool
    jobs: tuple[str, ...]
    drift: tuple[Drift, ...]
    troubles: tuple[str, ...]


def plan_install(scheduler: Scheduler, jobs: Sequence[Job]) -> Plan:
    """A plan to have exactly these jobs called."""
    names = ", ".join(job.name for job in jobs)
    return Plan(
        group="schedule",
        verb="install",
        summary=f"have {scheduler.name} call {names}",
        effects=tuple(scheduler.effects(jobs)),
    )


def plan_uninstall(schedulers: Sequence[Scheduler]) -> Plan:
    """A plan to have no job called any more by these."""
    names = " and ".join(scheduler.name for scheduler in schedulers)
    return Plan(
        group="schedule",
        verb="uninstall",
        summary=f"have {names} call no job any more",
        effects=tuple(effect for scheduler in schedulers for effect in scheduler.effects([])),
    )


def installed(schedulers: Sequence[Scheduler], jobs: Sequence[Job]) -> list[Installed]:
    """What calls jobs of this home now; a scheduler that cannot be asked is told of as well."""
    found: list[Installed] = []
    for scheduler in schedulers:
        try:
            present = scheduler.present()
            if present:
                names = tuple(name for name in present if name != CATCH_UP)
                drift = tuple(drift_of(scheduler, jobs))
                troubles = tuple(scheduler.troubles())
                found.append(Installed(scheduler.name, True, names, drift, troubles))
        except QuintetError as error:
            found.append(Installed(scheduler.name, False, (), (), (str(error),)))
    return found


def drift_of(scheduler: Scheduler, jobs: Sequence[Job]) -> list[Drift]:
    """Where what is installed is not what would be installed now."""
    wanted, present = scheduler.wanted(jobs), scheduler.present()
    found: list[Drift] = []
    for name in sorted({*wanted, *present}):
        if name not in present:
            found.append(Drift(name, f"is not called by {scheduler.name}"))
        elif name not in wanted:
            found.append(Drift(name, f"is called by {scheduler.name}, but there is no such job"))
        elif wanted[name] != present[name]:
            found.append(Drift(name, f"is called by {scheduler.name} otherwise than it says now"))
    return found
