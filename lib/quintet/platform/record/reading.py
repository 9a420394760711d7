"""Asking the record: the latest actions, those of a group or a time, or one by its short name."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice, takewhile

from quintet.errors import NotFound, UsageError
from quintet.platform.record.event import Event, Outcome, stamp_of
from quintet.platform.record.history import History
from quintet.platform.record.index import Index, Located
from quintet.platform.record.lines import LineCodec
from quintet.platform.rng import ALPHABET, SHORT_ID_LENGTH
from quintet.platform.store.journal import Journal

_PAGE = 100
_NEAR_ENTRIES = 2000
_SUGGESTIONS_FROM = 500


class AmbiguousId(UsageError):
    """The beginning of an id fits several actions."""

    code = "record.ambiguous_id"


@dataclass(frozen=True, slots=True)
class Query:
    """Which actions; an empty field asks for nothing in particular."""

    group: str = ""
    verb: str = ""
    since: datetime | None = None
    until: datetime | None = None
    outcome: Outcome | None = None
    limit: int | None = 20


class Reader:
    """Reads actions with as little of the journal as will do."""

    def __init__(self, journal: Journal, codec: LineCodec, index: Index) -> None:
        self._journal = journal
        self._codec = codec
        self._index = index

    def events(self, query: Query) -> list[Event]:
        """Newest first."""
        return list(islice(self.walk(query), query.limit))

    def walk(self, query: Query) -> Iterator[Event]:
        """As `events`, read as they are asked for."""
        since = stamp_of(query.since) if query.since else ""
        until = stamp_of(query.until) if query.until else ""
        placed = (
            one
            for one in self._index.newest_first()
            if query.group in ("", one.group)
            and (not since or one.at >= since)
            and (not until or one.at <= until)
        )
        while page := list(islice(placed, min(query.limit or _PAGE, _PAGE))):
            for event in self._told(page):
                if query.verb in ("", event.verb) and query.outcome in (None, event.outcome):
                    yield event

    def events_by_id(self, ids: Iterable[str]) -> list[Event]:
        wanted = set(ids)
        return list(self._told([one for one in self._index.newest_first() if one.id in wanted]))

    def undoings_of(self, event: Event) -> list[Event]:
        """The actions that took this one back, or began to, in their order."""
        later = takewhile(lambda one: one.first > event.seq, self._index.newest_first())
        return list(self._told([one for one in later if one.undoes == event.id][::-1]))

    def resolve(self, name: str) -> Event:
        """`k7f3q9` or a longer or shorter beginning of an id; `@-1` the last action, `@life-2`
        the last but one of a group."""
        located = self._counted(name) if name.startswith("@") else self._begun_by(name)
        return next(self._told([located]))

    def _begun_by(self, prefix: str) -> Located:
        if not prefix or prefix.strip(ALPHABET):
            raise UsageError(
                f"not the id of an action: {prefix!r}", hint="ai log lists actions with their ids"
            )
        found = self._index.find(prefix)
        if len(found) > 1:
            raise AmbiguousId(
                f"{len(found)} actions begin with {prefix}",
                why=", ".join(_told_apart(found)[:5]),
                hint="give more letters of it",
            )
        if not found:
            raise NotFound(f"there is no action {prefix}", hint=self._suggestion(prefix))
        return found[0]

    def _counted(self, name: str) -> Located:
        group, dash, count = name[1:].partition("-")
        if dash and not count.isdecimal():
            raise UsageError(f"not an action: {name}", hint="@-1 is the last one, @life-1 of life")
        number = int(count) if dash else 1
        fitting = (one for one in self._index.newest_first() if group in ("", one.group))
        located = next(islice(fitting, max(number, 1) - 1, None), None)
        if located is None:
            whose = f"'{group}' has" if group else "the record has"
            why = f"{whose} fewer" if number > 1 else f"{whose} none yet"
            raise NotFound(f"there is no action {name}", why=why, hint="ai log")
        return located

    def _suggestion(self, prefix: str) -> str:
        from difflib import get_close_matches

        recent = islice(self._index.newest_first(), _SUGGESTIONS_FROM)
        names = [one.id[: max(len(prefix), SHORT_ID_LENGTH)] for one in recent]
        close = get_close_matches(prefix, names, n=1)
        return f"did you mean {close[0]}?" if close else "ai log lists actions with their ids"

    def _told(self, located: list[Located]) -> Iterator[Event]:
        history = History(self._codec)
        for first, last in _stretches(located):
            for entry in self._journal.scan(after=first - 1):
                if last and entry.seq > last:
                    break
                history.read([entry])
        for one in located:
            history.settle(one.id, undone_by=one.undone_by, expired=one.expired)
        for one in located:
            event = history.find(one.id)
            if event:
                yield event


def _stretches(located: list[Located]) -> list[tuple[int, int]]:
    """Parts of the journal to read; neighbours are read in one go. A last of 0 is the end."""
    merged: list[tuple[int, int]] = []
    for one in sorted(located, key=lambda one: one.first):
        if merged and (not merged[-1][1] or one.first <= merged[-1][1] + _NEAR_ENTRIES):
            first, last = merged.pop()
            merged.append((first, max(last, one.last) if last and one.last else 0))
        else:
            merged.append((one.first, one.last))
    return merged


def _told_apart(found: list[Located]) -> list[str]:
    length = SHORT_ID_LENGTH
    while len({one.id[:length] for one in found}) < len(found):
        length += 1
    return [one.id[:length] for one in found]
