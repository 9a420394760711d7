"""`ai` as a real process, with an environment of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from quintet_cli.exits import BUG, MEANING
from support.sources import ROOT

PYTHON_PATH = os.pathsep.join(str(ROOT / root) for root in ("cli", "lib"))
AI = (sys.executable, "-c", "from quintet_cli.boot import main; main()")
PATIENCE_S = 60.0
Words = Sequence[str | bytes]


@dataclass(frozen=True, slots=True)
class Ended:
    """What a process left behind."""

    words: Words
    status: int
    out: bytes
    err: bytes

    def require_grammar(self) -> "Ended":
        """No traceback, a status that means something, and a failure in the form of failures."""
        shown = f"{self.words!r} ended with {self.status}:\n{self.out!r}\n{self.err!r}"
        assert b"Traceback" not in self.out + self.err, shown
        assert b"Exception ignored" not in self.err, shown
        assert self.status in MEANING, shown
        assert self.status != BUG, shown
        return self

    def require_reason(self) -> "Ended":
        """A failure has its form, unless it is itself the result, as in `ai doctor`."""
        lines = self.err.decode("utf-8", "replace").splitlines()
        has_form = any(line.startswith("error: ") for line in lines) and any(
            line.startswith("   id: ") for line in lines
        )
        assert self.status in (0, 3) or self.out or has_form, self.err
        return self

    def json(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


def environment(home: Path, **extra: str) -> dict[str, str]:
    """The least that a process needs."""
    return {
        "HOME": str(home),
        "PATH": os.environ["PATH"],
        "PYTHONPATH": PYTHON_PATH,
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        **extra,
    }


def run_ai(
    words: Words,
    env: Mapping[str, str],
    *,
    cwd: Path,
    shell: str = 'exec "$@"',
    prefix: Sequence[str] = (),
) -> Ended:
    """Run `ai`; `shell` may bend its standard streams, `prefix` is a command that runs it."""
    done = subprocess.run(
        ["bash", "-c", shell, "bash", *prefix, *AI, *words],
        env=env,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=PATIENCE_S,
        check=False,
    )
    return Ended(words, done.returncode, done.stdout, done.stderr)


def cpu_s(command: Sequence[str], env: Mapping[str, str]) -> float:
    """The CPU time, user and system, that one run of a command took."""
    quiet = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_RDWR, 0) for fd in (0, 1, 2)]
    pid = os.posix_spawnp(command[0], command, env, file_actions=quiet)
    _, status, usage = os.wait4(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0, command
    return usage.ru_utime + usage.ru_stime
