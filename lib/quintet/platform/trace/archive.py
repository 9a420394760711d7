"""Spans in the database: taken from the spool when somebody asks, pruned, and found again."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any

from quintet.errors import NotFound, UsageError
from quintet.platform.clock import Clock
from quintet.platform.store.connection import Connection
from quintet.platform.store.database import Database
from quintet.platform.trace.conventions import ACTIONS, ERROR, Kind
from quintet.platform.trace.parent import run_id
from quintet.platform.trace.settings import TraceSettings
from quintet.platform.trace.spool import Spool
from quintet.platform.trace.told import Sent, Told, attributes_of, decode

_BATCH = 500
_COLUMNS = (
    *("id", "trace_id", "span_id", "parent_id", "run", "name", "kind", "began_at", "began_ns"),
    *("ended_ns", "error", "actions", "attributes", "size_bytes"),
)
_PUT = f"INSERT OR REPLACE INTO span_rows ({', '.join(_COLUMNS)}) VALUES "
_MARKS = f"({', '.join('?' * len(_COLUMNS))})"
_PRUNE_BYTES = """
DELETE FROM span_rows WHERE trace_id IN (
    SELECT trace_id FROM (
        SELECT trace_id, sum(sum(size_bytes)) OVER (ORDER BY max(began_ns) DESC) AS newer_bytes
        FROM span_rows GROUP BY trace_id
    ) WHERE newer_bytes > ?
)
"""
_PRUNE_DAYS = """
DELETE FROM span_rows WHERE trace_id IN (
    SELECT trace_id FROM span_rows GROUP BY trace_id HAVING max(began_at) < ?
)
"""
_UNSENT = """
    sent_at IS NULL AND ended_ns > 0 AND began_at >= ? AND printf('%020d %s', began_ns, id) > ?
    ORDER BY printf('%020d %s', began_ns, id) LIMIT ?
"""
_FIND = """
SELECT DISTINCT run, trace_id FROM span_rows
WHERE starts_with(run, $1) OR starts_with(trace_id, $1)
    OR len(list_filter(actions, lambda action: starts_with(action, $1))) > 0
LIMIT 3
"""


class RunAmbiguous(UsageError):
    """The beginning of an id fits several runs."""

    code = "trace.ambiguous"


@dataclass(frozen=True, slots=True)
class Run:
    """One run as a list shows it."""

    run: str
    name: str
    began_at: datetime
    duration_ms: float
    spans: int
    model_calls: int
    tokens: int
    cost_usd: float | None
    unfinished: int
    failed: int
    error: str
    exit_code: int | None
    trace_id: str


class Archive:
    """The traces of one home."""

    def __init__(
        self, spool: Spool, database: Database, settings: TraceSettings, clock: Clock
    ) -> None:
        self._spool = spool
        self._database = database
        self._settings = settings
        self._clock = clock

    def fold(self) -> None:
        """Move what waits in the spool into the tables, and let go of what is too old.

        A kill between the commit and the removal of what was read repeats the lines next time,
        which changes nothing.
        """
        with self._spool.taken() as lines:
            first = next(lines, None)
            if first is not None:
                with self._database.write("folding traces") as connection:
                    self._fold(connection, chain([first], lines))
                    self._prune(connection)

    def _fold(self, connection: Connection, lines: Iterable[bytes]) -> None:
        spans: dict[str, Told] = {}
        sent: list[Sent] = []
        for line in lines:
            match decode(line):
                case Told() as told:
                    _keep_latest(spans, told)
                case Sent() as one:
                    sent.append(one)
                case None:
                    pass
        told = list(spans.items())
        for start in range(0, len(told), _BATCH):
            _put(connection, dict(told[start : start + _BATCH]))
        for one in sent:
            mark_sent(connection, one.ids, datetime.fromtimestamp(one.at_ns / 1e9, UTC))

    def _prune(self, connection: Connection) -> None:
        oldest = self._clock.now() - timedelta(days=self._settings.keep_days)
        connection.execute(_PRUNE_DAYS, [oldest])
        connection.execute(_PRUNE_BYTES, [self._settings.keep_bytes])

    def runs(self, limit: int, *, every: bool = False) -> list[Run]:
        """The last runs, newest first; without `every` those that only looked at traces are not."""
        if not self._database.exists:
            return []
        with self._database.read() as connection:
            found = connection.rows(
                "SELECT * FROM runs WHERE ? OR NOT starts_with(name, 'ai trace')"
                " ORDER BY began_at DESC, run LIMIT ?",
                [every, limit],
            )
        return [Run(**row) for row in found]

    def resolve(self, name: str) -> str:
        """The trace that a person named: a run or action by the beginning of its id, or `@-1`."""
        if name.startswith("@"):
            return self._at(name)
        found = self._named(name.lower()) if name.isalnum() and name.isascii() else []
        if not found:
            raise NotFound(
                f"there is no trace of {name}",
                why="no run and no action of which a trace is kept begins with that",
                hint="ai trace list",
            )
        if len(found) > 1:
            runs = ", ".join(sorted(row["run"] for row in found))
            raise RunAmbiguous(f"{name} could be several runs", why=runs, hint="type more of it")
        return str(found[0]["trace_id"])

    def _named(self, beginning: str) -> list[dict[str, Any]]:
        if not self._database.exists:
            return []
        with self._database.read() as connection:
            return connection.rows(_FIND, [beginning])

    def _at(self, name: str) -> str:
        back = name[2:] if name.startswith("@-") else ""
        if not (back.isascii() and back.isdigit() and int(back[:9]) > 0):
            raise UsageError(f"{name} is no run", hint="ai trace @-1 is the last one")
        runs = self.runs(int(back[:9]))
        if len(runs) < int(back[:9]):
            raise NotFound(
                f"there is no run {name}",
                why=f"{len(runs)} are kept" if runs else "nothing was traced yet",
            )
        return runs[-1].trace_id

    def spans(self, trace_id: str) -> list[Told]:
        """All spans of a run, in the order in which they began."""
        return self._select("trace_id = ? ORDER BY began_ns, span_id", [trace_id])

    def unsent(self, since: datetime | None) -> Iterator[list[Told]]:
        """Spans that ended and that no collector has taken yet, oldest first, in batches."""
        oldest = since or datetime(1970, 1, 1, tzinfo=UTC)
        last = ""
        while batch := self._select(_UNSENT, [oldest, last, _BATCH]):
            last = f"{batch[-1].began_ns:020} {id_of(batch[-1])}"
            yield batch

    def mark_sent(self, spans: Sequence[Told]) -> None:
        with self._database.write("marking traces as sent") as connection:
            mark_sent(connection, [id_of(span) for span in spans], self._clock.now())

    def _select(self, condition: str, values: Sequence[Any]) -> list[Told]:
        if not self._database.exists:
            return []
        with self._database.read() as connection:
            rows = connection.rows(f"SELECT * FROM span_rows WHERE {condition}", values)
        return [_told(row) for row in rows]


def id_of(span: Told) -> str:
    return f"{span.trace_id}:{span.span_id}"


def mark_sent(connection: Connection, ids: Sequence[str], at: datetime) -> None:
    connection.execute(
        "UPDATE span_rows SET sent_at = ? WHERE id IN (SELECT unnest(?))", [at, list(ids)]
    )


def _keep_latest(spans: dict[str, Told], told: Told) -> None:
    known = spans.get(id_of(told))
    if known is None or told.ended_ns or not known.ended_ns:
        spans[id_of(told)] = told


def _put(connection: Connection, spans: dict[str, Told]) -> None:
    """What is known to have ended stays so, whatever an older line says of it."""
    ended = connection.rows(
        "SELECT id FROM span_rows WHERE ended_ns > 0 AND id IN (SELECT unnest(?))", [list(spans)]
    )
    for row in ended:
        del spans[row["id"]]
    if spans:
        marks = ", ".join([_MARKS] * len(spans))
        connection.execute(_PUT + marks, [v for span in spans.values() for v in _row(span)])


def _row(span: Told) -> tuple[Any, ...]:
    actions = span.attributes.get(ACTIONS, ())
    return (
        id_of(span),
        span.trace_id,
        span.span_id,
        span.parent_id,
        run_id(span.trace_id),
        span.name,
        span.kind.value,
        datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=span.began_ns // 1000),
        span.began_ns,
        span.ended_ns,
        str(span.attributes.get(ERROR, "")),
        list(actions) if isinstance(actions, tuple) else [],
        json.dumps(span.attributes),
        span.size_bytes,
    )


def _told(row: dict[str, Any]) -> Told:
    return Told(
        trace_id=row["trace_id"],
        span_id=row["span_id"],
        parent_id=row["parent_id"],
        name=row["name"],
        kind=Kind(row["kind"]),
        began_ns=row["began_ns"],
        ended_ns=row["ended_ns"],
        attributes=attributes_of(json.loads(row["attributes"])),
        size_bytes=row["size_bytes"],
    )
