"""The one record of what every engine did, why, from which cause, and how it is taken back."""

import contextlib
from collections.abc import Generator, Iterable
from pathlib import Path
from typing import Any

from quintet.platform.clock import Clock, SystemClock
from quintet.platform.keys.port import DataKeys, NoKeys
from quintet.platform.policy.label import Label
from quintet.platform.record.action import Action, Pen
from quintet.platform.record.effects.known import Effects
from quintet.platform.record.effects.port import EffectHandler
from quintet.platform.record.event import Event, Outcome
from quintet.platform.record.groupkeys import GroupKeys
from quintet.platform.record.history import History
from quintet.platform.record.lines import LineCodec
from quintet.platform.record.running import Running
from quintet.platform.record.settings import RecordSettings
from quintet.platform.record.vault import Vault
from quintet.platform.rng import Rng, SystemRng, new_id
from quintet.platform.store.journal import Journal

CAUSE_VARIABLE = "AI_CAUSE"


class Record:
    """Where actions begin. `cause` is what the whole process was started by, if an action did."""

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
    ) -> None:
        group_keys = GroupKeys(directory / "keys", keys or NoKeys())
        self._journal = journal
        self._codec = LineCodec(group_keys)
        self._clock = clock or SystemClock()
        self._rng = rng or SystemRng()
        self._cause = cause
        self._running = Running(directory / "running")
        self.vault = Vault(directory / "vault", group_keys, settings)
        self.effects = Effects(self.vault)
        self.run = new_id(self._rng)

    def register(self, handler: EffectHandler) -> None:
        """Teach the record a kind of effect."""
        self.effects.register(handler)

    @contextlib.contextmanager
    def action(
        self,
        group: str,
        verb: str,
        summary: str,
        *,
        actor: str = "user",
        cause: str = "",
        labels: Iterable[Label] = (),
    ) -> Generator[Action]:
        """One action. Its end marks it done; an exception marks it failed, and still undoable."""
        begun = self._begun(verb, summary, actor=actor, labels=labels)
        action = self._action(new_id(self._rng), group)
        action.begin(begun, _links(cause=cause or self._cause))
        with action.lived():
            yield action

    @contextlib.contextmanager
    def undoing(self, event: Event, *, actor: str = "user") -> Generator[Action]:
        """The action that takes another back; one that was cut off before is taken up again."""
        with self._running.claim(event.id):
            started = [e for e in self.history().events() if e.undoes == event.id]
            cut_off = [e for e in started if e.outcome in (Outcome.OPEN, Outcome.FAILED)]
            if cut_off:
                action = self._action(cut_off[-1].id, event.group)
                action.resume(cut_off[-1])
            else:
                begun = self._begun("undo", f"undo {event.id[:6]} {event.summary}", actor=actor)
                action = self._action(new_id(self._rng), event.group)
                action.begin(begun, _links(cause=self._cause, undoes=event.id))
            with action.lived():
                yield action

    def _action(self, id: str, group: str) -> Action:
        pen = Pen(self._journal.append_all, self._codec, self._clock)
        return Action(
            id, group, pen=pen, effects=self.effects, vault=self.vault, running=self._running
        )

    def _begun(
        self, verb: str, summary: str, *, actor: str, labels: Iterable[Label] = ()
    ) -> dict[str, Any]:
        return {
            "verb": verb,
            "summary": summary,
            "actor": actor,
            "run": self.run,
            "labels": sorted(label.value for label in labels),
        }

    def events_by_id(self, ids: Iterable[str]) -> list[Event]:
        history = self.history()
        return [event for id in ids if (event := history.find(id))]

    def history(self, *, after: int = 0) -> History:
        return History(self._codec).read(self._journal.scan(after=after))


def _links(**links: str) -> dict[str, str]:
    return {name: id for name, id in links.items() if id}
