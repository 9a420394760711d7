"""One thing that is known: an event, a task or a note, with where it comes from."""

import json
from dataclasses import dataclass, field
from datetime import UTC, timedelta, tzinfo
from enum import StrEnum
from pathlib import PurePath
from typing import Any

from quintet.engines.life.moments import Span, Wall, instant, is_day, parse_wall, zone_named
from quintet.platform.crypto import canonical_json, digest_hex

ID_LENGTH = 20


class ItemKind(StrEnum):
    """What kind of thing a row tells of."""

    EVENT = "event"
    TASK = "task"
    NOTE = "note"


class Status(StrEnum):
    """How it stands. `FREE` is an event that takes up no time, such as a birthday."""

    OPEN = "open"
    DONE = "done"
    CANCELLED = "cancelled"
    FREE = "free"


@dataclass(frozen=True, slots=True)
class Source:
    """Where it was read: which component of which file, with the file's digest then."""

    name: str
    index: int = 0
    digest: str = ""

    def __str__(self) -> str:
        name = PurePath(self.name).name
        return f"{name} #{self.index}" if self.index else name


@dataclass(frozen=True, slots=True)
class Rule:
    """How a series repeats, in the words of RFC 5545; exceptions are wall times or whole days."""

    rrules: tuple[str, ...]
    excluded: tuple[str, ...] = ()
    added: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> "Rule | None":
        if not text:
            return None
        fields = json.loads(text)
        return cls(**{name: tuple(values) for name, values in fields.items()})

    def __str__(self) -> str:
        fields = {"rrules": self.rrules, "excluded": self.excluded, "added": self.added}
        return canonical_json(fields).decode()


@dataclass(frozen=True, slots=True)
class Item:
    """A row of the store in the words of the engine."""

    id: str
    kind: ItemKind
    title: str
    source: Source
    starts: Wall | None = None
    ends: Wall | None = None
    zone: str = ""
    place: str = ""
    rule: Rule | None = None
    uid: str = ""
    occurrence: str = ""
    status: Status = Status.OPEN
    sequence: int = 0
    digest: str = field(default="")

    def clock_zone(self, local: tzinfo) -> tzinfo:
        """Its own zone; its owner's when it has none or one that is no longer known."""
        return (zone_named(self.zone) if self.zone else None) or local

    def span(self, local: tzinfo) -> Span | None:
        """The instants of the item itself, of a series those of its first occurrence."""
        return None if self.starts is None else self.span_from(self.starts, local)

    def span_from(self, starts: Wall, local: tzinfo) -> Span:
        """The instants of an occurrence that starts then."""
        # A day is a day wherever its owner is, whatever zone its file was written in.
        zone = local if is_day(starts) else self.clock_zone(local)
        start = instant(starts, zone)
        if is_day(starts):
            return Span(start, instant(starts + self.length(local), zone))
        return Span(start, start + self.length(local))

    def length(self, local: tzinfo) -> timedelta:
        """How long it takes: between instants for times, in whole days for days."""
        if self.starts is None:
            return timedelta()
        if self.ends is None:
            return timedelta(days=1) if is_day(self.starts) else timedelta()
        if is_day(self.starts):
            return max(timedelta(days=1), instant(self.ends, UTC) - instant(self.starts, UTC))
        zone = self.clock_zone(local)
        return max(timedelta(), instant(self.ends, zone) - instant(self.starts, zone))


def identity(*parts: str) -> str:
    """The same thing gets the same id each time that it is read."""
    return digest_hex("\0".join(parts).encode("utf-8", "surrogatepass"))[:ID_LENGTH]


def as_row(item: Item, local: tzinfo) -> dict[str, Any]:
    """The values of the item's row."""
    span = item.span(local)
    return {
        "id": item.id,
        "kind": item.kind.value,
        "title": item.title,
        "place": item.place,
        "starts": item.starts.isoformat() if item.starts else "",
        "ends": item.ends.isoformat() if item.ends else "",
        "zone": item.zone,
        "starts_at": span.start if span else None,
        "ends_at": span.end if span else None,
        "rule": str(item.rule) if item.rule else "",
        "uid": item.uid,
        "occurrence": item.occurrence,
        "status": item.status.value,
        "sequence": item.sequence,
        "source": item.source.name,
        "source_index": item.source.index,
        "source_digest": item.source.digest,
        "digest": item.digest,
    }


def from_row(row: dict[str, Any]) -> Item:
    return Item(
        id=row["id"],
        kind=ItemKind(row["kind"]),
        title=row["title"],
        source=Source(row["source"], row["source_index"], row["source_digest"]),
        starts=parse_wall(row["starts"]) if row["starts"] else None,
        ends=parse_wall(row["ends"]) if row["ends"] else None,
        zone=row["zone"],
        place=row["place"],
        rule=Rule.parse(row["rule"]),
        uid=row["uid"],
        occurrence=row["occurrence"],
        status=Status(row["status"]),
        sequence=row["sequence"],
        digest=row["digest"],
    )
