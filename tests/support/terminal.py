"""A hermetic terminal for tests: runs `ai` in this process with its own home, clock and ids."""

import io
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from quintet.app.home import App
from quintet.platform.clock import FakeClock
from quintet.platform.rng import SeededRng
from quintet_cli.console import Console
from quintet_cli.main import run
from support.results import require_declared

START = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Result:
    """What one command left behind."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.out)


@dataclass
class Terminal:
    """One user at one terminal; ids and times repeat from run to run."""

    home: Path
    clock: FakeClock = field(default_factory=lambda: FakeClock(START))
    rng: SeededRng = field(default_factory=lambda: SeededRng(1))
    trace_rng: SeededRng = field(default_factory=lambda: SeededRng(2))
    extra_env: Mapping[str, str] = field(default_factory=dict)

    def ai(self, *arguments: str, cwd: Path | None = None) -> Result:
        """Run `ai` with these words."""
        out, err = io.StringIO(), io.StringIO()
        env = {
            "HOME": str(self.home),
            "PATH": os.environ["PATH"],
            "COLUMNS": "80",
            "TZ": "UTC",
            **self.extra_env,
        }

        def open_app(env: Mapping[str, str], **options: Any) -> App:
            app = App(env, cwd=cwd or self.home, clock=self.clock, rng=self.rng, **options)
            app.trace_rng = self.trace_rng
            return app

        status = run(list(arguments), Console(out, err, env), open_app)
        require_declared(arguments, out.getvalue())
        return Result(status, out.getvalue(), err.getvalue())
