"""Taking actions back, under the same rule as acting: written down first, then done.

Undoing is an action of its own, so it can be undone too, and a kill in the middle leaves an open
action that the next `undo` of the same event takes up where it stopped.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from quintet.errors import Kind, NotFound, QuintetError
from quintet.platform.record.effects.move import MoveHandler, paths_of
from quintet.platform.record.effects.port import Keeping
from quintet.platform.record.event import Effect, Event, Outcome
from quintet.platform.record.reading import Query
from quintet.platform.record.record import Record, require_not_undone
from quintet.platform.record.running import StillRunning
from quintet.platform.record.undo_plan import Standing, Step, UndoPlan, UndoPlanner


class UndoConflict(QuintetError):
    """The world has moved on; nothing was undone."""

    code = "undo.conflict"


class UndoSealed(QuintetError):
    """What a sealed action changed can only be read with its key."""

    kind = Kind.NEEDS_APPROVAL
    code = "undo.sealed"


class PlanOutdated(QuintetError):
    """Something changed between looking at the plan and applying it."""

    code = "undo.plan_outdated"


@dataclass(frozen=True, slots=True)
class Undone:
    """One event, the action that took it back, and what was left as it is.

    Undoing an undo is a `redo`, and in the end about `root`, the action that began it all.
    """

    event: Event
    by: str
    verb: str
    root: Event
    left: tuple[Step, ...]


class Undo:
    """Plans and performs undoing on a record."""

    def __init__(self, record: Record) -> None:
        self._record = record

    def latest(self) -> Event:
        """The last action that can be taken back and was not; undoing is not undone by itself."""
        for event in self._record.walk(Query(limit=None)):
            if self._may_be_chosen(event):
                return event
        raise NotFound("there is nothing to undo", hint="ai log lists what was done")

    def since(self, moment: datetime) -> list[Event]:
        """Everything from then on that can be taken back."""
        found = self._record.walk(Query(since=moment, limit=None))
        return [event for event in found if self._may_be_chosen(event)]

    def _may_be_chosen(self, event: Event) -> bool:
        is_over = event.outcome is Outcome.UNDONE or event.expired
        return bool(event.effects) and not event.undoes and not is_over

    def plan(self, events: Iterable[Event], *, cascade: bool = False) -> UndoPlan:
        """What would happen. With `cascade`, later actions that stand in the way go too."""
        wanted = list(events)
        oldest = min((event.seq for event in wanted), default=1)
        standing = self._record.history(after=oldest - 1).standing()
        planner = UndoPlanner(self._record.effects, standing)
        if cascade:
            wanted = planner.cascade(wanted, standing)
        for event in wanted:
            self._refuse(event)
        return planner.plan(wanted)

    def apply(self, plan: UndoPlan, *, skip_conflicts: bool = False) -> list[Undone]:
        """Do exactly what the plan says, or raise before anything is done."""
        fresh = self.plan(self._record.events_by_id(event.id for event in plan.events))
        if fresh.id != plan.id:
            raise PlanOutdated(
                "this is no longer what undoing would do",
                why="files, rows or the record changed after the plan was made",
                hint="look at the new plan: ai undo --dry-run",
            )
        if fresh.conflicts and not skip_conflicts:
            raise _conflict(fresh)
        return [self._undo(event, fresh.steps_of(event)) for event in fresh.events]

    def _undo(self, event: Event, steps: list[Step]) -> Undone:
        left = tuple(step for step in steps if step.is_conflict)
        with self._record.undoing(event) as action:
            for step in left:
                action.because(f"left as it is: {step.effect.target}: {step.why}")
            for step in steps:
                if step.standing is Standing.REVERTED:
                    self._clear(event, step.effect)
            action.take_back([s.effect for s in steps if s.standing is Standing.STANDS])
            if not left:
                action.mark_undone(event)
        verb, root = self._record.undoing_of(event)
        return Undone(event, action.id, verb, root, left)

    def _clear(self, event: Event, effect: Effect) -> None:
        handler = self._record.effects.handler(effect.kind, event.group)
        if isinstance(handler, Keeping):
            handler.clear(effect)

    def _refuse(self, event: Event) -> None:
        short = event.id[:6]
        if self._record.running.is_running(event.id):
            raise StillRunning(f"action {short} is still at work", hint="wait for it to end")
        if event.sealed:
            raise UndoSealed(
                f"action {short} is sealed",
                why=f"the data of '{event.group}' is locked",
                hint="ai key unlock",
            )
        require_not_undone(event)


def _conflict(plan: UndoPlan) -> UndoConflict:
    lines = [_conflict_line(step) for step in plan.conflicts]
    shown = "; ".join(lines[:3]) + (f"; and {len(lines) - 3} more" if len(lines) > 3 else "")
    ids = " ".join(event.id[:6] for event in plan.events)
    blocked = any(step.blockers for step in plan.conflicts)
    return UndoConflict(
        "nothing was undone",
        why=shown,
        hint=f"ai undo {ids} --cascade" if blocked else f"ai undo {ids} --skip-conflicts",
        details={"conflicts": lines},
    )


def _conflict_line(step: Step) -> str:
    target = step.effect.target
    if step.effect.kind == MoveHandler.kind:
        target = " -> ".join(paths_of(target))
    target = target.encode("utf-8", "replace").decode()
    first = f" (undo {step.blockers[0][:6]} first)" if step.blockers else ""
    return f"{target}: {step.why}{first}"
