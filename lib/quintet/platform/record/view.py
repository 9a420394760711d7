"""The record as tables in DuckDB, for questions that are best asked in SQL.

A copy that follows the journal and can be built anew from it at any time. The words of sealed
groups never get there, since these tables may be in the clear.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from quintet.platform.crypto import canonical_json
from quintet.platform.record.event import Event
from quintet.platform.record.record import Record
from quintet.platform.store.connection import Connection
from quintet.platform.store.database import Database
from quintet.platform.store.journal import Entry

_TABLES = ("event_rows", "effect_rows", "evidence_rows", "folded")


class RecordView:
    """Keeps the tables up with the record."""

    def __init__(self, record: Record, database: Database) -> None:
        self._record = record
        self._database = database

    def refresh(self) -> None:
        """Bring the tables up to date; it costs next to nothing when they are."""
        with self._database.read() as connection:
            if self._is_current(_mark(connection)):
                return
        with self._database.write("folding the record") as connection:
            mark = _mark(connection)
            news = list(self._record.journal.scan(after=max(mark[0] - 1, 0)))
            if mark[0] and not (news and news[0].digest == mark[1]):
                _empty(connection)
                news = list(self._record.journal.scan())
            self._fold(connection, news)

    def rebuild(self) -> None:
        """Forget the tables and read the whole journal."""
        with self._database.write("folding the record") as connection:
            _empty(connection)
            self._fold(connection, list(self._record.journal.scan()))

    def _is_current(self, mark: tuple[int, str]) -> bool:
        head = self._record.journal.head()
        return (head.seq, head.digest) == mark

    def _fold(self, connection: Connection, news: list[Entry]) -> None:
        if not news:
            return
        for event in self._events(self._touched_by(news)):
            _put(connection, "event_rows", _event_row(event))
            for number, effect in enumerate(event.effects):
                states = {"before": _json(effect.before), "after": _json(effect.after)}
                row = {"kind": effect.kind, "target": _text(effect.target), **states}
                row |= {"reversal": effect.reversal.value, "note": _text(effect.note)}
                _put(connection, "effect_rows", {"event": event.id, "number": number, **row})
            for number, one in enumerate(event.evidence):
                row = {"kind": one.kind, "ref": _text(one.ref), "place": one.where}
                row |= {"digest": one.digest, "note": _text(one.note)}
                _put(connection, "evidence_rows", {"event": event.id, "number": number, **row})
        mark = {"id": 1, "seq": news[-1].seq, "digest": news[-1].digest}
        _put(connection, "folded", mark)

    def _touched_by(self, entries: Iterable[Entry]) -> set[str]:
        return {line.id for _, line in self._record.codec.envelopes(entries)}

    def _events(self, ids: set[str]) -> Iterator[Event]:
        waiting = ids
        seen: set[str] = set()
        while waiting:
            seen |= waiting
            found = self._record.events_by_id(waiting)
            for event in found:
                yield self._open_part(event)
            waiting = {event.undoes for event in found if event.undoes} - seen

    def _open_part(self, event: Event) -> Event:
        if not event.sealed and not self._record.group_keys.is_sealed(event.group):
            return event
        return Event(
            id=event.id,
            seq=event.seq,
            at=event.at,
            group=event.group,
            verb="",
            summary="",
            cause=event.cause,
            undoes=event.undoes,
            undone_by=event.undone_by,
            outcome=event.outcome,
            ended_at=event.ended_at,
            expired=event.expired,
            sealed=True,
        )


def _mark(connection: Connection) -> tuple[int, str]:
    rows = connection.rows("SELECT seq, digest FROM folded")
    return (rows[0]["seq"], rows[0]["digest"]) if rows else (0, "")


def _empty(connection: Connection) -> None:
    for table in _TABLES:
        connection.execute(f"DELETE FROM {table}")


def _put(connection: Connection, table: str, row: Mapping[str, Any]) -> None:
    marks = ", ".join("?" for _ in row)
    names = ", ".join(row)
    connection.execute(
        f"INSERT OR REPLACE INTO {table} ({names}) VALUES ({marks})", list(row.values())
    )


def _event_row(event: Event) -> dict[str, Any]:
    return {
        "id": event.id,
        "seq": event.seq,
        "began_at": event.at,
        "ended_at": event.ended_at or None,
        "group_name": event.group,
        "verb": event.verb,
        "summary": _text(event.summary),
        "actor": event.actor,
        "run": event.run,
        "folder": _text(event.folder),
        "cause": event.cause,
        "undoes": event.undoes,
        "undone_by": event.undone_by,
        "outcome": event.outcome.value,
        "reasons": [_text(reason) for reason in event.reasons],
        "policy": _text(event.policy),
        "labels": list(event.labels),
        "money_micros": event.cost.money_micros,
        "tokens": event.cost.tokens,
        "duration_s": event.cost.duration_s,
        "error": _text(event.error),
        "expired": event.expired,
        "sealed": event.sealed,
    }


def _text(text: str) -> str:
    """A name that is no UTF-8 cannot be stored as text: its odd bytes are shown as such."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _json(state: Any) -> str | None:
    return None if state is None else _text(canonical_json(state).decode("utf-8", "surrogatepass"))
