"""Records real calls to a file, and answers from it later: the same replies, free and offline.

An entry is found by the hash of its request in canonical form. Whatever looks like a secret is
masked before anything is hashed or written, so a tape may be kept beside the code that it tests.
"""

import fcntl
import json
import os
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from quintet.errors import Kind, QuintetError
from quintet.models.port import (
    ChatModel,
    Chunk,
    ModelUnavailable,
    Reply,
    Request,
    check_request,
    in_one_piece,
)
from quintet.models.registry import Services
from quintet.models.strict_json import JsonInvalid, parse_json
from quintet.models.transcript import reply_json, reply_of, request_json
from quintet.platform.crypto import canonical_json, digest_hex
from quintet.platform.files import PRIVATE_FILE, explained, read_bytes, write_all
from quintet.platform.masking import masked_value

TAPE_LIMIT_BYTES = 256 << 20


class TapeBroken(QuintetError):
    """The tape cannot be read."""

    kind = Kind.INTEGRITY
    code = "models.tape_broken"


class NotOnTape(ModelUnavailable):
    """This request was never recorded."""

    code = "models.not_on_tape"


def open_model(rest: str, services: Services) -> "ReplayedModel":
    path = Path(rest).expanduser()
    return ReplayedModel(Tape(path, parse_tape(read_bytes(path, TAPE_LIMIT_BYTES))))


def request_key(request: Request) -> str:
    """The name of a request: equal for equal requests, whatever secrets they hold."""
    return digest_hex(canonical_json(masked_value(request_json(request))))


@dataclass(slots=True)
class Tape:
    """The entries of a file: for each request the replies it got, in order."""

    path: Path
    replies: dict[str, list[Reply]] = field(default_factory=dict[str, list[Reply]])

    @classmethod
    def read(cls, path: Path) -> "Tape":
        """The tape in a file; a missing file is an empty tape."""
        data = read_bytes(path, TAPE_LIMIT_BYTES) if path.exists() else b""
        return cls(path, parse_tape(data))

    def append(self, request: Request, reply: Reply) -> None:
        """Write one more entry, whole lines even when several processes record at once."""
        key = request_key(request)
        entry = {
            "key": key,
            "request": masked_value(request_json(request)),
            "reply": masked_value(reply_json(reply)),
        }
        line = json.dumps(entry, ensure_ascii=False).encode() + b"\n"
        with explained("write", self.path):
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
            fd = os.open(self.path, flags, PRIVATE_FILE)
            try:
                fcntl.flock(fd, fcntl.LOCK_EX)
                write_all(fd, line)
            finally:
                os.close(fd)
        self.replies.setdefault(key, []).append(reply)


def parse_tape(data: bytes) -> dict[str, list[Reply]]:
    """Replies by the key of their request; raises `TapeBroken` with the number of a bad line."""
    found: dict[str, list[Reply]] = {}
    for number, line in enumerate(data.split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            entry = _entry(line)
            found.setdefault(entry["key"], []).append(reply_of(entry["reply"]))
        except (QuintetError, UnicodeDecodeError, LookupError, TypeError) as error:
            raise TapeBroken(
                f"line {number} of the tape cannot be read", why=str(error) or repr(error)
            ) from error
    return found


def _entry(line: bytes) -> dict[str, Any]:
    value = parse_json(line.decode())
    if not isinstance(value, dict):
        raise JsonInvalid("an entry is an object")
    return cast("dict[str, Any]", value)


class RecordingModel:
    """Passes calls on to a model, and puts each finished reply on the tape."""

    def __init__(self, model: ChatModel, tape: Tape) -> None:
        self._model = model
        self._tape = tape

    @property
    def name(self) -> str:
        return self._model.name

    def complete(self, request: Request) -> Reply:
        reply = self._model.complete(request)
        self._tape.append(request, reply)
        return reply

    def stream(self, request: Request) -> Generator[Chunk]:
        for chunk in self._model.stream(request):
            if chunk.reply is not None:
                self._tape.append(request, chunk.reply)
            yield chunk

    def close(self) -> None:
        self._model.close()


class ReplayedModel:
    """Answers from a tape. The same request asked again gets its next reply, then the last one."""

    def __init__(self, tape: Tape) -> None:
        self._tape = tape
        self._asked: dict[str, int] = {}

    @property
    def name(self) -> str:
        return f"recorded:{self._tape.path}"

    def complete(self, request: Request) -> Reply:
        check_request(request)
        key = request_key(request)
        replies = self._tape.replies.get(key)
        if not replies:
            raise NotOnTape(
                "this request was never recorded",
                why=f"{self._tape.path} has {len(self._tape.replies)} requests, none is {key[:12]}",
                hint="record it first: the prompt, a tool or a parameter has changed since",
            )
        turn = self._asked.get(key, 0)
        self._asked[key] = turn + 1
        return replies[min(turn, len(replies) - 1)]

    def stream(self, request: Request) -> Generator[Chunk]:
        yield from in_one_piece(self.complete(request))

    def close(self) -> None:
        return
