"""What every scheduler of a machine can be asked, whether it is cron, systemd or launchd."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from quintet.platform.record.event import Effect
from quintet.platform.schedule.job import Job


class Scheduler(Protocol):
    """Calls jobs when their time has come. Reading changes nothing and needs no scheduler to run.

    `wanted` and `present` give a text for each job that says all that matters of how it is called,
    but not its environment: where they are the same, nothing needs to be installed.
    """

    @property
    def name(self) -> str: ...

    def is_here(self) -> bool:
        """Whether this machine has it, so that jobs that are installed would be called."""
        ...

    def require(self) -> None:
        """Raise `SchedulerMissing` where nothing could be installed."""
        ...

    def wanted(self, jobs: Sequence[Job]) -> Mapping[str, str]: ...

    def present(self) -> Mapping[str, str]: ...

    def effects(self, jobs: Sequence[Job]) -> list[Effect]:
        """What has to change so that exactly these jobs are called; without jobs, none."""
        ...

    def troubles(self) -> list[str]:
        """What keeps installed jobs from being called, in words with a command that helps."""
        ...
