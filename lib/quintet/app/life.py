"""The life engine put together with the user's keys, store, zone and files."""

import sys
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import TYPE_CHECKING

from quintet.engines.life.add import TYPED, add, from_line
from quintet.engines.life.agenda import Brief
from quintet.engines.life.brief import brief, hours_of
from quintet.engines.life.found import Found
from quintet.engines.life.item_store import NAME, Difference, difference
from quintet.engines.life.moments import instant
from quintet.engines.life.settings import LifeSettings
from quintet.platform.files import read_bytes
from quintet.platform.policy.label import Label
from quintet.platform.policy.plan import Plan, Risk

if TYPE_CHECKING:
    from quintet.app.home import App
    from quintet.platform.record.action import Action
    from quintet.platform.store.database import Database

_FILE_LIMIT_BYTES = 64 << 20
_CALENDAR_MARK = b"BEGIN:VCALENDAR"


@dataclass(frozen=True, slots=True)
class Added:
    """What was found in a source and what of it was new; `action` took it in."""

    found: Found
    changes: Difference
    action: "Action"


class Life:
    """The engine in one home. Its store is encrypted from the first row on.

    `notices` are what the owner should know about the keys that were made for that.
    """

    def __init__(self, app: "App") -> None:
        self._app = app
        self._settings = app.config.section("life", LifeSettings)
        self.zone = _zone(app, self._settings)
        self.notices = app.keys.ensure(NAME)

    @property
    def _database(self) -> "Database":
        return self._app.database(NAME)

    def find(self, words: list[str]) -> list[Found]:
        """Calendar files where all words name some, standard input for `-`, else one typed line."""
        if words == ["-"]:
            data = sys.stdin.buffer.read(_FILE_LIMIT_BYTES)
            if _CALENDAR_MARK in data.upper():
                return [self._calendar(data, "standard input")]
            return [self._line(data.decode("utf-8", "replace"))]
        paths = [self._app.cwd / word for word in words]
        if all(path.suffix.lower() == ".ics" or path.is_file() for path in paths):
            return [self._calendar(read_bytes(p, _FILE_LIMIT_BYTES), str(p)) for p in paths]
        return [self._line(" ".join(words))]

    def plan(self, found: Found) -> Plan:
        """What adding would change, to be looked at first."""
        changes = difference(found.items, self._database, self.zone)
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
        now = self._app.clock.now() if day is None else instant(day, self.zone)
        summary = f"what {self.local(now):%Y-%m-%d} holds"
        with self._app.record.action(NAME, "brief", summary, labels=(Label.PRIVATE,)) as action:
            told = brief(
                now,
                database=self._database,
                zone=self.zone,
                hours=hours_of(self._settings),
                action=action,
            )
        return action.id, told

    def local(self, moment: datetime) -> datetime:
        """An instant on the wall clock of its owner."""
        return moment.astimezone(self.zone)

    def _calendar(self, data: bytes, name: str) -> Found:
        from quintet.engines.life.adapters.ics import read_calendar

        return read_calendar(data, name, self.zone)

    def _line(self, line: str) -> Found:
        return from_line(line, self._app.clock.now(), self.zone)


def _summary(found: Found) -> str:
    return "add a line" if found.source.name == TYPED else f"add {found.source}"


def _zone(app: "App", settings: LifeSettings) -> tzinfo:
    from quintet.engines.life.adapters.local_zone import local_zone

    return local_zone(settings.time_zone, app.env)
