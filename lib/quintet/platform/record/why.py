"""Why something happened: its causes to the root, its evidence looked at again, what came of it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from quintet.errors import QuintetError
from quintet.platform.crypto import canonical_json, digest_hex
from quintet.platform.files import digest_of
from quintet.platform.record.effects.known import Effects
from quintet.platform.record.event import Event, Evidence
from quintet.platform.record.record import Record
from quintet.platform.record.touched import Touched

_IN_FILES = ("file", "line", "span", "frame")


class Now(StrEnum):
    """What evidence says today, beside what it said then."""

    SAME = "same"
    CHANGED = "changed"
    GONE = "gone"
    UNCHECKED = "unchecked"


@dataclass(frozen=True, slots=True)
class Checked:
    """A piece of evidence and how it stands now."""

    evidence: Evidence
    now: Now


@dataclass(frozen=True, slots=True)
class Consequence:
    """A later action and how it came of this one."""

    event: Event
    how: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything about one action; `causes` run from the nearest to the first.

    `missing_cause` is the id at which the chain ends because the record does not have it.
    """

    event: Event
    causes: tuple[Event, ...]
    missing_cause: str
    evidence: tuple[Checked, ...]
    consequences: tuple[Consequence, ...]


def explain(record: Record, event: Event) -> Explanation:
    causes, missing = _causes(record, event)
    return Explanation(
        event=event,
        causes=tuple(causes),
        missing_cause=missing,
        evidence=tuple(Checked(one, check(record.effects, event, one)) for one in event.evidence),
        consequences=tuple(_consequences(record, event)),
    )


def check(effects: Effects, event: Event, evidence: Evidence) -> Now:
    """Look at the evidence again. Its digest is of the whole file, or of the row, that it is in."""
    if not evidence.digest:
        return Now.UNCHECKED
    if evidence.kind in _IN_FILES:
        path = Path(event.folder, evidence.ref)
        return _compared(evidence, lambda: digest_of(path) if path.is_file() else None)
    if evidence.kind == "row":
        return _compared(evidence, lambda: _row_digest(effects, event, evidence))
    return Now.UNCHECKED


def row_digest(state: object) -> str:
    """What evidence of the kind `row` puts into its digest."""
    return digest_hex(canonical_json(state))


def _compared(evidence: Evidence, look: Callable[[], str | None]) -> Now:
    try:
        found = look()
    except (QuintetError, OSError):
        return Now.UNCHECKED
    if found is None:
        return Now.GONE
    return Now.SAME if found == evidence.digest else Now.CHANGED


def _row_digest(effects: Effects, event: Event, evidence: Evidence) -> str | None:
    state = effects.handler("row", event.group).state(evidence.ref)
    return None if state is None else row_digest(state)


def _causes(record: Record, event: Event) -> tuple[list[Event], str]:
    chain: list[Event] = []
    seen = {event.id}
    wanted = event.cause or event.undoes
    while wanted and wanted not in seen:
        seen.add(wanted)
        found = record.events_by_id([wanted])
        if not found:
            return chain, wanted
        chain += found
        wanted = found[0].cause or found[0].undoes
    return chain, ""


def _consequences(record: Record, event: Event) -> list[Consequence]:
    later = [e for e in record.history(after=event.seq).events() if e.verb or e.sealed]
    touched = Touched(record.effects, [e for e in later if not e.undoes])
    builders = {
        id for effect in event.effects for id in touched.later(event, effect, except_for=set())
    }
    targets = {effect.target for effect in event.effects}
    found: list[Consequence] = []
    for other in later:
        if how := _how(event, other, targets, builders):
            found.append(Consequence(other, how))
    return found


def _how(event: Event, other: Event, targets: set[str], builders: set[str]) -> str:
    if other.undoes == event.id:
        return "undid it"
    if other.cause == event.id:
        return "was caused by it"
    refs = {one.ref for one in other.evidence}
    if event.id in refs:
        return "relied on it"
    paths = {str(Path(other.folder, ref)) for ref in refs} | refs
    if paths & targets:
        return "relied on what it changed"
    return "changed the same things later" if other.id in builders else ""
