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
from quintet.models.port import ContextExceeded, ModelFailed, ModelUnavailable

START_TIMEOUT_S = 60.0
CANCEL_TIMEOUT_S = 2.0
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
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the child
        self._child = subprocess.Popen(
            # -P: a folder that the user happens to be in must not be able to replace a module.
            [sys.executable, "-P", "-m", "quintet.models.local_worker", runtime],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env=child_environment(os.environ),
            start_new_session=True,
        )
        self._kill_at_exit = weakref.finalize(self, _kill, self._child)
        self._pending = b""
        self._is_working = False
        try:
            self.version = str(self.expect("imported", START_TIMEOUT_S)["runtime"])
        except BaseException:
            self.close()
            raise

    @property
    def pid(self) -> int:
        return self._child.pid

    def order(self, do: str, **fields: Any) -> None:
        """Ask for something; the answers come by `answers` or `expect`."""
        line = json.dumps({"do": do, **fields}).encode() + b"\n"
        assert self._child.stdin is not None
        self._is_working = True
        try:
            self._child.stdin.write(line)
            self._child.stdin.flush()
        except OSError as error:
            raise self._died() from error

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
            answer = json.loads(self._line(deadline_s, timeout_s))
            self._is_working = answer["kind"] == "text"
            if answer["kind"] == "failed":
                error = _ERRORS.get(answer["code"], ModelFailed)
                raise error(answer["what"], why=answer["why"])
            yield answer

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

    def _line(self, deadline_s: float, timeout_s: float) -> bytes:
        assert self._child.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self._child.stdout, selectors.EVENT_READ)
            while b"\n" not in self._pending:
                if not selector.select(max(0.0, deadline_s - time.monotonic())):
                    self.close()
                    raise ModelFailed(
                        "the model took too long",
                        why=f"it did not finish within {timeout_s:g} s",
                        hint="ai config set models.timeout_s SECONDS",
                    )
                piece = os.read(self._child.stdout.fileno(), _READ_BYTES)
                if not piece:
                    raise self._died()
                self._pending += piece
        line, _, self._pending = self._pending.partition(b"\n")
        return line

    def _died(self) -> QuintetError:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._child.wait(5)
        status = self._child.returncode
        why = death_of(status, self._last_words())
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
