"""Loads foreign formats in a child process that is watched, and believes nothing that it says."""

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import time
import weakref
from dataclasses import asdict
from typing import Any, cast

from quintet.retrieval.document import Anchor, Block, Document, Limits, Unreadable
from quintet.retrieval.loaders.choice import Loader

_PASSED_ON = ("PATH", "LANG", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "SYSTEMROOT")
_START_S = 10.0
_PIECE_BYTES = 1 << 16
_ANSWER_BYTES = 256 << 20
_MOST_FILES = 2000


class BoundedLoading:
    """Decodes plain formats here and hands every other to a child."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._child: _Child | None = None

    def load(self, loader: Loader, data: bytes) -> Document:
        if len(data) > self._limits.file_bytes:
            raise Unreadable("the file is too large", why=f"{len(data):,} bytes")
        if not loader.is_foreign:
            return loader.load(data, self._limits)
        if self._child is None or self._child.served >= _MOST_FILES:
            self.close()
            self._child = _Child()
        try:
            return _document(self._child.ask(loader.name, data, self._limits))
        except _ChildGone as gone:
            self.close()
            raise Unreadable("the file cannot be read", why=str(gone)) from gone

    def close(self) -> None:
        if self._child is not None:
            self._child.close()
            self._child = None


class _ChildGone(Exception):
    """The child died, hung or spoke nonsense; why, in words."""


class _Child:
    """One process that loads one file after the other."""

    def __init__(self) -> None:
        self.served = 0
        self._process = subprocess.Popen(
            # -P: a folder that the user happens to be in must not be able to replace a module.
            [sys.executable, "-P", "-m", "quintet.retrieval.adapters.load_worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            env={name: os.environ[name] for name in _PASSED_ON if name in os.environ},
            start_new_session=True,
        )
        self.close = weakref.finalize(self, _kill, self._process)
        os.set_blocking(self._fd(to_child=True), False)

    def ask(self, loader: str, data: bytes, limits: Limits) -> dict[str, Any]:
        order = {"loader": loader, "size": len(data), "limits": asdict(limits)}
        deadline_s = time.monotonic() + limits.time_s + (0 if self.served else _START_S)
        self.served += 1
        try:
            self._send(json.dumps(order).encode() + b"\n", deadline_s)
            self._send(data, deadline_s)
            return self._answer(deadline_s)
        except OSError as error:
            raise _ChildGone(self._death()) from error

    def _send(self, data: bytes, deadline_s: float) -> None:
        left, fd = memoryview(data), self._fd(to_child=True)
        while left:
            self._wait(fd, selectors.EVENT_WRITE, deadline_s)
            left = left[os.write(fd, left[:_PIECE_BYTES]) :]

    def _answer(self, deadline_s: float) -> dict[str, Any]:
        received = bytearray()
        size = None
        while size is None or len(received) < size:
            self._wait(self._fd(to_child=False), selectors.EVENT_READ, deadline_s)
            piece = os.read(self._fd(to_child=False), _PIECE_BYTES)
            if not piece:
                raise _ChildGone(self._death())
            received += piece
            if size is None and b"\n" in received:
                line, _, rest = bytes(received).partition(b"\n")
                size = int(line) if line.isdigit() and len(line) < 12 else _ANSWER_BYTES + 1
                received = bytearray(rest)
            if (size or len(received)) > _ANSWER_BYTES:
                raise _ChildGone("its text is too long")
        try:
            return cast(dict[str, Any], json.loads(bytes(received)))
        except ValueError as error:
            raise _ChildGone("what reads it broke down") from error

    def _wait(self, fd: int, event: int, deadline_s: float) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(fd, event)
            if not selector.select(max(0.0, deadline_s - time.monotonic())):
                raise _ChildGone("it takes too long")

    def _fd(self, *, to_child: bool) -> int:
        stream = self._process.stdin if to_child else self._process.stdout
        assert stream is not None
        return stream.fileno()

    def _death(self) -> str:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(1)
        status = self._process.returncode
        if status in (-signal.SIGXCPU, -signal.SIGKILL):
            return "it takes too much time or memory"
        return "what reads it broke down on it"


def _document(answer: dict[str, Any]) -> Document:
    """The child's answer, every part of it checked: a hostile file may have spoken."""
    try:
        told = answer.get("document")
        if told is None:
            raise Unreadable(str(answer["what"])[:200], why=str(answer["why"])[:400])
        text = _typed(told["text"], str)
        blocks = tuple(
            Block(_typed(start, int), _typed(end, int), tuple(_typed(one, str) for one in head))
            for start, end, head in told["blocks"]
        )
        anchors = tuple(
            Anchor(_typed(at, int), _typed(place, str)) for at, place in told["anchors"]
        )
        written_s = told["written_s"]
        document = Document(
            *(text, blocks, anchors, _typed(told["title"], str)),
            written_s=None if written_s is None else float(written_s),
            encoding=_typed(told["encoding"], str),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _ChildGone("what reads it answered nonsense") from error
    at = 0
    for block in blocks:
        if block.start != at or not block.start < block.end <= len(text):
            raise _ChildGone("what reads it answered nonsense")
        at = block.end
    return document


def _typed(value: object, kind: type[Any]) -> Any:
    if not isinstance(value, kind):
        raise TypeError(f"{value!r} is no {kind.__name__}")
    return value


def _kill(process: "subprocess.Popen[bytes]") -> None:
    process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()
