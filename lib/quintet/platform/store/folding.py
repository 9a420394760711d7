"""Moving what waits in a store's inbox into its tables, by whoever holds the store's lock."""

import json
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from itertools import groupby, islice

from quintet.platform.store.connection import (
    Connection,
    RowRefused,
    StatementRefused,
    transaction,
)
from quintet.platform.store.inbox import Inbox, InboxDamaged, Unreadable, Waiting
from quintet.platform.store.segments import JournalDamaged
from quintet.platform.store.verdict import Head

_BATCH_ROWS = 5000
_BATCHES = 4

_FOLDED = "SELECT value FROM quintet.meta WHERE key = 'folded'"
_SET_FOLDED = "INSERT OR REPLACE INTO quintet.meta VALUES ('folded', ?)"
_REJECT = "INSERT INTO quintet.rejected VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"


def folded_head(connection: Connection) -> Head | None:
    """The last entry of the inbox whose row is in its table."""
    stored = connection.value(_FOLDED)
    return Head(**json.loads(stored)) if stored else None


@dataclass(frozen=True, slots=True)
class Folding:
    """One turn of folding: bounded, so that a large backlog leaves others their turns."""

    connection: Connection
    inbox: Inbox
    subject: str
    checkpointed: Callable[[Connection], AbstractContextManager[None]]

    def run(self) -> None:
        if not self.inbox.size_bytes():
            return
        try:
            waiting = self.inbox.waiting(folded_head(self.connection))
            for _ in range(_BATCHES):
                batch = list(islice(waiting, _BATCH_ROWS))
                if not batch:
                    break
                self._fold(batch)
                self.inbox.drop(through=batch[-1].place)
        except JournalDamaged as damage:
            self._fold_salvaged(damage)

    def _fold_salvaged(self, damage: JournalDamaged) -> None:
        """Keep what can be read, get the rest out of the way, and tell it once."""
        with self.inbox.salvaged() as rows:
            for start in range(0, len(rows), _BATCH_ROWS):
                self._fold(rows[start : start + _BATCH_ROWS])
        raise InboxDamaged(
            f"rows on their way into {self.subject} are damaged",
            why=f"{damage.why}; {len(rows)} whole ones were kept",
            hint=f"the damaged files were set aside in {self.inbox.folder}; run it again to go on",
        ) from damage

    def _fold(self, batch: Sequence[Waiting | Unreadable]) -> None:
        """The place reached is part of the commit: after a crash nothing is folded twice."""
        with self.checkpointed(self.connection):
            self._insert(batch)
            with transaction(self.connection):
                self.connection.execute(_SET_FOLDED, [json.dumps(asdict(batch[-1].place))])

    def _insert(self, rows: Sequence[Waiting | Unreadable]) -> None:
        """All in one transaction; when one is refused, halve until that one stands alone."""
        try:
            with transaction(self.connection):
                for table, group in groupby(rows, key=_shape):
                    self._insert_alike(table, list(group))
        except (RowRefused, StatementRefused) as error:
            if len(rows) == 1:
                with transaction(self.connection):
                    self._reject(rows[0], str(error))
                return
            self._insert(rows[: len(rows) // 2])
            self._insert(rows[len(rows) // 2 :])

    def _insert_alike(self, shape: tuple[str, list[str]], rows: list[Waiting | Unreadable]) -> None:
        readable = [row.row for row in rows if isinstance(row, Waiting)]
        self.connection.insert(shape[0], readable, keep_existing=True)
        for row in rows:
            if isinstance(row, Unreadable):
                self._reject(row, row.reason)

    def _reject(self, row: Waiting | Unreadable, reason: str) -> None:
        """Keep what no table takes where a person finds it: it neither vanishes nor blocks."""
        table = row.table if isinstance(row, Waiting) else ""
        self.connection.execute(_REJECT, [row.place.digest, table, row.as_text(), reason])


def _shape(row: Waiting | Unreadable) -> tuple[str, list[str]]:
    return (row.table, sorted(row.row)) if isinstance(row, Waiting) else ("", [])
