"""The process in which foreign formats are parsed, with limits on memory, time and files.

It reads an order line and bytes on stdin, and answers with a line and JSON on stdout.
"""

import json
import os
import resource
import sys
import time
from dataclasses import asdict
from typing import Any, BinaryIO

from quintet.retrieval.document import Document, Limits, Unreadable
from quintet.retrieval.loaders.choice import LOADERS

_FILES = 64


def main(orders: BinaryIO, answers: BinaryIO) -> None:
    while line := orders.readline():
        order = json.loads(line)
        limits = Limits(**order["limits"])
        _confine(limits)
        body = json.dumps(_answer(order["loader"], orders.read(order["size"]), limits)).encode()
        answers.write(f"{len(body)}\n".encode() + body)
        answers.flush()


def _confine(limits: Limits) -> None:
    """What one file may use; processor time is counted from now on."""
    used_s = int(time.process_time()) + 1
    _limit(resource.RLIMIT_CPU, used_s + int(limits.time_s) + 1)
    _limit(resource.RLIMIT_AS, limits.memory_bytes)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_NOFILE, _FILES)


def _limit(kind: int, value: int) -> None:
    _, hard = resource.getrlimit(kind)
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    # A Mac does not take a limit on memory; the others hold there.
    try:
        resource.setrlimit(kind, (value, hard))
    except (ValueError, OSError):
        return


def _answer(loader: str, data: bytes, limits: Limits) -> dict[str, Any]:
    try:
        return {"document": _told(LOADERS[loader].load(data, limits))}
    except Unreadable as error:
        return {"what": error.what, "why": error.why}
    except MemoryError:
        return {"what": "the file is too large", "why": "it takes more memory than a file may"}
    except RecursionError:
        return {"what": "the file cannot be read", "why": "it is nested too deeply"}
    except Exception as error:
        # A parser's failure on input that nobody thought of is the file's, and ends no run.
        return {"what": "the file cannot be read", "why": f"{type(error).__name__}: {error}"[:300]}


def _told(document: Document) -> dict[str, Any]:
    return asdict(document)


if __name__ == "__main__":
    os.chdir("/")
    main(sys.stdin.buffer, sys.stdout.buffer)
