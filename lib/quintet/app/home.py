"""Builds the pieces that use cases are handed, each when it is first asked for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from quintet.platform.clock import Clock, SystemClock
from quintet.platform.files import ensure_private_dir
from quintet.platform.paths import Paths
from quintet.platform.progress import Progress, SilentProgress
from quintet.platform.rng import Rng, SystemRng


class App:
    """One installation of the user's, seen from one process.

    Everything is lazy: a command pays only for the pieces that it uses.
    """

    def __init__(
        self,
        env: Mapping[str, str],
        *,
        cwd: Path | None = None,
        config_file: str = "",
        clock: Clock | None = None,
        rng: Rng | None = None,
        progress: Progress | None = None,
    ) -> None:
        self.env = env
        self.cwd = cwd or Path.cwd()
        self.clock = clock or SystemClock()
        self.rng = rng or SystemRng()
        self.progress = progress or SilentProgress()
        self._config_file = config_file

    @cached_property
    def paths(self) -> Paths:
        return Paths.from_environment(self.env)

    @cached_property
    def data_dir(self) -> Path:
        """The data folder, created on first use and closed to everyone else."""
        return ensure_private_dir(self.paths.data_dir)
