"""Agents of launchd for jobs, as property lists: one a job, in the user's LaunchAgents."""

import plistlib
from collections.abc import Sequence
from itertools import product
from typing import Any, cast
from xml.parsers.expat import ExpatError

from quintet.errors import QuintetError
from quintet.platform.schedule.calling import (
    CATCH_UP,
    CATCH_UP_MINUTES,
    Calling,
    wants_catching_up,
)
from quintet.platform.schedule.cron import Cron, Field
from quintet.platform.schedule.job import Job

_MOST_ENTRIES = 1000
_ENVIRONMENT = "EnvironmentVariables"


class TooManyTimes(QuintetError):
    """A rule whose times launchd would have to be told one by one."""

    code = "schedule.too_many_times"


def agent_of(job: str, calling: Calling) -> str:
    """The name by which launchd knows a job's agent."""
    return f"{calling.label}.{CATCH_UP}" if job == CATCH_UP else f"{calling.label}.job.{job}"


def job_of(agent: str, calling: Calling) -> str | None:
    """The job that an agent of ours is for; None for the agents of others."""
    if agent == agent_of(CATCH_UP, calling):
        return CATCH_UP
    lead = f"{calling.label}.job."
    return agent.removeprefix(lead) if agent.startswith(lead) else None


def agents(jobs: Sequence[Job], calling: Calling) -> dict[str, str]:
    """Every property list for these jobs, by its file's name."""
    found = {
        f"{agent_of(job.name, calling)}.plist": _agent(
            job.name, calling, intervals(job.when.cron, job.name)
        )
        for job in jobs
    }
    if wants_catching_up(jobs, only_on_power=True):
        times = [{"Minute": minute} for minute in CATCH_UP_MINUTES]
        found[f"{agent_of(CATCH_UP, calling)}.plist"] = _agent(CATCH_UP, calling, times)
    return found


def comparable(text: str) -> str:
    """An agent without its environment, which differs from one shell to the next."""
    try:
        agent: Any = plistlib.loads(text.encode())
    except (ValueError, ExpatError, KeyError, IndexError, AttributeError, TypeError):
        return text
    if not isinstance(agent, dict):
        return text
    told = cast("dict[str, Any]", agent)
    return plistlib.dumps({key: told[key] for key in told if key != _ENVIRONMENT}).decode()


def intervals(cron: Cron, name: str = "") -> list[dict[str, int]]:
    """The rule as launchd has it: one entry for each combination that is not a star.

    Where both days are given launchd too lets either fit, but only in entries of their own.
    """
    whole = [cron.month, cron.day, cron.weekday, cron.hour, cron.minute]
    if cron.is_either_day:
        return [*_entries(whole, name, without=2), *_entries(whole, name, without=1)]
    return _entries(whole, name)


_KEYS = ("Month", "Day", "Weekday", "Hour", "Minute")


def _entries(whole: Sequence[Field], name: str, without: int = -1) -> list[dict[str, int]]:
    given = [
        (key, sorted(field.values))
        for number, (key, field) in enumerate(zip(_KEYS, whole, strict=True))
        if number != without and not field.is_every
    ]
    count = 1
    for _, values in given:
        count *= len(values)
    if count > _MOST_ENTRIES:
        raise TooManyTimes(
            f"the times of the job {name} are too many for launchd",
            why=f"it has to be told each of {count:,} combinations",
            hint=f"ai schedule add {name} 'every 15m' -- …",
        )
    keys = [key for key, _ in given]
    return [dict(zip(keys, one, strict=True)) for one in product(*(v for _, v in given))]


def _agent(job: str, calling: Calling, times: list[dict[str, int]]) -> str:
    # Without any key launchd would not know that it is to be called each minute.
    interval = {"StartInterval": 60} if times == [{}] else {"StartCalendarInterval": times}
    agent = {
        "Label": agent_of(job, calling),
        "ProgramArguments": calling.words(job, "launchd"),
        **interval,
        _ENVIRONMENT: dict(calling.env),
        "ProcessType": "Background",
        "Umask": 0o077,
    }
    return plistlib.dumps(agent, sort_keys=False).decode()
