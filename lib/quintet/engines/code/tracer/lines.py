"""Notes which lines of a project each test runs; lives inside the project's own interpreter.

Standard library only, Python 3.9 and later. What is found goes to the file that QUINTET_TRACE
names, one JSON object a line, each written at once so that nothing is lost when the tests are
killed.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any

# Trace functions return trace functions; a precise type would have to be recursive.
Trace = Callable[[FrameType, str, Any], Any]

_FOREIGN = ("site-packages", "dist-packages", "node_modules", "venv", "env", "__pypackages__")
_MESSAGE_LIMIT = 2000
_OUTPUT_LIMIT_BYTES = 64 << 20


class LineTracer:
    """Watches one test at a time; `begin` and `end` surround it."""

    def __init__(self, root: str, out_path: str) -> None:
        self._root = os.path.realpath(root) + os.sep
        self._fd = os.open(out_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self._pid = os.getpid()
        self._written_bytes = 0
        self._sets: dict[str, set[int]] = {}
        self._traces: dict[str, Trace | None] = {}
        self._previous: Any = None
        self._test = ""
        self._path = ""
        self._failure: dict[str, Any] | None = None

    def begin(self, test: str, path: str) -> None:
        self._test, self._path, self._failure = test, path, None
        for lines in self._sets.values():
            lines.clear()
        self._previous = sys.gettrace()
        threading.settrace(self._enter)
        sys.settrace(self._enter)

    def failed(self, error: BaseException, text: str = "") -> None:
        """The current test failed; its first failure is the one that is told."""
        if self._failure is None:
            self._failure = {
                "message": (text or describe(error))[-_MESSAGE_LIMIT:],
                "frames": self.frames_of(error),
            }

    def end(self, outcome: str = "") -> None:
        sys.settrace(self._previous)
        threading.settrace(None)
        if self._test:
            self._write(
                test=self._test,
                path=self._relative(self._path),
                outcome=outcome or ("failed" if self._failure else "passed"),
                lines=self._covered(),
                **(self._failure or {}),
            )
        self._test = ""

    def broken(self, name: str, error: BaseException, text: str = "") -> None:
        """Something that is not a test failed: a module that cannot be imported, a fixture."""
        message = (text or describe(error))[-_MESSAGE_LIMIT:]
        self._write(test=name, outcome="broken", message=message, frames=self.frames_of(error))

    def cut_off(self, _signal: int, frame: FrameType | None) -> None:
        """The time is up: tell where the running test was, then go."""
        sys.settrace(None)
        if self._test and os.getpid() == self._pid:
            frames: list[list[Any]] = []
            while frame is not None:
                frames.insert(0, [frame.f_code.co_filename, frame.f_lineno])
                frame = frame.f_back
            self._failure = {"message": "still running", "frames": self._wanted(frames)}
            self.end("hung")
        os._exit(143)

    def frames_of(self, error: BaseException) -> list[list[Any]]:
        """Where an error passed through the project, outermost first; a bad import leads inside."""
        cause: BaseException | None = error
        found: list[list[Any]] = []
        while cause is not None and not found:
            if isinstance(cause, SyntaxError) and cause.filename and cause.lineno:
                found = self._wanted([[cause.filename, cause.lineno]])
            found = found or self._wanted(_walk(cause.__traceback__))
            cause = cause.__cause__ or cause.__context__
        return found

    def _enter(self, frame: FrameType, event: str, argument: Any) -> Any:
        name = frame.f_code.co_filename
        if name not in self._traces:
            self._traces[name] = self._trace_for(name)
        return self._traces[name]

    def _trace_for(self, name: str) -> Trace | None:
        relative = self._relative(name)
        if not relative:
            return None
        add = self._sets.setdefault(relative, set()).add

        def on_line(frame: FrameType, event: str, argument: Any) -> Any:
            if event == "line":
                add(frame.f_lineno)
            return on_line

        return on_line

    def _relative(self, name: str) -> str:
        """The path below the root, or nothing for what is not the project's own."""
        if name.startswith("<"):
            return ""
        path = os.path.realpath(name)
        if not path.startswith(self._root):
            return ""
        relative = path[len(self._root) :]
        foreign = any(p in _FOREIGN or p.startswith(".") for p in relative.split("/")[:-1])
        return "" if foreign else relative

    def _wanted(self, frames: list[list[Any]]) -> list[list[Any]]:
        named = ([self._relative(name), line] for name, line in frames)
        return [frame for frame in named if frame[0]]

    def _covered(self) -> dict[str, list[int]]:
        if self._written_bytes > _OUTPUT_LIMIT_BYTES and self._failure is None:
            return {}
        return {name: sorted(lines) for name, lines in self._sets.items() if lines}

    def _write(self, **fields: Any) -> None:
        # A test that forks leaves a copy of this object in the child, which has nothing to tell.
        if os.getpid() == self._pid:
            data = json.dumps(fields).encode("ascii") + b"\n"
            self._written_bytes += len(data)
            while data:
                data = data[os.write(self._fd, data) :]


def describe(error: BaseException) -> str:
    """The error as a traceback's last line has it; one that cannot say itself is only named."""
    try:
        text = str(error)
    except Exception:
        text = ""
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def start() -> LineTracer:
    """The tracer of this process, as the environment describes it."""
    tracer = LineTracer(os.environ["QUINTET_ROOT"], os.environ["QUINTET_TRACE"])
    signal.signal(signal.SIGTERM, tracer.cut_off)
    return tracer


def _walk(traceback: TracebackType | None) -> list[list[Any]]:
    frames: list[list[Any]] = []
    while traceback is not None:
        frames.append([traceback.tb_frame.f_code.co_filename, traceback.tb_lineno])
        traceback = traceback.tb_next
    return frames
