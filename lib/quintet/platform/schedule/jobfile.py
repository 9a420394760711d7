"""The jobs on disk: `schedule.toml` in the configuration folder, a file that people may edit.

It is a settings file of its own: plain to read, kept with its comments when a verb changes it, part
of whatever backs up the configuration. One job that cannot be read does not stop the others.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from quintet.errors import NotFound, QuintetError
from quintet.platform.config.effects import SettingEffects
from quintet.platform.config.toml_file import ConfigBroken, TomlFile, read_toml
from quintet.platform.policy.plan import Plan, Risk
from quintet.platform.record.event import Effect
from quintet.platform.schedule.job import Job, job_from

FILE_NAME = "schedule.toml"
_TABLE = "jobs"
_MOST_JOBS = 200


class JobUnknown(NotFound):
    """No job has this name."""

    code = "schedule.unknown_job"


class JobsBroken(QuintetError):
    """The file of the jobs cannot be read."""

    code = "schedule.jobs_broken"


@dataclass(frozen=True, slots=True)
class BrokenJob:
    """A job that cannot be run as it is written."""

    name: str
    why: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Jobs:
    """What the file says."""

    path: Path
    good: tuple[Job, ...] = ()
    broken: tuple[BrokenJob, ...] = ()

    def named(self, name: str) -> Job:
        """The job of this name, if it can be run."""
        for job in self.good:
            if job.name == name:
                return job
        for one in self.broken:
            if one.name == name:
                raise JobsBroken(
                    f"the job {name!r} cannot be read", why=one.why, hint=_edit(self.path)
                )
        known = ", ".join(job.name for job in self.good)
        why = f"there are {known}" if known else "there are no jobs yet"
        raise JobUnknown(f"there is no job {name!r}", why=why, hint="ai schedule list")

    def holds(self, name: str) -> bool:
        return any(one.name == name for one in (*self.good, *self.broken))


def read_jobs(path: Path) -> Jobs:
    """Every job in the file; a file that is no TOML raises `JobsBroken`."""
    try:
        file = read_toml(path)
        return jobs_in(file) if file else Jobs(path)
    except ConfigBroken as error:
        raise JobsBroken(
            f"the jobs in {path} cannot be read", why=error.why or error.what, hint=_edit(path)
        ) from error


def jobs_in(file: TomlFile) -> Jobs:
    """The jobs of a file that has been read."""
    data = file.data(float)
    if strange := [key for key in data if key != _TABLE]:
        raise JobsBroken(
            f"the jobs in {file.path} cannot be read",
            why=f"there is no table {strange[0]!r}; a job is a table [jobs.NAME]",
            hint=_edit(file.path),
        )
    tables: Any = data.get(_TABLE, {})
    if not isinstance(tables, dict):
        raise JobsBroken(
            f"the jobs in {file.path} cannot be read",
            why="a job is a table [jobs.NAME]",
            hint=_edit(file.path),
        )
    good: list[Job] = []
    broken: list[BrokenJob] = []
    for number, (name, table) in enumerate(cast("dict[str, Any]", tables).items()):
        try:
            if number >= _MOST_JOBS:
                raise QuintetError(f"there are more than {_MOST_JOBS} jobs")
            good.append(job_from(name, table))
        except QuintetError as error:
            broken.append(BrokenJob(name, str(error), error.hint))
    return Jobs(file.path, tuple(good), tuple(broken))


def plan_job(path: Path, job: Job, risk: Risk = Risk.MILD, why: str = "") -> Plan:
    """A plan to put a job into the file, in place of one of the same name."""
    plan = _plan(path, "add", job.name, f"{job.name}: {job.command}", job.as_table())
    return replace(plan, risk=risk, reasons=(why,) if why else ())


def plan_removal(path: Path, name: str) -> Plan:
    """A plan to take a job out of the file."""
    return _plan(path, "remove", name, f"remove the job {name}", None)


def _plan(path: Path, verb: str, name: str, summary: str, after: Any) -> Plan:
    place = f"{path.resolve()}#{_TABLE}.{name}"
    before = SettingEffects().state(place)
    effects = () if before == after else (Effect(SettingEffects.kind, place, before, after),)
    return Plan("schedule", verb, summary, effects, risk=Risk.MILD)


def _edit(path: Path) -> str:
    return f"${{EDITOR:-vi}} '{path}'"
