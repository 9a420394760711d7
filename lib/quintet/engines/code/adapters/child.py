"""Runs a command within limits of time and output, and leaves no process behind."""

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from quintet.errors import Kind, QuintetError
from quintet.platform.files import failure_of
from quintet.platform.group import signal_group
from quintet.platform.trace.program import ended, program
from quintet.platform.trace.span import for_child

_KEPT_BYTES = 64 << 10
_GRACE_S = 3.0


class CommandMissing(QuintetError):
    """The command that was to run the tests is not on this machine."""

    kind = Kind.UNAVAILABLE
    code = "code.command_missing"


@dataclass(frozen=True, slots=True)
class Ended:
    """What is left of a command: its status, and the first and last of what it printed."""

    status: int
    is_timed_out: bool
    output: str


def run_limited(
    command: Sequence[str], *, cwd: Path, env: Mapping[str, str], timeout_s: float
) -> Ended:
    """Asks the command to end when its time is up, insists soon after, and its children with it."""
    with program(command) as span:
        came_out = _run(command, cwd, for_child(env), timeout_s)
        ended(span, came_out.status, is_timed_out=came_out.is_timed_out)
    return came_out


def _run(command: Sequence[str], cwd: Path, env: Mapping[str, str], timeout_s: float) -> Ended:
    try:
        child = subprocess.Popen(
            command,
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except FileNotFoundError as error:
        raise CommandMissing(
            f"{command[0]} was not found", hint="ai code locate --test 'COMMAND'"
        ) from error
    except OSError as error:
        raise failure_of(error, "run", command[0]) from error
    assert child.stdout is not None
    kept = _Kept(child.stdout)
    is_timed_out = False
    try:
        child.wait(timeout_s)
    except subprocess.TimeoutExpired:
        is_timed_out = True
        signal_group(child.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(_GRACE_S)
    finally:
        signal_group(child.pid, signal.SIGKILL)
        child.wait()
        output = kept.close()
    return Ended(child.returncode, is_timed_out, output)


class _Kept:
    """Drains a pipe without end and keeps its beginning and its end."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe
        self._head, self._tail, self._dropped = b"", b"", 0
        self._thread = threading.Thread(target=self._drain, daemon=True)
        self._thread.start()

    def _drain(self) -> None:
        fd = self._pipe.fileno()
        while chunk := os.read(fd, _KEPT_BYTES):
            room = _KEPT_BYTES - len(self._head)
            self._head += chunk[:room]
            tail = self._tail + chunk[room:]
            self._dropped += max(0, len(tail) - _KEPT_BYTES)
            self._tail = tail[-_KEPT_BYTES:]

    def close(self) -> str:
        # A grandchild in a session of its own may hold the pipe open; it is not waited for.
        self._thread.join(timeout=1.0)
        if not self._thread.is_alive():
            self._pipe.close()
        gap = f"\n… {self._dropped:,} bytes left out …\n".encode() if self._dropped else b""
        return (self._head + gap + self._tail).decode("utf-8", "replace")
