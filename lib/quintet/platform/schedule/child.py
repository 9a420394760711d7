"""Runs the command of a job: in a session of its own, for a bounded time, its output bounded."""

import contextlib
import os
import selectors
import signal
import subprocess
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO

from quintet.platform.files import failure_of
from quintet.platform.group import signal_group
from quintet.platform.trace.program import ended, program
from quintet.platform.trace.span import for_child

_HEAD_BYTES, _TAIL_BYTES = 64 << 10, 192 << 10
_PIECE_BYTES = 1 << 16
_LOOK_S = 0.2
_GRACE_S = 10.0


@dataclass(slots=True)
class Kept:
    """The beginning and the end of an output of any length."""

    _head: bytes = b""
    _tail: deque[bytes] = field(default_factory=deque[bytes])
    _tail_bytes: int = 0
    size_bytes: int = 0

    def add(self, piece: bytes) -> None:
        self.size_bytes += len(piece)
        room = _HEAD_BYTES - len(self._head)
        self._head += piece[:room]
        rest = piece[room:]
        if rest:
            self._tail.append(rest)
            self._tail_bytes += len(rest)
        while self._tail and self._tail_bytes - len(self._tail[0]) >= _TAIL_BYTES:
            self._tail_bytes -= len(self._tail.popleft())

    def content(self) -> bytes:
        tail = b"".join(self._tail)
        if left_out := self.size_bytes - len(self._head) - len(tail):
            return self._head + f"\n… {left_out:,} bytes are left out …\n".encode() + tail
        return self._head + tail


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended; a signal counts as a shell counts it."""

    status: int
    is_timed_out: bool
    output: bytes


def run_child(
    words: Sequence[str], *, env: Mapping[str, str], folder: str, timeout_s: float, lock_fd: int
) -> Ended:
    """Run a command to its end or to the end of its time; its whole group ends with it."""
    with program(words) as span:
        came_out = _run(words, for_child(env), folder, timeout_s, lock_fd)
        ended(span, came_out.status, is_timed_out=came_out.is_timed_out)
    return came_out


def _run(
    words: Sequence[str], env: Mapping[str, str], folder: str, timeout_s: float, lock_fd: int
) -> Ended:
    try:
        process = subprocess.Popen(
            words,
            env=dict(env),
            cwd=folder or None,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=(lock_fd,),
        )
    except OSError as error:
        raise failure_of(error, "start the job in", error.filename or folder) from error
    assert process.stdout is not None
    kept = Kept()
    with process.stdout:
        try:
            is_over = _follow(process, process.stdout, kept, time.monotonic() + timeout_s)
        finally:
            # Also on Ctrl-C: nobody would be left to end it when its time has come.
            _end_group(process)
    status = process.returncode
    return Ended(128 - status if status < 0 else status, not is_over, kept.content())


def _follow(
    process: subprocess.Popen[bytes], stream: IO[bytes], kept: Kept, deadline_s: float
) -> bool:
    """Read until the command ends; False when its time was over first.

    Somebody whom it left behind may hold the pipe for ever: what counts is the command itself.
    """
    fd = stream.fileno()
    os.set_blocking(fd, False)
    with selectors.DefaultSelector() as selector:
        selector.register(fd, selectors.EVENT_READ)
        while (left_s := deadline_s - time.monotonic()) > 0:
            is_over = process.poll() is not None
            if selector.select(0 if is_over else min(_LOOK_S, left_s)):
                if piece := _piece(fd):
                    kept.add(piece)
                    continue
                return is_over or _waited(process, left_s)
            if is_over:
                return True
    return False


def _piece(fd: int) -> bytes:
    try:
        return os.read(fd, _PIECE_BYTES)
    except BlockingIOError:
        return b""


def _waited(process: subprocess.Popen[bytes], left_s: float) -> bool:
    try:
        process.wait(left_s)
    except subprocess.TimeoutExpired:
        return False
    return True


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """Ask the group to end, and after a while make it; what a command left running goes too."""
    if process.poll() is None:
        signal_group(process.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_GRACE_S)
    signal_group(process.pid, signal.SIGKILL)
    process.wait()
