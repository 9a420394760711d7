"""Takes a calendar file or a typed line in: what is new or changed, and nothing twice."""

from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from quintet.engines.life.found import Found
from quintet.engines.life.item import Item, Source, identity
from quintet.engines.life.item_store import Difference, difference
from quintet.engines.life.typed import NoteUnclear, understand
from quintet.errors import UsageError
from quintet.platform.crypto import digest_hex
from quintet.platform.record.effects.row import Database
from quintet.platform.record.event import Evidence

if TYPE_CHECKING:
    from quintet.platform.record.record import Action

TYPED = "typed"
_SKIPS_RECORDED = 50
_LINE_LIMIT = 2000


def from_line(line: str, now: datetime, local: tzinfo) -> Found:
    """The item that a typed line stands for; `now` is an instant."""
    text = " ".join(line.split())
    if not text or len(text) > _LINE_LIMIT:
        raise UsageError(
            f"a note has 1 to {_LINE_LIMIT:,} characters", hint='ai life add "dentist friday 15:00"'
        )
    try:
        understood = understand(text, now.astimezone(local).replace(tzinfo=None))
    except NoteUnclear as error:
        raise UsageError(str(error), hint='ai life add "dentist 2026-12-01 15:00"') from error
    starts, ends = understood.starts, understood.ends
    said = (understood.kind.value, understood.title, str(starts or ""), str(ends or ""))
    item = Item(
        id=identity(TYPED, *said),
        kind=understood.kind,
        title=understood.title,
        source=Source(TYPED, digest=digest_hex(text.encode("utf-8", "surrogatepass"))),
        starts=starts,
        ends=ends,
        zone=str(local) if isinstance(starts, datetime) else "",
        digest=identity(*said),
    )
    return Found(item.source, (item,), choices=understood.choices)


def add(found: Found, *, database: Database, local: tzinfo, action: "Action") -> Difference:
    """Put what is new into the store, as effects that can be taken back."""
    changes = difference(found.items, database, local)
    source = found.source
    action.because(
        f"{len(changes.new)} new, {len(changes.changed)} changed, "
        f"{changes.unchanged_count} known already",
        Evidence("value" if source.name == TYPED else "file", source.name, digest=source.digest),
    )
    for choice in found.choices:
        action.because(choice)
    for skip in found.skipped[:_SKIPS_RECORDED]:
        evidence = Evidence("file", source.name, f"#{skip.index}", source.digest, skip.title)
        action.because(skip.why, evidence)
    action.apply_all(changes.effects)
    return changes
