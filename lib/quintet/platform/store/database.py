"""One DuckDB file, used by many processes: open, one transaction, close, all under a lock.

DuckDB's own lock is not relied on. A writer holds `<name>.lock` alone from before it opens the
file until after it has closed it. Readers share it; one that finds a writer at work does not wait
for it, but reads a private copy of the last commit. The gate, a second lock, is held by a writer
only while the file's committed state changes, and by a reader only while it copies.
"""

import contextlib
import os
import secrets
import shutil
from collections.abc import Generator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quintet.errors import QuintetError
from quintet.platform.clock import Clock, SystemClock
from quintet.platform.files import PRIVATE_FILE, clone, ensure_private_dir, explained, sync_dir
from quintet.platform.keys.port import DataKeys, NoKeys
from quintet.platform.store.attachment import attached
from quintet.platform.store.connection import Connection, QueryFailed, RowRefused
from quintet.platform.store.inbox import Inbox, Unreadable, Waiting, fold_rows, reject
from quintet.platform.store.lock import StoreBusy, StoreLock
from quintet.platform.store.migrations import (
    Migration,
    Schema,
    migrate,
    read_schema,
    refuse_foreign,
)

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_READER_PATIENCE_S = 0.3
_FOLD_PATIENCE_S = 0.05
_FOLD_BATCH_ROWS = 5000


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
        self._gate = StoreLock(self.folder / f"{name}.gate", self._clock, subject=self._subject)
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
        with self._writable(why) as duck, self._transaction(duck) as connection:
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
            if not self._inbox.is_empty():
                with self._writable("folding", timeout_s=_FOLD_PATIENCE_S):
                    return

    def _enter_for_reading(self, held: contextlib.ExitStack) -> Connection:
        source = self.path
        scratch = held.enter_context(self._scratch())
        try:
            held.enter_context(self._lock.shared(_READER_PATIENCE_S))
        except StoreBusy:
            source = self._snapshot(scratch)
        return Connection(held.enter_context(self._opened(source, scratch, True)), self._subject)

    def _snapshot(self, scratch: Path) -> Path:
        """A private copy of the last commit, made while the gate keeps it from changing."""
        target = scratch / "snapshot.duckdb"
        with self._gate.shared(self._lock_timeout_s):
            clone(self.path, target)
            if _wal(self.path).exists():
                clone(_wal(self.path), _wal(target))
        return target

    @contextlib.contextmanager
    def _writable(
        self, why: str, timeout_s: float | None = None
    ) -> Generator["DuckDBPyConnection"]:
        """The file open for writing, migrated, with nothing left in the inbox."""
        ensure_private_dir(self.folder)
        patience_s = self._lock_timeout_s if timeout_s is None else timeout_s
        with self._lock.exclusive(patience_s, why=why), self._scratch() as scratch:
            if not self.path.exists():
                self._create(scratch)
            with contextlib.ExitStack() as opened:
                with self._changing():
                    duck = opened.enter_context(self._opened(self.path, scratch, False))
                    duck.execute("CHECKPOINT store")
                try:
                    self._migrate(duck)
                    self._fold(duck)
                    yield duck
                finally:
                    with self._changing():
                        opened.close()

    @contextlib.contextmanager
    def _transaction(self, duck: "DuckDBPyConnection") -> Generator[Connection]:
        connection = Connection(duck, self._subject)
        connection.execute("BEGIN")
        try:
            yield connection
            with self._changing():
                connection.execute("COMMIT")
        except BaseException:
            with contextlib.suppress(QuintetError):
                connection.execute("ROLLBACK")
            raise

    def _changing(self) -> contextlib.AbstractContextManager[None]:
        return self._gate.exclusive(self._lock_timeout_s, why="committing")

    def _opened(
        self, path: Path, scratch: Path, read_only: bool
    ) -> contextlib.AbstractContextManager["DuckDBPyConnection"]:
        keys = self._keys.candidates(self.name) if self._keys.is_sealed(self.name) else []
        return attached(
            path, keys=keys, subject=self._subject, scratch=scratch / "spill", read_only=read_only
        )

    def _create(self, scratch: Path) -> None:
        """A new store, migrated elsewhere and moved into place when it is whole."""
        draft = scratch / "new.duckdb"
        with self._opened(draft, scratch, False) as duck:
            self._migrate(duck)
        with explained("create", self.path):
            draft.chmod(PRIVATE_FILE)
            os.replace(draft, self.path)
            sync_dir(self.folder)

    def _migrate(self, duck: "DuckDBPyConnection") -> None:
        schema = self._schema_of(Connection(duck, self._subject))
        if not schema.pending(self.migrations) and schema.format:
            return
        if schema.applied:
            self._back_up_before(schema.pending(self.migrations)[0])
        with self._transaction(duck) as connection:
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

    def _fold(self, duck: "DuckDBPyConnection") -> None:
        """Move waiting rows into their tables; the place reached is part of the same commit."""
        connection = Connection(duck, self._subject)
        while not self._inbox.is_empty():
            after = int(connection.value(_FOLDED) or 0)
            batch = list(islice(self._inbox.waiting(after=after), _FOLD_BATCH_ROWS))
            if batch:
                self._fold_rows(duck, batch)
                with self._transaction(duck):
                    connection.execute(_SET_FOLDED, [str(batch[-1].seq)])
            self._inbox.drop(through=batch[-1].seq if batch else after)

    def _fold_rows(self, duck: "DuckDBPyConnection", rows: Sequence[Waiting | Unreadable]) -> None:
        """All in one transaction; when one is refused, halve until that one stands alone."""
        try:
            with self._transaction(duck) as connection:
                fold_rows(connection, rows)
        except (RowRefused, QueryFailed) as error:
            if len(rows) > 1:
                self._fold_rows(duck, rows[: len(rows) // 2])
                self._fold_rows(duck, rows[len(rows) // 2 :])
                return
            with self._transaction(duck) as connection:
                reject(connection, rows[0], str(error))

    @contextlib.contextmanager
    def _scratch(self) -> Generator[Path]:
        """A folder of our own for spilled and copied data, removed afterwards."""
        folder = self.folder / "scratch" / f"{os.getpid()}-{secrets.token_hex(4)}"
        ensure_private_dir(folder)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


_FOLDED = "SELECT value FROM quintet.meta WHERE key = 'folded_seq'"
_SET_FOLDED = "INSERT OR REPLACE INTO quintet.meta VALUES ('folded_seq', ?)"


def _wal(path: Path) -> Path:
    return path.with_name(f"{path.name}.wal")
