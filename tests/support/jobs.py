"""A home with jobs, and a runner whose commands are small scripts instead of `ai`."""

import json
import sys
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from quintet.app.home import App
from quintet.app.schedule import Schedule
from quintet.platform.clock import FakeClock
from quintet.platform.rng import Rng, SeededRng
from quintet.platform.schedule.job import Job
from quintet.platform.schedule.runner import Ran, Runner

MORNING = datetime(2026, 3, 2, 6, 59, tzinfo=UTC)
# The words of a job, behind this, are Python: what it does instead of a verb.
SCRIPT = (sys.executable, "-c", "import sys; exec(sys.argv[1])")
NOTE = "open('ran', 'a').write('x')"


@dataclass
class Jobs:
    """One home with a clock of its own; every runner is as new as that of a new process."""

    home: Path
    clock: FakeClock = field(default_factory=lambda: FakeClock(MORNING))
    rng: Rng = field(default_factory=lambda: SeededRng(7))
    env: dict[str, str] = field(default_factory=dict[str, str])

    def write(
        self, name: str = "job", when: str = "0 7 * * *", run: str = NOTE, **more: Any
    ) -> None:
        """Put a job into the file, as an editor would."""
        path = self.schedule().path
        path.parent.mkdir(parents=True, exist_ok=True)
        values = {
            "when": when,
            "run": [run],
            "folder": str(self.home),
            "added": f"{self.clock.now():%Y-%m-%dT%H:%M:%SZ}",
            **more,
        }
        with path.open("a") as stream:
            stream.write(f"[jobs.{name}]\n")
            stream.writelines(f"{key} = {json.dumps(value)}\n" for key, value in values.items())

    def schedule(self) -> Schedule:
        env = {"HOME": str(self.home), "TZ": "UTC", "PATH": "/usr/bin:/bin", **self.env}
        return Schedule(App(env, clock=self.clock, rng=self.rng))

    def job(self, name: str = "job") -> Job:
        return self.schedule().jobs.named(name)

    def runner(self, **changes: Any) -> Runner:
        runner = self.schedule().runner
        changes = {"is_on_battery": lambda: False, **changes}
        return replace(runner, program=SCRIPT, **changes)

    def call(self, name: str = "job", by: str = "cron", **changes: Any) -> Ran:
        """What a cron does."""
        return self.runner(**changes).run_due(self.job(name), by=by)

    @property
    def count(self) -> int:
        """How often the noting script has run."""
        path = self.home / "ran"
        return len(path.read_text()) if path.exists() else 0

    def advance(self, minutes: float) -> None:
        self.clock.advance(minutes * 60)
