"""What undoing would do, judged before any of it is done.

Effects are walked backwards over a supposed world, so that several changes of one file are judged
as the chain that they are. Nothing here changes anything.
"""

import contextlib
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
from quintet.platform.record.effects.port import Compound, Keeping
from quintet.platform.record.event import Effect, Event, Reversal
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

    @property
    def risk(self) -> Risk:
        """Taking one action back can be taken back; several, or a compensation, want a word."""
        reversals = {step.effect.reversal for step in self.steps}
        is_mild = len(self.events) == 1 and reversals <= {Reversal.REVERSIBLE}
        return Risk.MILD if is_mild else Risk.MODERATE

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
            risk=self.risk,
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
                taken, foresight = self._steps(event, foresight, chosen)
                steps += taken
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

    def _steps(
        self, event: Event, foresight: Foresight, chosen: set[str]
    ) -> tuple[list[Step], Foresight]:
        """The steps of one event, and the world after them."""
        everything = len(event.effects)
        supposed = foresight.fork()
        steps = self._backwards(event, everything, supposed, chosen)
        conflicts = [step for step in steps if step.is_conflict]
        if conflicts and not any(step.blockers for step in steps):
            # Judged one by one, a chain of moves that was taken back halfway looks changed. So it
            # is tried whether somebody came exactly so far: most places are ruled out at a glance.
            for count in range(everything - 1, -1, -1):
                if self._is_reverted_down_to(event, count, foresight):
                    trial = foresight.fork()
                    fewer = self._backwards(event, count, trial, chosen)
                    if not any(step.is_conflict for step in fewer):
                        done = reversed(event.effects[count:])
                        reverted = [Step(event, effect, Standing.REVERTED) for effect in done]
                        return [*reverted, *fewer], trial
        return steps, supposed

    def _is_reverted_down_to(self, event: Event, count: int, foresight: Foresight) -> bool:
        """Whether the world is one in which the effects from `count` on could just begin."""
        if not self._could_begin(event, event.effects[count], foresight):
            return False
        world = foresight.fork()
        for effect in event.effects[count:]:
            if not self._could_begin(event, effect, world):
                return False
            world.suppose(effect)
        return True

    def _could_begin(self, event: Event, effect: Effect, foresight: Foresight) -> bool:
        parts = self._effects.parts(effect, event.group)
        # What cannot be looked at was told as a conflict before.
        with contextlib.suppress(QuintetError):
            return all(foresight.state(part) == part.before for part in parts)
        return False

    def _backwards(
        self, event: Event, count: int, foresight: Foresight, chosen: set[str]
    ) -> list[Step]:
        """Back through the first effects; the world is supposed to follow."""
        steps: list[Step] = []
        for number, effect in reversed(list(enumerate(event.effects[:count]))):
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
        if now == [part.before for part in parts]:
            return Standing.REVERTED, ""
        if now == [part.after for part in parts]:
            return Standing.STANDS, ""
        handler = self._effects.handler(effect.kind, event.group)
        if isinstance(handler, Compound) and handler.is_halfway(effect, now):
            return Standing.STANDS, ""
        earlier = event.effects[:number]
        same = [e for e in earlier if (e.kind, e.target) == (effect.kind, effect.target)]
        if len(parts) == 1 and any(e.before == now[0] for e in same):
            return Standing.REVERTED, ""
        return Standing.CHANGED, "it was changed since"

    def _hindrance(self, event: Event, effect: Effect) -> str:
        handler = self._effects.handler(effect.kind, event.group)
        return handler.hindrance(effect) if isinstance(handler, Keeping) else ""
