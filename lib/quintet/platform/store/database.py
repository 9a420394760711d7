"""One DuckDB file, used by many processes: open, one transaction, close, all under a lock.

DuckDB's own lock is not relied on. A writer holds `<name>.lock` alone from before it opens the
file until after it has closed it. Readers share it; one that finds a writer at work does not wait
for it, but reads a private copy of the last commit (`gate.py`).
"""

import contextlib
import json
import os
import secrets
from collections.abc import Generator, Mapping, Sequence
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any

from quintet.errors import QuintetError
from quintet.platform.clock import Clock, SystemClock
from quintet.platform.files import PRIVATE_FILE, clone, ensure_private_dir, explained, sync_dir
from quintet.platform.keys.port import DataKeys, NoKeys
from quintet.platform.store.attachment import DuckPool
from quintet.platform.store.connection import Connection, QueryFailed, RowRefused
from quintet.platform.store.gate import Gate
from quintet.platform.store.inbox import Inbox, InboxDamaged, Unreadable, Waiting, fold_rows, reject
from quintet.platform.store.lock import StoreBusy, StoreLock
from quintet.platform.store.migrations import (
    Migration,
    Schema,
    migrate,
    read_schema,
    refuse_foreign,
)
from quintet.platform.store.scratch import Scratch
from quintet.platform.store.segments import JournalDamaged
from quintet.platform.store.verdict import Head

_READER_PATIENCE_S = 0.25
_FOLD_PATIENCE_S = 0.05
_FOLD_BATCH_ROWS = 5000
_FOLD_BATCHES = 4
_BACKLOG_BYTES = 4 << 20


class Database:
    """A group's store. Safe for threads and processes; each transaction opens and closes the file.

    `read` sees the last commit and what `append` made durable before, unless a writer is at work:
    then it sees the last commit. Transactions of one thread do not nest.
    """

    def __init__(
        self,
        name: str,
        directory: Path,
        migrations: Sequence[Migration],
        *,
        keys: DataKeys | None = None,
        clock: Clock | None = None,
        lock_timeout_s: float = 30.0,
    ) -> None:
        self.name = name
        self.folder = directory / name
        self.path = self.folder / f"{name}.duckdb"
        self.migrations = tuple(migrations)
        self._keys = keys or NoKeys()
        self._clock = clock or SystemClock()
        self._lock_timeout_s = lock_timeout_s
        self._subject = f"the store of {name}"
        self._lock = StoreLock(self.folder / f"{name}.lock", self._clock, subject=self._subject)
        self._gate = Gate(self.path, self._clock, subject=self._subject)
        self._scratch = Scratch(self.folder / "scratch")
        self._pool = DuckPool(self._scratch, self._subject)
        self._inbox = Inbox(self.folder / "inbox", name, self._keys)

    @contextlib.contextmanager
    def read(self) -> Generator[Connection]:
        """The tables as of the last commit; the block can only read."""
        self._settle_if_idle()
        with contextlib.ExitStack() as held:
            connection = self._enter_for_reading(held)
            if self._schema_of(connection).pending(self.migrations):
                held.close()
                with self._writable("migrating"):
                    pass
                connection = self._enter_for_reading(held)
            yield connection

    @contextlib.contextmanager
    def write(self, why: str) -> Generator[Connection]:
        """One exclusive transaction: committed at the end of the block, or not at all."""
        self._work_off_backlog()
        with self._writable(why) as connection, _transaction(connection):
            yield connection

    def append(self, table: str, row: Mapping[str, Any]) -> None:
        """Make a row durable at once, without waiting for anyone who reads or writes.

        The next reader or writer finds it in `table`, whose primary key is `id`. A row whose id
        is already there changes nothing, so that appending again is safe.
        """
        self._inbox.add(table, row)

    def _settle_if_idle(self) -> None:
        """Create the store, or fold what waits for it; a reader does not queue for that."""
        if not self.path.exists():
            with self._writable("creating"):
                return
        with contextlib.suppress(StoreBusy):
            while self._inbox.size_bytes():
                with self._writable("folding", timeout_s=_FOLD_PATIENCE_S):
                    pass

    def _work_off_backlog(self) -> None:
        """Fold what is too much for one turn in several, so that others get theirs between."""
        while self._inbox.size_bytes() > _BACKLOG_BYTES:
            with self._writable("folding"):
                pass

    def _enter_for_reading(self, held: contextlib.ExitStack) -> Connection:
        source = self.path
        try:
            held.enter_context(self._lock.shared(_READER_PATIENCE_S))
        except StoreBusy:
            source = held.enter_context(self._scratch.used()) / "snapshot.duckdb"
            self._gate.copy_last_commit(source, self._lock_timeout_s)
        return held.enter_context(self._attached(source, read_only=True))

    @contextlib.contextmanager
    def _writable(self, why: str, timeout_s: float | None = None) -> Generator[Connection]:
        """The file open for writing, migrated, with what was waiting in the inbox folded in."""
        ensure_private_dir(self.folder)
        patience_s = self._lock_timeout_s if timeout_s is None else timeout_s
        with self._lock.exclusive(patience_s, why=why), contextlib.ExitStack() as opened:
            self._scratch.clear_dead()
            if not self.path.exists():
                self._create()
            with self._gate.opening(self._lock_timeout_s):
                connection = opened.enter_context(self._attached(self.path))
                connection.execute("CHECKPOINT store")
            try:
                self._migrate(connection)
                self._fold(connection)
                with self._checkpointed(connection):
                    yield connection
            finally:
                with self._gate.closing(self._lock_timeout_s):
                    opened.close()

    @contextlib.contextmanager
    def _checkpointed(self, connection: Connection) -> Generator[None]:
        """What the block commits becomes what the file says.

        A commit is durable before that: a checkpoint that fails is made up for by the next writer.
        """
        size_before_bytes = self.path.stat().st_size
        yield
        with (
            contextlib.suppress(QuintetError),
            self._gate.changing(self._lock_timeout_s, size_before_bytes=size_before_bytes),
        ):
            connection.execute("CHECKPOINT store")

    def _attached(
        self, path: Path, *, read_only: bool = False
    ) -> contextlib.AbstractContextManager[Connection]:
        keys = self._keys.candidates(self.name) if self._keys.is_sealed(self.name) else []
        return self._pool.attached(path, keys=keys, read_only=read_only)

    def _create(self) -> None:
        """A new store, migrated elsewhere and moved into place when it is whole."""
        with self._scratch.used() as scratch:
            draft = scratch / "new.duckdb"
            with self._attached(draft) as connection, _transaction(connection):
                self._apply(connection, self._schema_of(connection))
            with explained("create", self.path):
                draft.chmod(PRIVATE_FILE)
                os.replace(draft, self.path)
                sync_dir(self.folder)

    def _migrate(self, connection: Connection) -> None:
        schema = self._schema_of(connection)
        pending = schema.pending(self.migrations)
        if pending:
            self._back_up_before(pending[0])
            with self._checkpointed(connection), _transaction(connection):
                self._apply(connection, schema)

    def _apply(self, connection: Connection, schema: Schema) -> None:
        migrate(connection, schema, self.migrations, self._clock.now())

    def _schema_of(self, connection: Connection) -> Schema:
        schema = read_schema(connection)
        refuse_foreign(schema, self.migrations, self._subject)
        return schema

    def _back_up_before(self, migration: Migration) -> None:
        stamp = self._clock.now().strftime("%Y%m%dT%H%M%S")
        folder = ensure_private_dir(self.folder / "backups")
        name = f"{self.name}-{stamp}-before-{migration.number:04d}-{secrets.token_hex(2)}.duckdb"
        clone(self.path, folder / name)

    def _fold(self, connection: Connection) -> None:
        """Move waiting rows into their tables, up to what fits one turn.

        The place reached is part of the same commit: after a crash nothing is folded twice.
        """
        if not self._inbox.size_bytes():
            return
        stored = connection.value(_FOLDED)
        waiting = self._inbox.waiting(Head(**json.loads(stored)) if stored else None)
        try:
            for _ in range(_FOLD_BATCHES):
                batch = list(islice(waiting, _FOLD_BATCH_ROWS))
                if not batch:
                    break
                self._fold_batch(connection, batch)
                self._inbox.drop(through=batch[-1].place)
        except JournalDamaged as damage:
            self._fold_salvaged(connection, damage)

    def _fold_batch(self, connection: Connection, batch: Sequence[Waiting | Unreadable]) -> None:
        with self._checkpointed(connection):
            _fold_rows(connection, batch)
            with _transaction(connection):
                reached = json.dumps(asdict(batch[-1].place))
                connection.execute(_SET_FOLDED, [reached])

    def _fold_salvaged(self, connection: Connection, damage: JournalDamaged) -> None:
        """Keep what can be read, get the rest out of the way, and tell it once."""
        with self._inbox.salvaged() as rows:
            if rows:
                self._fold_batch(connection, rows)
        raise InboxDamaged(
            f"rows on their way into {self._subject} are damaged",
            why=f"{damage.why}; {len(rows)} whole ones were kept",
            hint=f"the damaged files are in {self.folder / 'inbox'}; run it again to go on",
        ) from damage


_FOLDED = "SELECT value FROM quintet.meta WHERE key = 'folded_seq'"
_SET_FOLDED = "INSERT OR REPLACE INTO quintet.meta VALUES ('folded_seq', ?)"


@contextlib.contextmanager
def _transaction(connection: Connection) -> Generator[None]:
    connection.execute("BEGIN")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(QuintetError):
            connection.execute("ROLLBACK")
        raise


def _fold_rows(connection: Connection, rows: Sequence[Waiting | Unreadable]) -> None:
    """All in one transaction; when one is refused, halve until that one stands alone."""
    try:
        with _transaction(connection):
            fold_rows(connection, rows)
    except (RowRefused, QueryFailed) as error:
        if len(rows) == 1:
            with _transaction(connection):
                reject(connection, rows[0], str(error))
            return
        _fold_rows(connection, rows[: len(rows) // 2])
        _fold_rows(connection, rows[len(rows) // 2 :])
