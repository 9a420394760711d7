"""What undoing would do, judged before any of it is done.

Effects are walked backwards over a supposed world, so that several changes of one file are judged
as the chain that they are. Nothing here changes anything.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum

from quintet.errors import QuintetError
from quintet.platform.crypto import canonical_json, digest_hex
from quintet.platform.policy.plan import Plan, Risk
from quintet.platform.record.effects.changes import removed_folder
from quintet.platform.record.effects.file import FileHandler
from quintet.platform.record.effects.foresight import Foresight
from quintet.platform.record.effects.known import Effects
from quintet.platform.record.effects.place import folder_of
from quintet.platform.record.effects.port import Keeping
from quintet.platform.record.event import Effect, Event, Outcome, Reversal
from quintet.platform.record.touched import Touched


class Standing(StrEnum):
    """How an effect stands, seen from today."""

    STANDS = "stands"
    REVERTED = "reverted"
    CHANGED = "changed"
    FINAL = "final"


@dataclass(frozen=True, slots=True)
class Step:
    """One effect to take back. `blockers` are later actions that have to be undone first."""

    event: Event
    effect: Effect
    standing: Standing
    why: str = ""
    blockers: tuple[str, ...] = ()

    @property
    def is_conflict(self) -> bool:
        return self.standing in (Standing.CHANGED, Standing.FINAL)


@dataclass(frozen=True, slots=True)
class UndoPlan:
    """Steps in the order in which they will be taken, the newest action first."""

    events: tuple[Event, ...]
    steps: tuple[Step, ...]

    @property
    def conflicts(self) -> tuple[Step, ...]:
        return tuple(step for step in self.steps if step.is_conflict)

    @property
    def id(self) -> str:
        told = [[s.event.id, asdict(s.effect), s.standing, list(s.blockers)] for s in self.steps]
        return digest_hex(canonical_json(told))[:14]

    def steps_of(self, event: Event) -> list[Step]:
        return [step for step in self.steps if step.event.id == event.id]

    def as_plan(self) -> Plan:
        """The literal effects, for whoever has to approve them."""
        groups = {event.group for event in self.events}
        taken_back = [s.effect.inverse() for s in self.steps if s.standing is Standing.STANDS]
        return Plan(
            group=groups.pop() if len(groups) == 1 else "record",
            verb="undo",
            summary="; ".join(f"undo {event.id[:6]} {event.summary}" for event in self.events),
            effects=tuple(taken_back),
            reasons=tuple(step.why for step in self.steps if step.why),
            risk=Risk.MODERATE,
        )


class UndoPlanner:
    """Judges events of one moment; `standing` are the actions whose effects are in the world."""

    def __init__(self, effects: Effects, standing: Sequence[Event]) -> None:
        self._effects = effects
        self._touched = Touched(effects, standing)

    def plan(self, events: Iterable[Event]) -> UndoPlan:
        """Newest first, whatever the order in which they were named."""
        ordered = tuple(sorted(events, key=lambda event: event.seq, reverse=True))
        chosen = {event.id for event in ordered}
        steps: list[Step] = []
        if ordered:
            foresight = Foresight(self._effects, ordered[0].group)
            foresight.look(
                part
                for event in ordered
                for effect in event.effects
                for part in self._effects.parts(effect, event.group)
            )
            for event in ordered:
                steps += self._steps(event, foresight, chosen)
        return UndoPlan(ordered, tuple(steps))

    def cascade(self, events: Iterable[Event], known: Sequence[Event]) -> list[Event]:
        """These, and every later action that stands in their way."""
        by_id = {event.id: event for event in known}
        wanted = {event.id: event for event in events}
        waiting = list(wanted.values())
        while waiting:
            event = waiting.pop()
            for effect in event.effects:
                for id in self._touched.later(event, effect, except_for=set(wanted)):
                    wanted[id] = by_id[id]
                    waiting.append(by_id[id])
        return list(wanted.values())

    def _steps(self, event: Event, foresight: Foresight, chosen: set[str]) -> list[Step]:
        """Backwards through the effects; the world is supposed to follow."""
        numbered = list(enumerate(event.effects))
        steps: list[Step] = []
        for number, effect in reversed(numbered):
            blockers = self._touched.later(event, effect, except_for=chosen)
            step = self._judge(event, number, foresight)
            if blockers and not step.is_conflict:
                step = replace(step, standing=Standing.CHANGED, why="a later action builds on it")
            steps.append(replace(step, blockers=tuple(blockers)))
            if steps[-1].standing is Standing.STANDS:
                steps[-1:-1] = self._folders(event, effect, foresight)
                foresight.suppose(effect.inverse())
        return steps

    def _folders(self, event: Event, effect: Effect, foresight: Foresight) -> list[Step]:
        """Folders that somebody removed since, and that what comes back needs."""
        missing: list[Effect] = []
        for part in self._effects.parts(effect, event.group):
            if part.kind != FileHandler.kind or part.before is None:
                continue
            gone = removed_folder(folder_of(part.target))
            while foresight.state(gone) is None:
                missing.append(gone)
                gone = removed_folder(folder_of(gone.target))
        for folder in reversed(missing):
            foresight.suppose(folder.inverse())
        why = "its folder is gone and is made again"
        return [Step(event, folder, Standing.STANDS, why) for folder in reversed(missing)]

    def _judge(self, event: Event, number: int, foresight: Foresight) -> Step:
        effect = event.effects[number]
        uncertain = number in event.uncertain
        if event.expired:
            return Step(event, effect, Standing.FINAL, "its time of undoing is over")
        if effect.reversal is Reversal.IRREVERSIBLE and not uncertain:
            return Step(event, effect, Standing.FINAL, effect.note or "it cannot be taken back")
        try:
            standing, why = self._compared(event, number, foresight)
        except QuintetError as error:
            return Step(event, effect, Standing.CHANGED, str(error))
        if standing is Standing.STANDS and effect.reversal is Reversal.IRREVERSIBLE:
            return Step(event, effect, Standing.FINAL, effect.note or "it cannot be taken back")
        if standing is Standing.STANDS and (hindrance := self._hindrance(event, effect)):
            return Step(event, effect, Standing.FINAL, hindrance)
        return Step(event, effect, standing, why)

    def _compared(self, event: Event, number: int, foresight: Foresight) -> tuple[Standing, str]:
        effect = event.effects[number]
        parts = self._effects.parts(effect, event.group)
        now = [foresight.state(part) for part in parts]
        if all(state == part.before for state, part in zip(now, parts, strict=True)):
            return Standing.REVERTED, ""
        # A part in each state is what a crash in the middle of one effect leaves.
        if all(state in (part.before, part.after) for state, part in zip(now, parts, strict=True)):
            return Standing.STANDS, ""
        earlier = event.effects[:number]
        same = [e for e in earlier if (e.kind, e.target) == (effect.kind, effect.target)]
        if len(parts) == 1 and any(e.before == now[0] for e in same):
            return Standing.REVERTED, ""
        return Standing.CHANGED, "it was changed since"

    def _hindrance(self, event: Event, effect: Effect) -> str:
        handler = self._effects.handler(effect.kind, event.group)
        return handler.hindrance(effect) if isinstance(handler, Keeping) else ""


def is_undoable(event: Event) -> bool:
    """Whether `ai undo` without a name may choose it."""
    return bool(event.effects) and not event.undoes and event.outcome is not Outcome.UNDONE
