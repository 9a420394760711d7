"""One store's file and everything around it: who may open it now, and in which state it is found.

DuckDB's own lock is not relied on. A writer holds `<name>.lock` alone from before it opens the
file until after it has closed it. Readers share it; one that finds a writer at work does not wait
for it, but reads a private copy of the last commit (`gate.py`).
"""

import contextlib
import os
from collections.abc import Generator, Sequence
from pathlib import Path

from quintet.errors import QuintetError
from quintet.platform.clock import Clock
from quintet.platform.files import PRIVATE_FILE, clone, ensure_private_dir, explained, sync_dir
from quintet.platform.keys.port import DataKeys
from quintet.platform.store.attachment import DuckPool
from quintet.platform.store.backups import Backups
from quintet.platform.store.connection import Connection, transaction
from quintet.platform.store.folding import Folding
from quintet.platform.store.gate import Extent, Gate, wal_of
from quintet.platform.store.inbox import Inbox
from quintet.platform.store.lock import Deadline, StoreBusy, StoreLock
from quintet.platform.store.migrations import (
    Migration,
    Schema,
    migrate,
    read_schema,
    refuse_foreign,
)
from quintet.platform.store.scratch import Scratch

_READER_PATIENCE_S = 0.15
_PATIENCE_BESIDE_A_COPY_S = 0.02


class StoreFile:
    """`<directory>/<name>/<name>.duckdb` with its lock, gate, inbox, backups and scratch beside."""

    def __init__(
        self,
        name: str,
        directory: Path,
        migrations: Sequence[Migration],
        *,
        keys: DataKeys,
        clock: Clock,
        lock_timeout_s: float,
    ) -> None:
        self.name = name
        self.subject = f"the store of {name}"
        self.folder = directory / name
        self.path = self.folder / f"{name}.duckdb"
        self.migrations = tuple(migrations)
        self.clock = clock
        self.keys = keys
        self.scratch = Scratch(self.folder / "scratch")
        self.pool = DuckPool(self.scratch, self.subject)
        self.inbox = Inbox(self.folder / "inbox", name, keys)
        self.backups = Backups(self.folder / "backups", name, clock)
        self._lock_timeout_s = lock_timeout_s
        self._lock = StoreLock(self.path.with_suffix(".lock"), clock, subject=self.subject)
        self._gate = Gate(self.path, clock, subject=self.subject)

    def ensure_exists(self) -> None:
        """Create the store, unless somebody else does: then go on as soon as it is there."""
        deadline = Deadline(self._lock_timeout_s)
        while not self.path.exists():
            try:
                with self.for_writing("creating", timeout_s=_READER_PATIENCE_S):
                    return
            except StoreBusy:
                if not deadline.left_s():
                    raise

    @contextlib.contextmanager
    def for_reading(self) -> Generator[Connection]:
        """The last commit, beside other readers or out from under a writer."""
        with contextlib.ExitStack() as held:
            connection = self._enter_for_reading(held)
            if self.schema_of(connection).pending(self.migrations):
                held.close()
                with self.for_writing("migrating"):
                    pass
                connection = self._enter_for_reading(held)
            yield connection

    def _enter_for_reading(self, held: contextlib.ExitStack) -> Connection:
        self.pool.prepare(encrypts=self.keys.is_sealed(self.name))
        source = held.enter_context(self.readable())
        return held.enter_context(self.attached(source, read_only=True))

    @contextlib.contextmanager
    def readable(self) -> Generator[Path]:
        """A file that holds the last commit and does not change during the block."""
        with contextlib.ExitStack() as held:
            source = self.path
            has_copy = self._gate.has_copy()
            patience_s = _PATIENCE_BESIDE_A_COPY_S if has_copy else _READER_PATIENCE_S
            try:
                held.enter_context(self._lock.shared(patience_s))
            except StoreBusy:
                source = held.enter_context(self.scratch.used()) / "snapshot.duckdb"
                self._gate.copy_last_commit(source, self._lock_timeout_s)
            yield source

    def copy_last_commit(self, target: Path) -> None:
        """The last commit as a file of its own, without a WAL."""
        with self.readable() as source:
            clone(source, target)
            if wal_of(source).exists():
                clone(wal_of(source), wal_of(target))
        with self.attached(target) as connection:
            connection.execute("CHECKPOINT store")

    @contextlib.contextmanager
    def for_writing(self, why: str, timeout_s: float | None = None) -> Generator[Connection]:
        """The file to ourselves, migrated, with what was waiting in the inbox folded in."""
        self.pool.prepare(encrypts=self.keys.is_sealed(self.name))
        with self.held(why, timeout_s), self.opened() as connection:
            yield connection

    @contextlib.contextmanager
    def held(self, why: str, timeout_s: float | None = None) -> Generator[None]:
        """Nobody else has the file open; neither have we."""
        ensure_private_dir(self.folder)
        patience_s = self._lock_timeout_s if timeout_s is None else timeout_s
        with self._lock.exclusive(patience_s, why=why):
            self.scratch.clear_dead()
            yield

    @contextlib.contextmanager
    def opened(self) -> Generator[Connection]:
        """Inside `held`: the file open for writing and up to date, closed at the end."""
        if not self.path.exists():
            self._create()
        with contextlib.ExitStack() as opened:
            with self._gate.opening(self._lock_timeout_s):
                connection = opened.enter_context(self.attached(self.path))
                connection.execute("CHECKPOINT store")
            owner_pid = os.getpid()
            extent = Extent.of(self.path)
            try:
                self._migrate(connection)
                Folding(connection, self.inbox, self.subject, self.checkpointed).run()
                extent = Extent.of(self.path)
                with self.checkpointed(connection):
                    yield connection
            except BaseException:
                self._close(opened, owner_pid, uncommitted=extent)
                raise
            self._close(opened, owner_pid)

    def _close(
        self, opened: contextlib.ExitStack, owner_pid: int, *, uncommitted: Extent | None = None
    ) -> None:
        if os.getpid() != owner_pid:
            # A forked child that runs out of its parent's transaction must not end it.
            opened.pop_all()
            return
        with self._gate.closing(self._lock_timeout_s):
            opened.close()
        if uncommitted:
            uncommitted.restore()

    @contextlib.contextmanager
    def checkpointed(self, connection: Connection) -> Generator[None]:
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

    def attached(
        self, path: Path, *, read_only: bool = False, kept: bool = True
    ) -> contextlib.AbstractContextManager[Connection]:
        keys = self.key_candidates()
        return self.pool.attached(path, keys=keys, read_only=read_only, kept=kept)

    def key_candidates(self) -> list[bytes]:
        return self.keys.candidates(self.name) if self.keys.is_sealed(self.name) else []

    def replace_with(self, draft: Path) -> None:
        """Inside `held`: put a closed file in the place of ours, in one step."""
        with self._gate.opening(self._lock_timeout_s), explained("replace", self.path):
            draft.chmod(PRIVATE_FILE)
            # A WAL belongs to the old file, and would be taken for the new one's.
            wal_of(self.path).unlink(missing_ok=True)
            os.replace(draft, self.path)
            sync_dir(self.folder)
        with self._gate.closing(self._lock_timeout_s):
            pass

    def schema_of(self, connection: Connection) -> Schema:
        schema = read_schema(connection)
        refuse_foreign(schema, self.migrations, self.subject)
        return schema

    def _create(self) -> None:
        """A new store, migrated elsewhere and moved into place when it is whole."""
        with self.scratch.used() as scratch:
            draft = scratch / "new.duckdb"
            with self.attached(draft) as connection:
                self._apply(connection, self.schema_of(connection))
            self.replace_with(draft)

    def _migrate(self, connection: Connection) -> None:
        schema = self.schema_of(connection)
        if pending := schema.pending(self.migrations):
            self.backups.keep(self.path, f"before-{pending[0].number:04d}")
            with self.checkpointed(connection):
                self._apply(connection, schema)

    def _apply(self, connection: Connection, schema: Schema) -> None:
        with transaction(connection):
            migrate(connection, schema, self.migrations, self.clock.now())
