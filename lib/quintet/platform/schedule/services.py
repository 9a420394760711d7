"""The two service managers, and what is on with them: reached through systemctl and launchctl."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from quintet.errors import QuintetError
from quintet.platform.schedule.effects import SchedulerMissing

_TIMEOUT_S = 60.0


class ServiceRefused(QuintetError):
    """A service manager would not do what it was asked."""

    code = "schedule.service_refused"


@dataclass(frozen=True, slots=True)
class Systemd:
    """The user's own service manager."""

    env: Mapping[str, str]
    linger_dir: Path = Path("/var/lib/systemd/linger")
    name = "systemd"

    def is_here(self) -> bool:
        return _found("systemctl", self.env) is not None

    def require(self) -> None:
        ended = _called("systemctl", ["--user", "is-system-running"], self.env)
        said = _words(ended)
        if "bus" in said or not ended.stdout.strip() or ended.stdout.strip() == b"offline":
            raise SchedulerMissing(
                "the user's service manager of systemd cannot be reached",
                why=said or "it does not run here",
                hint="ai schedule install --with cron",
            )

    def is_on(self, service: str) -> bool:
        # A manager that is not there has nothing switched on.
        if not self.is_here():
            return False
        return self._asked("is-enabled", service) and self._asked("is-active", service)

    def switch_on(self, service: str) -> None:
        self._do("daemon-reload")
        self._do("enable", "--now", service)

    def switch_off(self, service: str) -> None:
        if self._asked("is-enabled", service) or self._asked("is-active", service):
            self._do("disable", "--now", service)
        self._do("daemon-reload")

    def lingers(self, user: str) -> bool | None:
        """Whether it goes on without a login; None where that cannot be seen."""
        if not self.linger_dir.parent.exists():
            return None
        return (self.linger_dir / user).exists()

    def _asked(self, question: str, service: str) -> bool:
        ended = _called("systemctl", ["--user", "--quiet", question, service], self.env)
        return ended.returncode == 0

    def _do(self, *words: str) -> None:
        _require_done(_called("systemctl", ["--user", *words], self.env), f"systemctl {words[0]}")


@dataclass(frozen=True, slots=True)
class Launchd:
    """The user's domain of launchd. A service is named by its property list."""

    env: Mapping[str, str]
    name = "launchd"

    def is_here(self) -> bool:
        return _found("launchctl", self.env) is not None

    @property
    def _domain(self) -> str:
        return f"gui/{os.getuid()}"

    def require(self) -> None:
        ended = _called("launchctl", ["print", self._domain], self.env)
        if ended.returncode:
            raise SchedulerMissing(
                "launchd cannot be reached",
                why=_words(ended) or f"there is no {self._domain}: nobody is logged in",
                hint="ai schedule install --with cron",
            )

    def is_on(self, service: str) -> bool:
        if not self.is_here():
            return False
        label = Path(service).stem
        return _called("launchctl", ["print", f"{self._domain}/{label}"], self.env).returncode == 0

    def switch_on(self, service: str) -> None:
        if not self.is_on(service):
            words = ["bootstrap", self._domain, service]
            _require_done(_called("launchctl", words, self.env), "launchctl bootstrap")

    def switch_off(self, service: str) -> None:
        if self.is_on(service):
            words = ["bootout", f"{self._domain}/{Path(service).stem}"]
            _require_done(_called("launchctl", words, self.env), "launchctl bootout")


def _found(program: str, env: Mapping[str, str]) -> str | None:
    return shutil.which(program, path=env.get("PATH", ""))


def _called(
    program: str, words: list[str], env: Mapping[str, str]
) -> subprocess.CompletedProcess[bytes]:
    found = _found(program, env)
    if found is None:
        raise SchedulerMissing(
            f"there is no {program} here",
            why="it is not on the PATH",
            hint="ai schedule install --with cron",
        )
    try:
        return subprocess.run(
            [found, *words],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_TIMEOUT_S,
            check=False,
            env={**env, "LC_ALL": "C"},
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ServiceRefused(f"{program} could not be run", why=str(error)) from error


def _require_done(ended: subprocess.CompletedProcess[bytes], what: str) -> None:
    if ended.returncode:
        raise ServiceRefused(f"{what} failed", why=_words(ended) or f"status {ended.returncode}")


def _words(ended: subprocess.CompletedProcess[bytes]) -> str:
    return " ".join(ended.stderr.decode("utf-8", "replace").split())
