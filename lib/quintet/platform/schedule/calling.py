"""What a scheduler of the machine is given: the words that run a job, and the environment for it.

A cron starts with almost no environment, and a service manager with its own. So the variables that
decide which home is meant, which key opens it and which programs are found are written down.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from quintet.errors import QuintetError
from quintet.platform.crypto import digest_hex
from quintet.platform.schedule.job import CatchUp, Job

# The runs that somebody must look after who is not called at the job's own time.
CATCH_UP = "catch-up"
CATCH_UP_MINUTES = (7, 22, 37, 52)
_CARRIED = (
    "HOME",
    "PATH",
    "LANG",
    "LC_ALL",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "XDG_STATE_HOME",
    "XDG_CACHE_HOME",
    "XDG_RUNTIME_DIR",
)
_OWN = "AI_"
# These belong to one process and its children, and to nobody who comes later.
_PASSING = {"AI_CAUSE", "AI_ACTOR", "AI_BUDGET_LEASE"}


class NotCarried(QuintetError):
    """A variable that a scheduler could not be given as it is."""

    code = "schedule.bad_variable"


@dataclass(frozen=True, slots=True)
class Calling:
    """How jobs are called. `label` keeps the jobs of one home apart from those of another."""

    program: tuple[str, ...]
    env: Mapping[str, str]
    label: str

    def words(self, job: str, by: str) -> list[str]:
        """The command that runs a job, or all that are due."""
        which = "--due" if job == CATCH_UP else job
        return [*self.program, "schedule", "run", which, "--by", by, "--quiet"]


def carried(env: Mapping[str, str]) -> dict[str, str]:
    """The variables that matter at run, checked; PATH without doubles and relative folders."""
    names = [name for name in _CARRIED if env.get(name)]
    names += sorted(name for name in env if name.startswith(_OWN) and name not in _PASSING)
    found = {name: env[name] for name in names}
    if "PATH" in found:
        folders = dict.fromkeys(f for f in found["PATH"].split(os.pathsep) if f.startswith("/"))
        found["PATH"] = os.pathsep.join(folders)
    for name, value in found.items():
        if not value.isprintable():
            raise NotCarried(
                f"the variable {name} cannot be given to a scheduler",
                why="it holds a line break, or bytes that are not text",
                hint=f"env -u {name} ai schedule install",
            )
    return found


def label_of(config_dir: Path, env: Mapping[str, str]) -> str:
    """`ai` for the home that everybody has, and a name of its own for any other."""
    usual = Path(env.get("HOME", "/")) / ".config" / "ai"
    if config_dir == usual:
        return "ai"
    return f"ai-{digest_hex(os.fsencode(config_dir))[:6]}"


def wants_catching_up(jobs: Sequence[Job], *, only_on_power: bool = False) -> bool:
    """Whether somebody must ask for missed runs. A service manager does so itself, but for jobs
    that wait for power.
    """
    return any(
        job.catch_up is not CatchUp.SKIP and (job.only_on_power or not only_on_power)
        for job in jobs
    )
