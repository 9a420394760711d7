"""A child that cannot hang, flood or outlive its case: bounded in time and output, killed whole."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from quintet.errors import Kind, QuintetError
from quintet.platform.files import explained
from quintet.platform.group import signal_group
from quintet.platform.trace.program import ended, program
from quintet.platform.trace.span import for_child

OUTPUT_LIMIT_BYTES = 4 << 20
_READ_BYTES = 1 << 16
_NOTES_BYTES = 2000
_PATIENCE_S = 2.0


class RunOver(QuintetError):
    """Somebody ended the run before this child began."""

    kind = Kind.INTERRUPTED
    code = "evals.run_over"


@dataclass(frozen=True, slots=True)
class Ended:
    """What is left of a child. `why` says what cut it short, if anything did."""

    status: int
    out: str
    err: str
    duration_s: float
    why: str = ""


class Children:
    """Starts children, several at once from several threads, and can end them all."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._groups: set[int] = set()
        self._is_over = False

    def run(
        self,
        command: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str],
        stdin: bytes,
        timeout_s: float,
    ) -> Ended:
        """Run a command to its end, or to the end of what it may use."""
        with program(command) as span:
            child = self._started(command, cwd, for_child(env))
            came_out = self._followed(child, stdin, timeout_s)
            ended(span, came_out.status)
        return came_out

    def _followed(self, child: subprocess.Popen[bytes], stdin: bytes, timeout_s: float) -> Ended:
        began_s = time.monotonic()
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stderr is not None
        out = _Drain(child.stdout, OUTPUT_LIMIT_BYTES, lambda: _kill(child.pid))
        err = _Drain(child.stderr, _NOTES_BYTES)
        feed = threading.Thread(target=_feed, args=(child.stdin, stdin), daemon=True)
        feed.start()
        why = ""
        try:
            child.wait(timeout_s)
        except subprocess.TimeoutExpired:
            why = f"it took longer than {timeout_s:g} s"
        finally:
            # Also when it ended by itself: what it started must not stay behind.
            _kill(child.pid)
            child.wait()
            with self._lock:
                self._groups.discard(child.pid)
            out.close()
            err.close()
        if out.is_full:
            why = f"it printed more than {OUTPUT_LIMIT_BYTES >> 20} MB"
        elif child.returncode < 0 and not why:
            why = f"it was ended by signal {-child.returncode}"
        duration_s = time.monotonic() - began_s
        return Ended(child.returncode, out.text, err.text, duration_s, why)

    def stop(self) -> None:
        """End every child now; none begins any more."""
        with self._lock:
            self._is_over = True
            for group in self._groups:
                _kill(group)

    def _started(
        self, command: Sequence[str], cwd: Path, env: Mapping[str, str]
    ) -> subprocess.Popen[bytes]:
        with self._lock, explained("run", command[0]):
            if self._is_over:
                raise RunOver("the run is over")
            child = subprocess.Popen(
                command,
                cwd=cwd,
                env=env,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
            self._groups.add(child.pid)
            return child


def _kill(group: int) -> None:
    signal_group(group, signal.SIGKILL)


def _feed(pipe: IO[bytes], data: bytes) -> None:
    with contextlib.suppress(OSError, ValueError), pipe:
        pipe.write(data)


class _Drain:
    """Reads a pipe to its end and keeps the beginning; `on_full` is called when that is not all."""

    def __init__(
        self, pipe: IO[bytes], limit_bytes: int, on_full: Callable[[], None] | None = None
    ) -> None:
        self._pipe = pipe
        self._limit_bytes = limit_bytes
        self._on_full = on_full
        self._kept = bytearray()
        self.is_full = False
        self._thread = threading.Thread(target=self._drain, daemon=True)
        self._thread.start()

    @property
    def text(self) -> str:
        return bytes(self._kept).decode("utf-8", "replace")

    def _drain(self) -> None:
        fd = self._pipe.fileno()
        while chunk := os.read(fd, _READ_BYTES):
            room = self._limit_bytes - len(self._kept)
            self._kept += chunk[:room]
            if len(chunk) > room and self._on_full and not self.is_full:
                self.is_full = True
                self._on_full()

    def close(self) -> None:
        # Somebody in a session of its own may hold the pipe open; it is not waited for.
        self._thread.join(_PATIENCE_S)
        if not self._thread.is_alive():
            self._pipe.close()
