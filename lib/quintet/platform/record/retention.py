"""How long old content stays: within days and bytes, the oldest actions give way first.

An action is first written down as expired, and only then its content goes. Whatever an action that
can still be undone needs stays, and so does content of groups that cannot be read right now.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate

from quintet.platform.record.effects.file import FileHandler, is_file
from quintet.platform.record.event import Event, Outcome, stamp_of
from quintet.platform.record.settings import RecordSettings
from quintet.platform.record.vault import Usage, Vault


@dataclass(frozen=True, slots=True)
class Retained:
    """What undo costs on disk, how far back it reaches, and what a sweep would free."""

    usage: Usage
    undoable: int
    oldest: str
    expiring: tuple[Event, ...]


class Retention:
    """Decides by age and size; knows nothing of journals."""

    def __init__(self, vault: Vault, settings: RecordSettings) -> None:
        self._vault = vault
        self._settings = settings

    def survey(self, events: Sequence[Event], now: datetime) -> Retained:
        """Judge actions in the order in which they began."""
        holding = [event for event in events if _can_be_undone(event)]
        kept = self._within_limits(holding, now)
        staying = {event.id for event in kept}
        return Retained(
            usage=self._vault.usage(),
            undoable=len(kept),
            oldest=kept[-1].at if kept else "",
            expiring=tuple(event for event in holding if event.id not in staying),
        )

    def sweep(self, events: Sequence[Event], expired: Sequence[Event]) -> Usage:
        """Remove what no action needs that can still be undone; returns what was removed."""
        gone = {event.id for event in expired}
        staying = [event for event in events if event.id not in gone and _can_be_undone(event)]
        wanted = {name for event in staying for name in self._names(event)}
        return self._vault.sweep(wanted, unknown={e.group for e in events if e.sealed})

    def forget(self, events: Sequence[Event], ids: set[str]) -> None:
        """Remove at once what only these actions kept."""
        shared = {name for e in events if e.id not in ids for name in self._names(e)}
        own = {name for e in events if e.id in ids for name in self._names(e)}
        self._vault.discard(own - shared)

    def _within_limits(self, holding: Sequence[Event], now: datetime) -> list[Event]:
        """Newest first, up to the first that is too old or does not fit any more."""
        sizes = self._vault.sizes()
        oldest = stamp_of(now - timedelta(days=self._settings.keep_days))
        counted: set[str] = set()
        size_bytes = 0
        kept: list[Event] = []
        # A clock that had gone back makes no action older than the one before it.
        moments = accumulate((event.at for event in holding), max)
        for event, at in reversed(list(zip(holding, moments, strict=True))):
            fresh = set(self._names(event)) - counted
            size_bytes += sum(sizes.get(name, 0) for name in fresh)
            is_recent = at >= oldest or len(kept) < self._settings.keep_last
            if size_bytes > self._settings.keep_bytes or not is_recent:
                break
            counted |= fresh
            kept.append(event)
        return kept

    def _names(self, event: Event) -> Iterator[str]:
        for effect in event.effects:
            if effect.kind == FileHandler.kind and is_file(effect.before):
                yield from self._vault.names(effect.before["sha256"], event.group)


def _can_be_undone(event: Event) -> bool:
    return bool(event.effects) and not event.expired and event.outcome is not Outcome.UNDONE
