"""The table of readers for `ai life add`: one line for each format that the engine can take in.

A reader is a module in `engines/life/adapters` with a function `(data, name, local) -> Found`. It
raises `SourceUnreadable` for foreign bytes, and puts what it must leave out into `Found.skipped`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo
from importlib import import_module
from pathlib import Path

from quintet.engines.life.found import Found

Read = Callable[[bytes, str, tzinfo], Found]


@dataclass(frozen=True, slots=True)
class Reader:
    """A format: its file endings, the words with which its text begins, and who reads it."""

    endings: tuple[str, ...]
    mark: bytes
    place: str

    def read(self, data: bytes, name: str, local: tzinfo) -> Found:
        module, _, function = self.place.partition(":")
        read: Read = getattr(import_module(module), function)
        return read(data, name, local)


READERS = (
    Reader(
        (".ics", ".ical"), b"BEGIN:VCALENDAR", "quintet.engines.life.adapters.ics:read_calendar"
    ),
)


def reader_for(path: Path) -> Reader | None:
    """Who reads a file of this name; a file of no known name is tried as a calendar."""
    named = (one for one in READERS if path.suffix.lower() in one.endings)
    return next(named, READERS[0] if path.is_file() else None)


def reader_of(data: bytes) -> Reader | None:
    """Who reads what came through a pipe, told by its first words."""
    return next((one for one in READERS if one.mark in data.upper()), None)
