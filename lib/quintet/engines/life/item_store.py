"""Items in and out of the store: what is new or changed as effects, what a brief needs as items."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from quintet.engines.life.item import Item, as_row, from_row
from quintet.engines.life.moments import Span
from quintet.platform.record.effects.row import Database, RowHandler, RowTarget
from quintet.platform.record.effects.values import to_json
from quintet.platform.record.event import Effect
from quintet.platform.record.why import row_digest

NAME = "life"
_PER_QUERY = 1000
_WANTED = """
SELECT * FROM items
WHERE rule <> '' OR occurrence <> ''
   OR (starts_at < ? AND ends_at >= ?)
   OR (kind = 'task' AND status = 'open' AND ends_at < ?)
ORDER BY id
"""


@dataclass(frozen=True, slots=True)
class Difference:
    """What taking items in would change; those that the store has in a later version stay."""

    new: tuple[Item, ...]
    changed: tuple[Item, ...]
    unchanged_count: int
    effects: tuple[Effect, ...]


def difference(items: Iterable[Item], database: Database, local: tzinfo) -> Difference:
    """Compare items with the store. Of several versions of one thing the latest counts."""
    latest: dict[str, Item] = {}
    for item in items:
        if item.id not in latest or latest[item.id].sequence <= item.sequence:
            latest[item.id] = item
    stored = _stored(list(latest), database)
    new = [item for item in latest.values() if item.id not in stored]
    changed = [
        item
        for item in latest.values()
        if (row := stored.get(item.id)) is not None
        and item.digest != row["digest"]
        and item.sequence >= row["sequence"]
    ]
    effects = tuple(_effect(item, stored.get(item.id), local) for item in [*new, *changed])
    unchanged_count = len(latest) - len(new) - len(changed)
    return Difference(tuple(new), tuple(changed), unchanged_count, effects)


@dataclass(frozen=True, slots=True)
class Stored:
    """Items as the store has them, with the digest of each row for whoever cites it."""

    items: tuple[Item, ...]
    digests: Mapping[str, str]


def wanted_items(database: Database, window: Span, now: datetime) -> Stored:
    """Everything that could matter between two instants, and tasks that were due before now.

    Series come whole, and so do rows that replace an occurrence: one that was moved far away still
    has to keep the old time free.
    """
    with database.read() as connection:
        rows = connection.rows(_WANTED, [window.end, window.start, now])
    digests = {row["id"]: row_digest(_told(row)) for row in rows}
    return Stored(tuple(from_row(row) for row in rows), digests)


def _stored(ids: Sequence[str], database: Database) -> Mapping[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    with database.read() as connection:
        for start in range(0, len(ids), _PER_QUERY):
            some = list(ids[start : start + _PER_QUERY])
            marks = ", ".join("?" for _ in some)
            sql = f"SELECT * FROM items WHERE id IN ({marks})"
            found |= {row["id"]: row for row in connection.rows(sql, some)}
    return found


def _effect(item: Item, stored: dict[str, Any] | None, local: tzinfo) -> Effect:
    target = str(RowTarget(NAME, "items", {"id": item.id}))
    before = None if stored is None else _told(stored)
    return Effect(RowHandler.kind, target, before, _told(as_row(item, local)), note=item.title)


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: to_json(value) for name, value in row.items()}
