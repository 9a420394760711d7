"""Streamed answers as lines and as server-sent events, bounded whatever the server sends."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from quintet.platform.http.failure import TooLarge

_LINE_END = re.compile(rb"\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """One event: its `data` lines joined, the name of its type, and the last id that was set."""

    data: str
    event: str = "message"
    id: str = ""


def lines_of(chunks: Iterable[bytes], limit_bytes: int) -> Iterator[str]:
    """Lines without their ends; a last line without an end is a line too."""
    held: list[bytes] = []
    held_bytes = 0
    skips_line_feed = False
    for chunk in filter(None, chunks):
        # A line's end of two bytes may be cut between two chunks.
        fresh = chunk.removeprefix(b"\n") if skips_line_feed else chunk
        skips_line_feed = chunk.endswith(b"\r")
        *ended, rest = _LINE_END.split(fresh)
        for line in ended:
            yield _decoded(b"".join([*held, line]), limit_bytes)
            held, held_bytes = [], 0
        if rest:
            held.append(rest)
            held_bytes += len(rest)
            _check(held_bytes, limit_bytes)
    if held:
        yield _decoded(b"".join(held), limit_bytes)


def events_of(lines: Iterable[str], limit_bytes: int) -> Iterator[ServerEvent]:
    """The events of a `text/event-stream`. One that the stream cut off is not an event."""
    data: list[str] = []
    name, last_id, size = "", "", 0
    for number, line in enumerate(lines):
        text = line.removeprefix("\ufeff") if number == 0 else line
        if not text:
            if data:
                yield ServerEvent("\n".join(data), name or "message", last_id)
            data, name, size = [], "", 0
            continue
        size += len(text)
        _check(size, limit_bytes)
        field, _, value = text.partition(":")
        value = value.removeprefix(" ")
        if field == "data":
            data.append(value)
        elif field == "event":
            name = value
        elif field == "id" and "\0" not in value:
            last_id = value


def _decoded(line: bytes, limit_bytes: int) -> str:
    _check(len(line), limit_bytes)
    return line.decode("utf-8", "replace")


def _check(size_bytes: int, limit_bytes: int) -> None:
    if size_bytes > limit_bytes:
        raise TooLarge(
            "the server sent a line without end", why=f"lines are read up to {limit_bytes:,} bytes"
        )
