"""The user's crontab, reached through `crontab`, and jobs as lines of it."""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from quintet.errors import QuintetError
from quintet.platform.config.exclusive import exclusive
from quintet.platform.files import ensure_private_dir
from quintet.platform.record.effects.port import WorldChanged
from quintet.platform.record.event import Effect
from quintet.platform.schedule.calling import Calling
from quintet.platform.schedule.crontab import block_in, block_lines, entries_of, with_block
from quintet.platform.schedule.effects import CrontabEffects, SchedulerMissing
from quintet.platform.schedule.job import Job

_TIMEOUT_S = 30.0
_LIMIT_BYTES = 1 << 20
# How the crons of this world say that somebody has no crontab yet.
_NONE_YET = ("no crontab for", "can't open", "no such file")
_DAEMONS = ("cron", "crond", "systemd-cron", "fcron", "busybox")


class CrontabRefused(QuintetError):
    """The command `crontab` would not read or write."""

    code = "schedule.crontab_refused"


@dataclass(frozen=True, slots=True)
class Crontab:
    """The crontab of whoever runs this. In `lock_dir` two of us keep out of each other's way."""

    env: Mapping[str, str]
    lock_dir: Path

    @property
    def program(self) -> str | None:
        return shutil.which("crontab", path=self.env.get("PATH", ""))

    def read(self) -> bytes:
        """The whole crontab; empty where there is none."""
        ended = self._call(["-l"], b"")
        said = ended.stderr.decode("utf-8", "replace").strip()
        if ended.returncode == 0:
            if len(ended.stdout) > _LIMIT_BYTES:
                raise CrontabRefused("your crontab is larger than any crontab", hint="crontab -l")
            return ended.stdout
        if any(words in said.lower() for words in _NONE_YET):
            return b""
        raise CrontabRefused("your crontab could not be read", why=said or "crontab -l failed")

    def write(self, text: bytes) -> None:
        """Replace the crontab, and see that it is what was meant."""
        ended = self._call(["-"], text) if text else self._call(["-r"], b"")
        said = ended.stderr.decode("utf-8", "replace").strip()
        if ended.returncode:
            raise CrontabRefused("your crontab could not be written", why=said or "crontab failed")
        if self.read() != text:
            raise CrontabRefused(
                "your crontab is not what was written",
                why="somebody else changed it at the same moment, or crontab altered it",
                hint="crontab -l",
            )

    def block(self, label: str) -> Any:
        """The lines of our block, or None."""
        return block_in(self.read(), label)

    def put(self, label: str, block: Any, *, was: Any) -> None:
        """Put our block in, provided that it is what it was."""
        with exclusive(ensure_private_dir(self.lock_dir) / "crontab"):
            text = self.read()
            present = block_in(text, label)
            if present == block:
                return
            if present != was:
                raise WorldChanged(
                    "the lines of ai in your crontab were changed meanwhile", hint="crontab -l"
                )
            self.write(with_block(text, label, block))

    def _call(self, words: list[str], given: bytes) -> subprocess.CompletedProcess[bytes]:
        program = self.program
        if program is None:
            raise SchedulerMissing(
                "there is no cron here",
                why="no command crontab is on the PATH",
                hint="ai schedule install --with systemd",
            )
        try:
            return subprocess.run(
                [program, *words],
                input=given,
                capture_output=True,
                timeout=_TIMEOUT_S,
                check=False,
                env={**self.env, "LC_ALL": "C"},
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise CrontabRefused("crontab could not be run", why=str(error)) from error


@dataclass(frozen=True, slots=True)
class CronScheduler:
    """Jobs as lines of the user's crontab."""

    crontab: Crontab
    calling: Calling
    name = "cron"

    def is_here(self) -> bool:
        return self.crontab.program is not None

    def require(self) -> None:
        self.crontab.read()

    def wanted(self, jobs: Sequence[Job]) -> Mapping[str, str]:
        return entries_of(block_lines(jobs, self.calling) or [])

    def present(self) -> Mapping[str, str]:
        if not self.is_here():
            return {}
        return entries_of(self.crontab.block(self.calling.label) or [])

    def effects(self, jobs: Sequence[Job]) -> list[Effect]:
        before = self.crontab.block(self.calling.label)
        after = block_lines(jobs, self.calling)
        if before == after:
            return []
        return [Effect(CrontabEffects.kind, self.calling.label, before, after)]

    def troubles(self) -> list[str]:
        if _is_running(_DAEMONS):
            return []
        return ["no cron is running, so nothing is called: sudo systemctl start cron"]


def _is_running(names: Sequence[str], proc: Path = Path("/proc")) -> bool:
    """Whether a process of one of these names runs; yes, where that cannot be seen."""
    try:
        pids = [name for name in os.listdir(proc) if name.isdigit()]
    except OSError:
        return True
    return not pids or any(_name_of(proc / pid) in names for pid in pids)


def _name_of(process: Path) -> str:
    try:
        return (process / "comm").read_text("ascii", "replace").strip()
    except OSError:
        return ""
