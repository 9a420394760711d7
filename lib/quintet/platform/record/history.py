"""Lines put together again: the actions that they tell of, and which of them still stand."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from quintet.platform.record.event import Cost, Effect, Event, Evidence, Outcome, Reversal
from quintet.platform.record.lines import BadLine, Line, LineCodec, LineKind
from quintet.platform.store.journal import Entry


@dataclass(slots=True)
class _Draft:
    """An action while its lines are still being read."""

    line: Line
    seq: int
    outcome: Outcome = Outcome.OPEN
    reasons: list[str] = field(default_factory=list[str])
    evidence: list[Evidence] = field(default_factory=list[Evidence])
    effects: list[Effect] = field(default_factory=list[Effect])
    applied: set[int] = field(default_factory=set[int])
    policy: str = ""
    cost: Cost = field(default_factory=Cost)
    error: str = ""
    ended_at: str = ""
    undone_by: str = ""
    expired: bool = False
    sealed: bool = False
    settled: bool = False


class History:
    """Actions by id, in the order in which they began."""

    def __init__(self, codec: LineCodec) -> None:
        self._codec = codec
        self._drafts: dict[str, _Draft] = {}
        self.unreadable: list[int] = []

    def read(self, entries: Iterable[Entry]) -> "History":
        for entry in entries:
            if entry.payload is None:
                continue
            try:
                self.add(entry.seq, self._codec.decode(entry.payload))
            except BadLine:
                self.unreadable.append(entry.seq)
        return self

    def add(self, seq: int, line: Line) -> None:
        draft = self._drafts.get(line.id)
        if draft is None:
            # A line without its beginning is what redaction or reading from the middle leaves.
            draft = self._drafts[line.id] = _Draft(line=line, seq=seq)
        try:
            _fold(draft, line)
        except (KeyError, TypeError, ValueError) as error:
            raise BadLine("a line of the record cannot be read", why=str(error)) from error

    def events(self) -> list[Event]:
        return [self._event(draft) for draft in self._drafts.values()]

    def settle(self, id: str, *, undone_by: str, expired: bool) -> None:
        """What is known of an action from beyond the lines that were read here."""
        if draft := self._drafts.get(id):
            draft.undone_by, draft.expired, draft.settled = undone_by, expired, True

    def find(self, id: str) -> Event | None:
        draft = self._drafts.get(id)
        return self._event(draft) if draft else None

    def is_undone(self, id: str) -> bool:
        """Undone, and the undoing itself was not undone since."""
        seen: set[str] = set()
        undone = False
        while (draft := self._drafts.get(id)) and draft.undone_by and id not in seen:
            seen.add(id)
            undone = not undone
            if draft.settled:
                break
            id = draft.undone_by
        return undone

    def standing(self) -> list[Event]:
        """Actions whose effects are in the world: an undone one and its undoing are both gone.

        One that began before the reading did is left out.
        """
        return [
            event
            for event in self.events()
            if self._drafts[event.id].line.kind is LineKind.BEGUN
            and event.outcome is not Outcome.UNDONE
            and not (event.undoes and self.is_undone(event.undoes))
        ]

    def _event(self, draft: _Draft) -> Event:
        begun = draft.line
        body = begun.body or {}
        undone = self.is_undone(begun.id)
        return Event(
            id=begun.id,
            seq=draft.seq,
            at=begun.at,
            group=begun.group,
            verb=body.get("verb", ""),
            summary=body.get("summary", ""),
            actor=body.get("actor", ""),
            run=body.get("run", ""),
            folder=body.get("folder", ""),
            cause=begun.links.get("cause", ""),
            undoes=begun.links.get("undoes", ""),
            outcome=Outcome.UNDONE if undone else draft.outcome,
            reasons=tuple(draft.reasons),
            evidence=tuple(draft.evidence),
            effects=tuple(draft.effects),
            policy=draft.policy,
            labels=tuple(body.get("labels", ())),
            cost=draft.cost,
            error=draft.error,
            ended_at=draft.ended_at,
            undone_by=draft.undone_by if undone else "",
            expired=draft.expired,
            uncertain=tuple(sorted(set(range(len(draft.effects))) - draft.applied)),
            sealed=draft.sealed,
            words=tuple(body.get("words", ())),
        )


def _fold(draft: _Draft, line: Line) -> None:
    if line.kind is LineKind.UNDONE:
        draft.undone_by = line.links["by"]
    elif line.kind is LineKind.EXPIRED:
        draft.expired = True
    elif line.kind in (LineKind.DONE, LineKind.FAILED):
        draft.outcome = Outcome(line.kind.value)
        draft.ended_at = line.at
    if line.body is None:
        draft.sealed = True
    else:
        _fold_body(draft, line.kind, line.body)


def _fold_body(draft: _Draft, kind: LineKind, body: Mapping[str, Any]) -> None:
    match kind:
        case LineKind.REASON:
            draft.reasons.append(body["reason"])
            draft.evidence.extend(Evidence(**found) for found in body["evidence"])
        case LineKind.DECIDED:
            draft.policy = body["policy"]
        case LineKind.SPENT:
            draft.cost = _sum(draft.cost, Cost(**body["cost"]))
        case LineKind.INTENT:
            draft.effects.append(effect_from(body["effect"]))
        case LineKind.APPLIED:
            draft.applied.update(body["effects"])
        case LineKind.FAILED:
            draft.error = body["error"]
        case _:
            pass


def _sum(one: Cost, other: Cost) -> Cost:
    return Cost(
        one.money_micros + other.money_micros,
        one.tokens + other.tokens,
        one.duration_s + other.duration_s,
    )


def effect_from(parts: Mapping[str, Any]) -> Effect:
    return Effect(
        kind=parts["kind"],
        target=parts["target"],
        before=parts["before"],
        after=parts["after"],
        reversal=Reversal(parts["reversal"]),
        note=parts["note"],
    )
