"""Keeps a native runtime at arm's length: in a process of its own, with a limit on every wait.

A crash, a hang or an illegal instruction in there ends a call here with a reason, and closing the
process gives all of its memory back.
"""

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
import weakref
from collections.abc import Iterator, Mapping
from typing import Any

from quintet.errors import QuintetError
from quintet.models.dig import dig_text
from quintet.models.port import ContextExceeded, ModelFailed, ModelUnavailable
from quintet.models.strict_json import JsonInvalid, parse_json
from quintet.platform.trace import conventions
from quintet.platform.trace.span import begin

START_TIMEOUT_S = 60.0
ORDER_TIMEOUT_S = 10.0
CANCEL_TIMEOUT_S = 2.0
LINE_LIMIT_BYTES = 16 << 20
_READ_BYTES = 1 << 16
_SHOWN_BYTES = 2000
# No key of the user's is handed to native code that has no use for it.
_PASSED_ON = ("PATH", "HOME", "LANG", "TMPDIR", "VIRTUAL_ENV", "SYSTEMROOT", "XDG_RUNTIME_DIR")
_PASSED_ON_PREFIXES = ("LC_", "LD_", "DYLD_", "PYTHON", "GGML_", "LLAMA_", "CUDA_", "COVERAGE_")
# Threads that spin while they wait slow everything down where processor cores are shared.
_QUIET_THREADS = {"OMP_WAIT_POLICY": "PASSIVE", "GOMP_SPINCOUNT": "0"}
_ERRORS: dict[str, type[QuintetError]] = {
    error.code: error for error in (ContextExceeded, ModelFailed, ModelUnavailable)
}


class WorkerDied(ModelFailed):
    """The process ended in the middle of its work."""

    code = "models.worker_died"


class WorkerProcess:
    """One child with one runtime. Not for several threads at once."""

    def __init__(self, runtime: str) -> None:
        self._runtime = runtime
        # A file, because a pipe that nobody reads would stop the child once it is full.
        self._span = begin(conventions.subprocess(runtime))
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the child
        self._child = subprocess.Popen(
            # -P: a folder that the user happens to be in must not be able to replace a module.
            [sys.executable, "-P", "-m", "quintet.models.local_worker", runtime],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            stderr=self._log,
            env=child_environment(os.environ),
            start_new_session=True,
        )
        self._kill_at_exit = weakref.finalize(self, _kill, self._child)
        self._span.set(conventions.PID, self._child.pid)
        self._pending = b""
        self._is_working = False
        os.set_blocking(self._input, False)
        try:
            self.version = str(self.expect("imported", START_TIMEOUT_S)["runtime"])
        except BaseException:
            self.close()
            raise

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def is_alive(self) -> bool:
        return self._child.poll() is None

    def order(self, do: str, **fields: Any) -> None:
        """Ask for something; the answers come by `answers` or `expect`."""
        line = memoryview(json.dumps({"do": do, **fields}).encode() + b"\n")
        self._is_working = True
        deadline_s = time.monotonic() + ORDER_TIMEOUT_S
        while line:
            # A child that hangs reads nothing, and a pipe holds less than a long conversation.
            self._wait(self._input, selectors.EVENT_WRITE, deadline_s, ORDER_TIMEOUT_S)
            try:
                line = line[os.write(self._input, line) :]
            except OSError as error:
                raise self._died() from error

    @property
    def _input(self) -> int:
        assert self._child.stdin is not None
        return self._child.stdin.fileno()

    @property
    def _output(self) -> int:
        assert self._child.stdout is not None
        return self._child.stdout.fileno()

    def expect(self, kind: str, timeout_s: float) -> Mapping[str, Any]:
        """The one answer that is due."""
        for answer in self.answers(timeout_s):
            if answer["kind"] == kind:
                return answer
        raise AssertionError("answers end by raising")

    def answers(self, timeout_s: float) -> Iterator[Mapping[str, Any]]:
        """Answers as they come; a failure, a death or the end of patience raises."""
        deadline_s = time.monotonic() + timeout_s
        while True:
            answer = self._answer(self._line(deadline_s, timeout_s))
            self._is_working = answer["kind"] == "text"
            if answer["kind"] == "failed":
                error = _ERRORS.get(dig_text(answer, "code"), ModelFailed)
                hint = "ai setup llm" if error is ModelUnavailable else ""
                raise error(dig_text(answer, "what"), why=dig_text(answer, "why"), hint=hint)
            yield answer

    def _answer(self, line: bytes) -> Mapping[str, Any]:
        """Native code may have written over anything in the child, so nothing is taken on trust."""
        try:
            value: Any = parse_json(line.decode())
        except (UnicodeDecodeError, JsonInvalid):
            value = None
        if not dig_text(value, "kind"):
            self.close()
            raise WorkerDied(f"{self._runtime} broke down", why="its answers make no sense")
        return value

    def settle(self) -> bool:
        """Stop what is being done, if anything is; whether the process is fit for more."""
        if not self._kill_at_exit.alive:
            return False
        if self._is_working:
            try:
                self.order("cancel")
                self.expect("done", CANCEL_TIMEOUT_S)
            except QuintetError:
                self.close()
                return False
        return True

    def close(self) -> None:
        """End the process and wait until it is gone."""
        self._kill_at_exit()
        self._log.close()
        self._span.end()

    def _line(self, deadline_s: float, timeout_s: float) -> bytes:
        while b"\n" not in self._pending:
            self._wait(self._output, selectors.EVENT_READ, deadline_s, timeout_s)
            piece = os.read(self._output, _READ_BYTES)
            if not piece or len(self._pending) > LINE_LIMIT_BYTES:
                raise self._died()
            self._pending += piece
        line, _, self._pending = self._pending.partition(b"\n")
        return line

    def _wait(self, fd: int, event: int, deadline_s: float, timeout_s: float) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(fd, event)
            if selector.select(max(0.0, deadline_s - time.monotonic())):
                return
        self.close()
        raise ModelFailed(
            "the model took too long",
            why=f"it did not finish within {timeout_s:g} s",
            hint="ai config set models.timeout_s SECONDS",
        )

    def _died(self) -> QuintetError:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._child.wait(5)
        status = self._child.returncode
        why = death_of(status, self._last_words())
        self._span.fail(f"exit.{status}")
        self.close()
        error = ModelUnavailable if status == -signal.SIGILL else WorkerDied
        return error(f"{self._runtime} broke down", why=why, hint=_hint(status))

    def _last_words(self) -> str:
        size = self._log.seek(0, os.SEEK_END)
        self._log.seek(max(0, size - _SHOWN_BYTES))
        lines = self._log.read().decode("utf-8", "replace").strip().splitlines()
        return lines[-1][:200] if lines else ""


def child_environment(env: Mapping[str, str]) -> dict[str, str]:
    """What the child may know of our environment."""
    kept = {
        name: value
        for name, value in env.items()
        if name in _PASSED_ON or name.startswith(_PASSED_ON_PREFIXES)
    }
    return {**kept, **_QUIET_THREADS}


def death_of(status: int | None, last_words: str) -> str:
    """How a process ended, in words."""
    if status is None or status >= 0:
        return last_words or f"it ended with status {status}"
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    return f"it was ended by {name}" + (f" after: {last_words}" if last_words else "")


_HINTS = {
    -signal.SIGILL: "this processor lacks an instruction that it uses: ai setup native",
    -signal.SIGKILL: "memory may have run out; choose a smaller model: ai edge fit",
}


def _hint(status: int | None) -> str:
    return _HINTS.get(status or 0, "check the model file: ai models test NAME")


def _kill(child: "subprocess.Popen[bytes]") -> None:
    child.kill()
    child.wait()
    for stream in (child.stdin, child.stdout):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()
