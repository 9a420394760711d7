"""Says what today and tomorrow hold, each line with the row and the source that it rests on."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING

from quintet.engines.life.agenda import Brief, Hours, brief_of, wanted_window
from quintet.engines.life.item import Item
from quintet.engines.life.item_store import NAME, Stored, wanted_items
from quintet.engines.life.settings import LifeSettings
from quintet.errors import UsageError
from quintet.platform.record.effects.row import Database, RowTarget
from quintet.platform.record.event import Evidence

if TYPE_CHECKING:
    from quintet.platform.record.record import Action


def brief(
    now: datetime, *, database: Database, zone: tzinfo, hours: Hours, action: "Action"
) -> Brief:
    """The brief for the day of `now`; it reads and changes nothing."""
    stored = wanted_items(database, wanted_window(now, zone), now)
    told = brief_of(stored.items, now, zone, hours)
    for day in (told.today, told.tomorrow):
        action.because(
            f"{day.date.isoformat()}: {_count(day.entries, 'entry', 'entries')}, "
            f"{_count(day.conflicts, 'conflict', 'conflicts')}",
            *(_evidence(entry.item, stored) for entry in day.entries),
        )
    if told.overdue:
        action.because(
            f"{len(told.overdue)} overdue", *(_evidence(item, stored) for item in told.overdue)
        )
    return told


def _count(things: Sequence[object], one: str, many: str) -> str:
    return f"{len(things)} {one if len(things) == 1 else many}"


def hours_of(settings: LifeSettings) -> Hours:
    """The hours of the settings; each is a time of day, but their order is a person's."""
    start = time.fromisoformat(settings.day_starts)
    end = time.fromisoformat(settings.day_ends)
    if end <= start:
        raise UsageError(
            "the day ends before it starts",
            why=f"life.day_starts is {settings.day_starts}, life.day_ends {settings.day_ends}",
            hint="ai config set life.day_ends 20:00",
        )
    return Hours(start, end, timedelta(minutes=settings.shortest_free_min))


def _evidence(item: Item, stored: Stored) -> Evidence:
    row = str(RowTarget(NAME, "items", {"id": item.id}))
    return Evidence("row", row, str(item.source), stored.digests[item.id], item.title)
