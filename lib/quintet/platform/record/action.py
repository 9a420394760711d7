"""An action while it happens: each effect is in the journal before it is in the world."""

import contextlib
from collections.abc import Callable, Generator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from quintet.errors import QuintetError
from quintet.platform.crypto import canonical_json, digest_hex
from quintet.platform.record.effects.known import Effects
from quintet.platform.record.effects.port import Batching, Keeping
from quintet.platform.record.event import CAUSE_VARIABLE, Cost, Effect, Event, Evidence, Reversal
from quintet.platform.record.lines import LineKind
from quintet.platform.record.pen import Pen
from quintet.platform.record.running import Running
from quintet.platform.record.vault import Vault


class Action:
    """What the code that acts has in hand: reasons, evidence, cost, and ways to change things."""

    def __init__(
        self, id: str, group: str, *, pen: Pen, effects: Effects, vault: Vault, running: Running
    ) -> None:
        self.id = id
        self.group = group
        self._pen = pen
        self._effects = effects
        self._vault = vault
        self._running = running
        self._claims = contextlib.ExitStack()
        self._claimed = False
        self._count = 0
        self._told: dict[str, list[int]] = {}

    @property
    def has_effects(self) -> bool:
        return self._count > 0

    def begin(self, body: dict[str, Any], links: dict[str, str]) -> None:
        self._pen.note(LineKind.BEGUN, self.id, self.group, body=body, links=links)

    def because(self, reason: str, *evidence: Evidence) -> None:
        """Why this is done, and what that rests on."""
        found = [asdict(one) for one in evidence]
        self._note(LineKind.REASON, reason=reason, evidence=found)

    def decided(self, policy: str) -> None:
        """The rule or approval by which this was allowed."""
        self._note(LineKind.DECIDED, policy=policy)

    def spend(self, cost: Cost) -> None:
        self._note(LineKind.SPENT, cost=asdict(cost))

    def announce(self) -> None:
        """Make what was said durable now: before a child, or something outside, refers to it."""
        self._pen.flush()

    def for_child(self) -> dict[str, str]:
        """Environment variables by which a child process names this action as its cause."""
        self.announce()
        return {CAUSE_VARIABLE: self.id}

    def write_file(self, path: Path, data: bytes, mode: int | None = None) -> None:
        """Write a file whole; folders that are missing are made, and go again on undo."""
        files = self._effects.files(self.group)

        def write(effect: Effect) -> None:
            files.apply(effect, data)

        self._carry_out(self._effects.changes(self.group).writing(path, data, mode), write)

    def delete_file(self, path: Path) -> None:
        self.apply(self._effects.changes(self.group).deleting(path))

    def move_file(self, source: Path, target: Path) -> None:
        self.apply_all(self._effects.changes(self.group).moving(source, target))

    def apply(self, effect: Effect) -> None:
        self.apply_all([effect])

    def apply_all(self, effects: Sequence[Effect]) -> None:
        """Apply effects in this order. Neighbours of one kind go in one step where that exists."""
        for kind, run in _runs(effects):
            handler = self._effects.handler(kind, self.group)
            if isinstance(handler, Batching):
                self._carry_out_at_once(run, handler.apply_all)
            else:
                self._carry_out(run, handler.apply)

    def take_back(self, effects: Sequence[Effect]) -> None:
        """Revert effects of another action, in this order; each inverse is an effect here."""
        for kind, run in _runs([effect.inverse() for effect in effects]):
            handler = self._effects.handler(kind, self.group)
            if isinstance(handler, Batching):
                self._carry_out_at_once(run, _all_inverted(handler.revert_all))
            else:
                self._carry_out(run, _inverted(handler.revert))

    def resume(self, begun: Event) -> None:
        """Go on with an action that was cut off: what it wrote down is not written again."""
        self._count = len(begun.effects)
        for number, effect in enumerate(begun.effects):
            self._told.setdefault(_key(effect), []).append(number)

    def mark_undone(self, event: Event) -> None:
        self._note(LineKind.APPLIED, effects=list(range(self._count)))
        self._pen.note(LineKind.UNDONE, event.id, event.group, links={"by": self.id})

    def _carry_out(self, effects: Sequence[Effect], perform: Callable[[Effect], None]) -> None:
        for number, effect in self._intend(effects).items():
            perform(effect)
            self._applied([number], effect)

    def _carry_out_at_once(
        self, effects: Sequence[Effect], perform: Callable[[Sequence[Effect]], None]
    ) -> None:
        if intended := self._intend(effects):
            perform(list(intended.values()))
            self._applied(list(intended), *intended.values())

    def _intend(self, effects: Sequence[Effect]) -> dict[int, Effect]:
        """Keep what undo will need, and write down what is about to happen; numbers the effects."""
        changes = [effect for effect in effects if effect.before != effect.after]
        if not changes:
            return {}
        self._claim()
        with self._vault.held():
            intended = dict(self._told_of(self._kept(effect)) for effect in changes)
            self._pen.flush()
        return intended

    def _told_of(self, effect: Effect) -> tuple[int, Effect]:
        if numbers := self._told.get(_key(effect)):
            return numbers.pop(0), effect
        self._note(LineKind.INTENT, effect=asdict(effect))
        self._count += 1
        return self._count - 1, effect

    def _kept(self, effect: Effect) -> Effect:
        handler = self._effects.handler(effect.kind, self.group)
        return handler.keep(effect) if isinstance(handler, Keeping) else effect

    def _applied(self, numbers: list[int], *effects: Effect) -> None:
        self._note(LineKind.APPLIED, effects=numbers)
        # Whether a file was written can be seen later; whether a message was sent cannot.
        if any(effect.reversal is not Reversal.REVERSIBLE for effect in effects):
            self._pen.flush()

    def _claim(self) -> None:
        if not self._claimed:
            self._claims.enter_context(self._running.claim(self.id))
            self._claimed = True

    def _note(self, kind: LineKind, **body: Any) -> None:
        self._pen.note(kind, self.id, self.group, body=body)

    @contextlib.contextmanager
    def lived(self) -> Generator["Action"]:
        """Until the end of the block the action is open; how the block ends is written down."""
        with self._claims:
            try:
                yield self
            except BaseException as error:
                self._note(LineKind.FAILED, error=_words_of(error))
                # The first failure is the one to tell, also when the journal cannot be written.
                with contextlib.suppress(QuintetError):
                    self._pen.flush()
                raise
            self._note(LineKind.DONE)
            self._pen.flush()


def _runs(effects: Sequence[Effect]) -> Generator[tuple[str, list[Effect]]]:
    run: list[Effect] = []
    for effect in effects:
        if run and run[-1].kind != effect.kind:
            yield run[-1].kind, run
            run = []
        run.append(effect)
    if run:
        yield run[-1].kind, run


def _key(effect: Effect) -> str:
    parts = [effect.kind, effect.target, effect.before, effect.after]
    return digest_hex(canonical_json(parts))


def _inverted(revert: Callable[[Effect], None]) -> Callable[[Effect], None]:
    """Performs the inverse of an effect by reverting the effect."""
    return lambda effect: revert(effect.inverse())


def _all_inverted(
    revert_all: Callable[[Sequence[Effect]], None],
) -> Callable[[Sequence[Effect]], None]:
    return lambda effects: revert_all([effect.inverse() for effect in effects])


def _words_of(error: BaseException) -> str:
    if isinstance(error, KeyboardInterrupt):
        return "interrupted"
    return str(error) or type(error).__name__
