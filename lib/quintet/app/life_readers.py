"""The table of readers for `ai life add`: one line for each format that the engine can take in.

A reader is a module in `engines/life/adapters` with a function `(data, name, local) -> Found`. It
raises `SourceUnreadable` for foreign bytes, and puts what it must leave out into `Found.skipped`.
"""

import codecs
from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo
from importlib import import_module
from pathlib import Path

from quintet.engines.life.found import Found, SourceUnreadable

Read = Callable[[bytes, str, tzinfo], Found]


@dataclass(frozen=True, slots=True)
class Reader:
    """A format: its file endings, the words that its text begins with, and `module:function`.

    Case does not count in either, nor does white space before the mark.
    """

    endings: tuple[str, ...]
    mark: bytes
    place: str

    def read(self, data: bytes, name: str, local: tzinfo) -> Found:
        module, _, function = self.place.partition(":")
        read: Read = getattr(import_module(module), function)
        return read(data, name, local)


READERS = (
    Reader(
        endings=(".ics", ".ical"),
        mark=b"BEGIN:VCALENDAR",
        place="quintet.engines.life.adapters.ics:read_calendar",
    ),
)
ENDINGS = tuple(ending for reader in READERS for ending in reader.endings)


def reader_named(path: Path) -> Reader | None:
    """Who reads files with such an ending."""
    return next((one for one in READERS if path.suffix.lower() in one.endings), None)


def reader_of(data: bytes) -> Reader | None:
    """Who reads what begins like this."""
    text = data.removeprefix(codecs.BOM_UTF8).lstrip()
    return next((one for one in READERS if text[: len(one.mark)].upper() == one.mark.upper()), None)


def reader_for(path: Path, data: bytes) -> Reader:
    """Who reads a file: what it begins with tells, else its ending."""
    reader = reader_of(data) or reader_named(path)
    if reader is None:
        marks = " or ".join(one.mark.decode() for one in READERS)
        raise SourceUnreadable(
            f"{path} is no file that can be taken in",
            why=f"it neither ends in {' or '.join(ENDINGS)} nor begins with {marks}",
        )
    return reader


def example_in(folder: Path) -> str:
    """An ending of which this folder has files; the first of all where it has none."""
    here = (ending for ending in ENDINGS if next(folder.glob(f"*{ending}"), None))
    return next(here, ENDINGS[0])
