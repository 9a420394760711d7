"""Runs `ai` in forked children of one interpreter: all of a start but its cost.

Started as a program, it imports the command line once and then answers requests, one JSON object a
line. A child gets the environment, folder, streams and words of its request as a new process would,
and runs the same entry point to the interpreter's own end.
"""

import contextlib
import json
import os
import signal
import sys
import tempfile
import time
from typing import Any

CLOSED = "closed"
GONE = "a pipe without a reader"
CAPTURED = "captured"
_MODES = (os.O_RDONLY, os.O_WRONLY, os.O_WRONLY)


def _streams(request: dict[str, Any], captured: list[str]) -> None:
    """Descriptors 0 to 2 as the request wants them, and Python's own names for them."""
    encoding, errors = sys.stdout.encoding, sys.stdout.errors
    for fd, wanted in enumerate(request["streams"]):
        if wanted != CLOSED:
            opened = _opened(captured[fd] if wanted == CAPTURED else wanted, _MODES[fd])
            os.dup2(opened, fd)
            os.close(opened)
    for fd, wanted in enumerate(request["streams"]):
        if wanted == CLOSED:
            os.close(fd)
    for fd, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        stream = None
        if request["streams"][fd] != CLOSED:
            stream = open(fd, mode, encoding=encoding, errors=errors, closefd=False)  # noqa: SIM115
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def _opened(path: str, mode: int) -> int:
    if path != GONE:
        return os.open(path, mode | os.O_APPEND)
    reading, writing = os.pipe()
    os.close(reading)
    return writing


def _become(request: dict[str, Any], captured: list[str]) -> None:
    _streams(request, captured)
    os.environ.clear()
    os.environ.update(request["env"])
    time.tzset()
    os.chdir(request["cwd"])
    sys.argv = ["ai", *request["words"]]


def _end_of(pid: int, request: dict[str, Any], began_s: float) -> int:
    """Wait for a child, signal it when its time has come, and kill it when it takes too long."""
    cut = request["cut"]
    while True:
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        elapsed_s = time.monotonic() - began_s
        if cut and elapsed_s >= cut["after_s"]:
            os.kill(pid, cut["signal"])
            cut = None
        if elapsed_s > request["patience_s"]:
            os.kill(pid, signal.SIGKILL)
        time.sleep(0.002)


def _run(request: dict[str, Any], replies: int) -> dict[str, Any] | int:
    """Run as many copies as are wanted; a child comes back with what it closes when it begins."""
    captured = [tempfile.mkstemp()[1] for _ in range(3)]
    children: list[int] = []
    waiting, ready = os.pipe()
    for _ in range(request["copies"]):
        pid = os.fork()
        if pid == 0:
            os.close(replies)
            os.close(waiting)
            _become(request, captured)
            return ready
        children.append(pid)
    os.close(ready)
    os.read(waiting, 1)
    os.close(waiting)
    began_s = time.monotonic()
    statuses = [_end_of(pid, request, began_s) for pid in children]
    texts: list[str] = []
    for path in captured:
        with open(path, encoding="latin-1") as stream:  # noqa: PTH123
            texts.append(stream.read())
        os.unlink(path)  # noqa: PTH108
    return {"statuses": statuses, "out": texts[1], "err": texts[2]}


def serve() -> int:
    """Answer requests on stdin until it ends. A child returns, with what it closes to begin."""
    from quintet_cli import main  # noqa: F401

    requests = os.fdopen(os.dup(0), "r", encoding="ascii")
    replies = os.dup(1)
    for line in requests:
        reply = _run(json.loads(line), replies)
        if isinstance(reply, int):
            requests.detach()
            return reply
        os.write(replies, json.dumps(reply).encode() + b"\n")
    os._exit(0)


if __name__ == "__main__":
    ready = serve()
    from quintet_cli.boot import main

    with contextlib.suppress(KeyboardInterrupt):
        # An interrupt before the program's own first line is not the program's to answer for.
        os.close(ready)
        main()
    sys.exit(130)
