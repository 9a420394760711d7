"""The schedule put together with the user's jobs, keys, record and machine."""

import os
import pwd
import sys
from collections.abc import Collection, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from quintet.app.ourselves import from_anywhere
from quintet.errors import NotFound
from quintet.platform.schedule.history import Histories
from quintet.platform.schedule.job import Job
from quintet.platform.schedule.jobfile import FILE_NAME, Jobs, read_jobs
from quintet.platform.schedule.zone import machine_zone, system_zone, zone_name

if TYPE_CHECKING:
    from quintet.app.home import App
    from quintet.platform.record.effects.changes import FileChanges
    from quintet.platform.schedule.calling import Calling
    from quintet.platform.schedule.cron_scheduler import Crontab
    from quintet.platform.schedule.effects import Services
    from quintet.platform.schedule.installing import Installed
    from quintet.platform.schedule.outputs import Outputs
    from quintet.platform.schedule.runner import Runner
    from quintet.platform.schedule.scheduler import Scheduler
    from quintet.platform.schedule.services import Launchd, Systemd

SCHEDULERS = ("cron", "systemd", "launchd")


class NothingToCall(NotFound):
    """There is no job that could be installed."""

    code = "schedule.no_jobs"


class Schedule:
    """The jobs of one home, and what they need to run."""

    def __init__(self, app: "App") -> None:
        self._app = app
        self.path = app.paths.config_dir / FILE_NAME
        self.zone = machine_zone(app.env)
        self.directory = app.paths.state_dir / "schedule"
        self.histories = Histories(self.directory)

    @cached_property
    def jobs(self) -> Jobs:
        return read_jobs(self.path)

    @cached_property
    def runner(self) -> "Runner":
        from quintet.platform.record.event import CAUSE_VARIABLE
        from quintet.platform.schedule.runner import Runner

        env = {name: value for name, value in self._app.env.items() if name != CAUSE_VARIABLE}
        return Runner(
            self.directory,
            self.histories,
            self.outputs,
            self._app.record,
            self._app.clock,
            self._app.rng,
            self.zone,
            program=from_anywhere(),
            env=env,
            sealing=self._sealing,
        )

    @cached_property
    def outputs(self) -> "Outputs":
        from quintet.platform.schedule.outputs import Outputs

        return Outputs(self.directory, self._app.keys)

    @cached_property
    def calling(self) -> "Calling":
        """What a scheduler is given to call."""
        from quintet.platform.schedule.calling import Calling, carried, label_of

        env = self._app.env
        return Calling(from_anywhere(), carried(env), label_of(self._app.paths.config_dir, env))

    @cached_property
    def crontab(self) -> "Crontab":
        from quintet.platform.schedule.cron_scheduler import Crontab

        return Crontab(self._app.env, self.directory)

    @cached_property
    def systemd(self) -> "Systemd":
        from quintet.platform.schedule.services import Systemd

        return Systemd(self._app.env)

    @cached_property
    def launchd(self) -> "Launchd":
        from quintet.platform.schedule.services import Launchd

        return Launchd(self._app.env)

    @property
    def managers(self) -> "Sequence[Services]":
        return (self.systemd, self.launchd)

    def scheduler(self, name: str) -> "Scheduler":
        """What calls jobs by this name."""
        return schedulers_of(self._app, self)[name]

    def installed(self) -> "list[Installed]":
        """What calls jobs of this home now, and where that does not fit them."""
        from quintet.platform.schedule.installing import installed

        return installed([*schedulers_of(self._app, self).values()], self.jobs.good)

    def usual(self) -> str:
        """The scheduler that this machine would be expected to use."""
        if present := [one.scheduler for one in self.installed() if one.is_there]:
            return present[0]
        if sys.platform == "darwin":
            return "launchd"
        runtime = self._app.env.get("XDG_RUNTIME_DIR", "")
        has_manager = runtime and (Path(runtime) / "systemd" / "private").exists()
        return "systemd" if has_manager else "cron"

    def begin(self, jobs: Sequence[Job], called_before: Collection[str]) -> None:
        """From now on these jobs are called. Nobody missed what nobody was to call."""
        now = self._app.clock.now()
        for job in jobs:
            if job.name not in called_before:
                self.histories.keep(job, self.histories.of(job).claiming(now))

    def zone_trouble(self) -> str:
        """Where TZ says one thing here and the machine, by which it calls, another."""
        system = system_zone()
        if system is None or zone_name(system) == zone_name(self.zone):
            return ""
        ours = zone_name(self.zone)
        return f"TZ is {ours} here, but this machine calls by {zone_name(system)}"

    def require_jobs(self) -> tuple[Job, ...]:
        """The jobs, if there are any that can be called."""
        if not self.jobs.good:
            raise NothingToCall("there are no jobs to install", hint="ai schedule add --help")
        return self.jobs.good

    def output_of(self, job: Job, run: str) -> bytes | None:
        """What a run printed, if it is still kept."""
        return self.outputs.of(job.name, self._sealing(job.words), run)

    def _sealing(self, words: Sequence[str]) -> str:
        """The group whose key seals what a command prints.

        A verb of the house, such as `log`, may tell of any group: where one is encrypted, so is it.
        """
        group = words[0]
        document = self._app.keys.document()
        if document is None or group in document.rings:
            return group
        return min(document.rings, default=group)


def schedulers_of(app: "App", schedule: Schedule) -> "dict[str, Scheduler]":
    """Every scheduler that this program knows, whether this machine has it or not."""
    from quintet.platform.schedule import launchd, systemd
    from quintet.platform.schedule.cron_scheduler import CronScheduler
    from quintet.platform.schedule.service_scheduler import Dialect, ServiceScheduler

    def changes() -> "FileChanges":
        return app.record.effects.changes("schedule")

    def keep(content: bytes) -> object:
        return app.record.vault.shelf("schedule").keep_bytes(content)

    home = Path(app.env.get("HOME", "/"))
    config = Path(app.env.get("XDG_CONFIG_HOME") or home / ".config")
    units = Dialect(
        systemd.units, systemd.job_of, systemd.comparable, (".service", ".timer"), ".timer"
    )
    agents = Dialect(launchd.agents, launchd.job_of, launchd.comparable, (".plist",), ".plist")
    calling = schedule.calling
    return {
        "cron": CronScheduler(schedule.crontab, calling),
        "systemd": ServiceScheduler(
            schedule.systemd,
            units,
            config / "systemd" / "user",
            calling,
            changes,
            keep,
            lambda: _linger_trouble(schedule.systemd),
        ),
        "launchd": ServiceScheduler(
            schedule.launchd,
            agents,
            home / "Library" / "LaunchAgents",
            calling,
            changes,
            keep,
            list,
        ),
    }


def _linger_trouble(manager: "Systemd") -> list[str]:
    try:
        user = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return []
    if manager.lingers(user) is not False:
        return []
    return ["jobs are called only while you are logged in: loginctl enable-linger"]
