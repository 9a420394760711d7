"""The schedule put together with the user's jobs, keys, record and machine."""

import shutil
import sys
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from quintet.platform.schedule.history import Histories
from quintet.platform.schedule.job import Job
from quintet.platform.schedule.jobfile import FILE_NAME, Jobs, read_jobs
from quintet.platform.schedule.zone import machine_zone

if TYPE_CHECKING:
    from quintet.app.home import App
    from quintet.platform.schedule.runner import Runner


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
            program=program(),
            env=env,
            sealing=self._sealing,
        )

    @cached_property
    def outputs(self):
        from quintet.platform.schedule.outputs import Outputs

        return Outputs(self.directory, self._app.keys)

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


def program() -> tuple[str, ...]:
    """The words that start this very `ai`, from anywhere and with any PATH."""
    beside = Path(sys.executable).with_name("ai")
    if beside.is_file():
        return (str(beside),)
    # Without -P, a file in the folder of a job could stand in for a module of ours.
    found = shutil.which("ai")
    return (str(Path(found).absolute()),) if found else (sys.executable, "-P", "-m", "quintet_cli")
