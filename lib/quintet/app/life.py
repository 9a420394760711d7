"""The life engine put together with the user's keys, store, zone and files."""

import re
import shlex
import sys
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

from quintet.app.life_readers import example_in, reader_for, reader_named, reader_of
from quintet.engines.life.add import TYPED, add, from_line
from quintet.engines.life.agenda import Brief
from quintet.engines.life.brief import brief, hours_of
from quintet.engines.life.found import Found
from quintet.engines.life.item_store import NAME, Difference, difference
from quintet.engines.life.moments import instant
from quintet.engines.life.nothing import NothingStored
from quintet.engines.life.settings import LifeSettings
from quintet.errors import NotFound
from quintet.platform.files import read_bytes, read_limited
from quintet.platform.policy.label import Label
from quintet.platform.policy.plan import Plan, Risk

if TYPE_CHECKING:
    from quintet.app.home import App
    from quintet.platform.record.action import Action
    from quintet.platform.record.effects.row import Database as Rows
    from quintet.platform.store.database import Database

_FILE_LIMIT_BYTES = 64 << 20
_FILE_NAME = re.compile(r"[\w.-]*\w\.[A-Za-z][A-Za-z0-9]{1,4}|\.{1,2}|.*/")


@dataclass(frozen=True, slots=True)
class Added:
    """What was found in a source and what of it was new; `action` took it in."""

    found: Found
    changes: Difference
    action: "Action"


class Life:
    """The engine in one home. Its store is encrypted from the first row on."""

    def __init__(self, app: "App") -> None:
        self._app = app
        self._settings = app.config.section("life", LifeSettings)
        self.zone = _zone(app, self._settings)

    @property
    def _database(self) -> "Database":
        return self._app.database(NAME)

    def open(self) -> tuple[str, ...]:
        """Have the store encrypted before the first row; what its owner should know of that."""
        return self._app.keys.ensure(NAME)

    @property
    def _known(self) -> "Rows":
        """What can be read: asking before anything was added must not make a store."""
        file = self._database.file
        is_there = file.path.exists() or file.inbox.size_bytes()
        return self._database if is_there else NothingStored()

    def find(self, words: list[str]) -> list[Found]:
        """Files where all words name some, standard input for `-`, else one typed line."""
        if words == ["-"]:
            return [self._piped()]
        paths = [self._app.cwd / Path(word).expanduser() for word in words]
        if all(path.is_file() or reader_named(path) for path in paths):
            return [self._file(path) for path in paths]
        _require_words(words, paths)
        return [self._line(" ".join(words))]

    def _piped(self) -> Found:
        data = read_limited(sys.stdin.buffer, _FILE_LIMIT_BYTES, "standard input")
        if reader := reader_of(data):
            return reader.read(data, "standard input", self.zone)
        return self._line(data.decode("utf-8", "replace"))

    def _file(self, path: Path) -> Found:
        data = read_bytes(path, _FILE_LIMIT_BYTES)
        return reader_for(path, data).read(data, str(path), self.zone)

    def plan(self, found: Found) -> Plan:
        """What adding would change, to be looked at first."""
        changes = difference(found.items, self._known, self.zone)
        reasons = tuple(skip.why for skip in found.skipped)
        return Plan(NAME, "add", _summary(found), changes.effects, reasons, Risk.MILD)

    def add(self, found: Found) -> Added:
        """Take in what is new, as one action that can be undone."""
        is_typed = found.source.name == TYPED
        labels = (Label.PRIVATE, Label.MINE if is_typed else Label.UNTRUSTED)
        with self._app.record.action(NAME, "add", _summary(found), labels=labels) as action:
            changes = add(found, database=self._database, local=self.zone, action=action)
        return Added(found, changes, action)

    def brief(self, day: date | None) -> tuple[str, Brief]:
        """What today holds, or another day; the id of the action that looked comes first."""
        now = self._app.clock.now()
        if day not in (None, self.local(now).date()):
            now = instant(day, self.zone)
        summary = f"what {self.local(now):%Y-%m-%d} holds"
        with self._app.record.action(NAME, "brief", summary, labels=(Label.PRIVATE,)) as action:
            told = brief(
                now,
                database=self._known,
                zone=self.zone,
                hours=hours_of(self._settings),
                action=action,
            )
        return action.id, told

    def local(self, moment: datetime) -> datetime:
        """An instant on the wall clock of its owner."""
        return moment.astimezone(self.zone)

    def _line(self, line: str) -> Found:
        return from_line(line, self._app.clock.now(), self.zone)


def _summary(found: Found) -> str:
    # The record keeps what a group says sealed where the group is, so it may say what it is about.
    return f"add {found.items[0].title}" if found.source.name == TYPED else f"add {found.source}"


def _require_words(words: list[str], paths: list[Path]) -> None:
    """A mistyped file name must not become a note that nobody meant."""
    for word, path in zip(words, paths, strict=True):
        if path.is_dir():
            raise NotFound(f"{path} is a folder", hint=f"ai life add {word}/*{example_in(path)}")
        if path.exists():
            raise NotFound(f"{word} is a file among other words", hint="add files by themselves")
        if ("/" in word and path.suffix) or (len(words) == 1 and _FILE_NAME.fullmatch(word)):
            raise NotFound(f"there is no file {path}", hint="a note is typed as words: a b c")
        if reader_named(path):
            note = shlex.quote(" ".join(words))
            raise NotFound(
                f"there is no file {path}", hint=f"if it is a note: echo {note} | ai life add -"
            )


def _zone(app: "App", settings: LifeSettings) -> tzinfo:
    from quintet.engines.life.adapters.local_zone import local_zone

    return local_zone(settings.time_zone, app.env)
