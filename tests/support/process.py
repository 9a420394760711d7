"""`ai` as a real process, with an environment of its own."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from quintet_cli.exits import BUG, MEANING
from support.sources import ROOT
from support.zygote import CAPTURED

PYTHON_PATH = os.pathsep.join(str(ROOT / root) for root in ("cli", "lib"))
AI = (sys.executable, "-c", "from quintet_cli.boot import main; main()")
PATIENCE_S = 60.0
Words = Sequence[str | bytes]
# Where stdin, stdout and stderr lead to: a path, or one of the words of `support.zygote`.
Streams = tuple[str, str, str]


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


@dataclass(frozen=True, slots=True)
class Cut:
    """A signal for a process, some time after it began."""

    number: signal.Signals
    after_s: float


def run_ai(
    words: Words,
    env: Mapping[str, str],
    *,
    cwd: Path,
    streams: Streams = ("/dev/null", CAPTURED, CAPTURED),
    prefix: tuple[str, ...] = (),
    copies: int = 1,
    cut: Cut | None = None,
) -> Ended:
    """Run `ai`, once or several times at once, and tell the highest status."""
    request = {
        "words": [os.fsdecode(word) for word in words],
        "env": dict(env),
        "cwd": str(cwd),
        "streams": streams,
        "copies": copies,
        "cut": {"signal": cut.number, "after_s": cut.after_s} if cut else None,
        "patience_s": PATIENCE_S,
    }
    # What the interpreter looks at only when it starts.
    started_with = {
        name: env[name] for name in sorted(env) if name.startswith(("LANG", "LC_", "PYTHON"))
    }
    reply = _zygote(prefix, tuple(started_with.items())).ask(request)
    out, err = (reply[name].encode("latin-1") for name in ("out", "err"))
    return Ended(words, max(reply["statuses"], key=abs), out, err)


class _Zygote:
    """The server behind `run_ai`; see `support.zygote`."""

    def __init__(self, prefix: tuple[str, ...], env: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [*prefix, sys.executable, "-P", str(Path(__file__).with_name("zygote.py"))],
            env={"PATH": os.environ["PATH"], "PYTHONPATH": PYTHON_PATH, **env},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def ask(self, request: Mapping[str, Any]) -> dict[str, Any]:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


@cache
def _zygote(prefix: tuple[str, ...], env: tuple[tuple[str, str], ...]) -> _Zygote:
    return _Zygote(prefix, dict(env))


def cpu_s(command: Sequence[str], env: Mapping[str, str]) -> float:
    """The CPU time, user and system, that one run of a command took."""
    quiet = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_RDWR, 0) for fd in (0, 1, 2)]
    pid = os.posix_spawnp(command[0], command, env, file_actions=quiet)
    _, status, usage = os.wait4(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0, command
    return usage.ru_utime + usage.ru_stime
