"""The one record of what every engine did, why, from which cause, and how it is taken back.

Reading it must stay cheap, so what only acting needs is imported when something acts.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator, Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quintet.errors import QuintetError
from quintet.platform.clock import Clock, SystemClock
from quintet.platform.files import write_atomic
from quintet.platform.keys.port import DataKeys, NoKeys
from quintet.platform.record.event import USER, Event, Outcome
from quintet.platform.record.groupkeys import GroupKeys
from quintet.platform.record.history import History
from quintet.platform.record.index import Index
from quintet.platform.record.lines import LineCodec, LineKind
from quintet.platform.record.reading import Query, Reader
from quintet.platform.record.running import Running
from quintet.platform.record.settings import RecordSettings
from quintet.platform.record.tapes import Tapes
from quintet.platform.rng import ALPHABET, ID_LENGTH, SHORT_ID_LENGTH, Rng, SystemRng, new_id
from quintet.platform.store.journal import Journal
from quintet.platform.trace.span import current

if TYPE_CHECKING:
    from quintet.platform.policy.label import Label
    from quintet.platform.record.action import Action
    from quintet.platform.record.effects.known import Effects
    from quintet.platform.record.effects.port import EffectHandler
    from quintet.platform.record.pen import Pen
    from quintet.platform.record.retention import Retained, Retention
    from quintet.platform.record.vault import Usage, Vault


class AlreadyUndone(QuintetError):
    """An action can be taken back once; after that its undoing can be."""

    code = "record.already_undone"


class Record:
    """Where actions begin and are found again.

    `cause` is the action that started the whole process, if one did, and `folder` where it works.
    `actor` is who asks: the user, or a program by the name that it gives itself.
    """

    def __init__(
        self,
        journal: Journal,
        directory: Path,
        *,
        keys: DataKeys | None = None,
        clock: Clock | None = None,
        rng: Rng | None = None,
        settings: RecordSettings | None = None,
        cause: str = "",
        folder: Path | None = None,
    ) -> None:
        self.journal = journal
        self.directory = directory
        self.group_keys = GroupKeys(directory / "keys", keys or NoKeys())
        self.codec = LineCodec(self.group_keys)
        self.index = Index(directory / "index", journal, self.codec)
        self.running = Running(directory / "running")
        self._clock = clock or SystemClock()
        self._rng = rng or SystemRng()
        self._folder = str(folder or "")
        self.tapes = Tapes(directory / "tapes")
        # The command line that this process carries out; written down only where that is wanted.
        self.words: tuple[str, ...] = ()
        self._handlers: list[Callable[[], Iterable[EffectHandler]]] = []
        self._settings = settings or RecordSettings()
        self.actor = USER
        self._cause = cause if len(cause) == ID_LENGTH and not cause.strip(ALPHABET) else ""
        self._reader = Reader(journal, self.codec, self.index)

    @cached_property
    def run(self) -> str:
        """This process, as its actions name it."""
        return new_id(self._rng)

    @cached_property
    def vault(self) -> Vault:
        from quintet.platform.record.vault import Vault

        return Vault(self.directory / "vault", self.group_keys, self._settings)

    def tape_for(self, group: str) -> Path | None:
        """Where what models answer in this run goes; nowhere, unless it is wanted and may be."""
        if not self._settings.freezable or self.group_keys.is_sealed(group):
            return None
        return self.tapes.new(self.run)

    @cached_property
    def _retention(self) -> Retention:
        from quintet.platform.record.retention import Retention

        return Retention(self.vault, self._settings)

    @cached_property
    def effects(self) -> Effects:
        from quintet.platform.record.effects.known import Effects

        effects = Effects(self.vault)
        for bring in self._handlers:
            for handler in bring():
                effects.register(handler)
        return effects

    def register(self, handler: EffectHandler) -> None:
        """Teach the record a kind of effect."""
        self.effects.register(handler)

    def register_later(self, bring: Callable[[], Iterable[EffectHandler]]) -> None:
        """Kinds of effects that are only brought when an effect is at hand."""
        self._handlers.append(bring)

    def events(self, query: Query | None = None) -> list[Event]:
        """Actions, newest first."""
        return self._reader.events(query or Query())

    def walk(self, query: Query) -> Iterator[Event]:
        """Actions, newest first, read as they are asked for."""
        return self._reader.walk(query)

    def events_by_id(self, ids: Iterable[str]) -> list[Event]:
        return self._reader.events_by_id(ids)

    def resolve(self, name: str) -> Event:
        """The action that a person named: the beginning of an id, `@-1`, `@life-1`."""
        return self._reader.resolve(name)

    def history(self, *, after: int = 0) -> History:
        """All actions from some entry on, read whole."""
        return History(self.codec).read(self.journal.scan(after=after))

    def retained(self) -> Retained:
        """What being able to undo costs, and how far back it reaches."""
        return self._retention.survey(self.history().events(), self._clock.now())

    def tidy(self) -> Usage:
        """Let actions expire that are beyond the limits, and remove what only they needed."""
        events = self.history().events()
        expiring = self._retention.survey(events, self._clock.now()).expiring
        pen = self._pen()
        for event in expiring:
            pen.note(LineKind.EXPIRED, event.id, event.group)
        pen.flush()
        self.running.tidy()
        self.tapes.sweep(self._clock.now(), self._settings.keep_days)
        return self._retention.sweep(events, expiring)

    def forget(self, ids: Iterable[str]) -> int:
        """Take what these actions said, and the content kept for them, off the disk for good.

        The chain goes on to prove the rest, and that something was taken out. Returns how many
        entries that were.
        """
        wanted = set(ids)
        events = self.history().events()
        seqs = [seq for seq, line in self.codec.envelopes(self.journal.scan()) if line.id in wanted]
        self.journal.redact(seqs)
        self._retention.forget(events, wanted)
        self.tapes.discard(event.run for event in events if event.id in wanted and event.run)
        self.index.rebuild()
        return len(seqs)

    def _tidy_daily(self) -> None:
        """Nobody should have to remember it; and it must not spoil the action that it follows."""
        stamp = self.directory / "tidied"
        today = self._clock.now().date().isoformat().encode()
        with contextlib.suppress(QuintetError, OSError):
            last = stamp.read_bytes() if stamp.exists() else b""
            if last != today:
                write_atomic(stamp, today)
                if last:
                    self.tidy()

    @contextlib.contextmanager
    def action(
        self,
        group: str,
        verb: str,
        summary: str,
        *,
        actor: str = "",
        cause: str = "",
        labels: Iterable[Label] = (),
    ) -> Generator[Action]:
        """One action. Its end marks it done; an exception marks it failed, and still undoable."""
        action = self._action(new_id(self._rng), group)
        begun = self._begun(verb, summary, actor=actor, labels=labels)
        action.begin(begun, _links(cause=cause or self._cause))
        current().acted(action.id)
        with action.lived():
            yield action
        if action.has_effects:
            self._tidy_daily()

    @contextlib.contextmanager
    def undoing(self, event: Event, *, actor: str = "") -> Generator[Action]:
        """The action that takes another back; one that was cut off before is taken up again."""
        with self.running.claim(event.id):
            # Only now is nobody else at it: what was read before may be out of date.
            for now in self.events_by_id([event.id]):
                require_not_undone(now)
            started = self._reader.undoings_of(event)
            cut_off = [e for e in started if e.outcome in (Outcome.OPEN, Outcome.FAILED)]
            if cut_off:
                action = self._action(cut_off[-1].id, event.group)
                action.resume(cut_off[-1])
            else:
                action = self._action(new_id(self._rng), event.group)
                verb, root = self.undoing_of(event)
                summary = f"{verb} {root.id[:SHORT_ID_LENGTH]} {root.summary}"
                begun = self._begun(verb, summary, actor=actor)
                action.begin(begun, _links(cause=self._cause, undoes=event.id))
            current().acted(action.id)
            with action.lived():
                yield action

    def undoing_of(self, event: Event) -> tuple[str, Event]:
        """To undo an undo is to redo: the word for it, and the action that it is all about."""
        root, verb = event, "undo"
        while root.undoes and (found := self.events_by_id([root.undoes])):
            root, verb = found[0], "redo" if verb == "undo" else "undo"
        return verb, root

    def _action(self, id: str, group: str) -> Action:
        from quintet.platform.record.action import Action

        return Action(
            id, group, pen=self._pen(), effects=self.effects, vault=self.vault, running=self.running
        )

    def _pen(self) -> Pen:
        from quintet.platform.record.pen import Pen

        return Pen(self.journal.append_all, self.codec, self._clock)

    def _begun(
        self, verb: str, summary: str, *, actor: str, labels: Iterable[Label] = ()
    ) -> dict[str, Any]:
        return {
            "verb": verb,
            "summary": summary,
            "actor": actor or self.actor,
            "run": self.run,
            "folder": self._folder,
            "labels": sorted(label.value for label in labels),
            **({"words": list(self.words)} if self._settings.freezable and self.words else {}),
        }


def require_not_undone(event: Event) -> None:
    if event.outcome is Outcome.UNDONE:
        by = event.undone_by[:SHORT_ID_LENGTH]
        raise AlreadyUndone(
            f"action {event.id[:SHORT_ID_LENGTH]} is undone already",
            why=f"by {by}",
            hint=f"to bring it back: ai undo {by}",
        )


def _links(**links: str) -> dict[str, str]:
    return {name: id for name, id in links.items() if id}
