"""A group's store as engines use it: read, write, or append what must not wait."""

import contextlib
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import Any

from quintet.platform.clock import Clock, SystemClock
from quintet.platform.files import FileFailure
from quintet.platform.keys.port import DataKeys, NoKeys
from quintet.platform.store.connection import Connection, StoreFull, transaction
from quintet.platform.store.lock import StoreBusy
from quintet.platform.store.migrations import Migration
from quintet.platform.store.storefile import StoreFile
from quintet.platform.trace import conventions
from quintet.platform.trace.span import begin

_FOLD_PATIENCE_S = 0.05
_BACKLOG_BYTES = 4 << 20


class Database:
    """One DuckDB file, used by many processes and threads at once.

    Each transaction opens the file, runs and closes it again under a lock. `read` sees the last
    commit and everything that `append` made durable before, unless a writer is at work: then it
    sees the last commit. Transactions of one thread do not nest, except a read in a write.
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
        self.file = StoreFile(
            name,
            directory,
            migrations,
            keys=keys or NoKeys(),
            clock=clock or SystemClock(),
            lock_timeout_s=lock_timeout_s,
        )

    @property
    def exists(self) -> bool:
        """Whether anything was ever stored, or waits to be."""
        return self.file.path.exists() or self.file.inbox.size_bytes() > 0

    @contextlib.contextmanager
    def read(self) -> Generator[Connection]:
        """The tables as of the last commit; the block can only read."""
        with begin(conventions.store(self.name, "read")):
            self.settle()
            with self.file.for_reading() as connection:
                yield connection

    @contextlib.contextmanager
    def write(self, why: str) -> Generator[Connection]:
        """One exclusive transaction: committed at the end of the block, or not at all."""
        with begin(conventions.store(self.name, "write")):
            self._work_off_backlog()
            with self.file.for_writing(why) as connection, transaction(connection):
                yield connection

    def append(self, table: str, row: Mapping[str, Any]) -> None:
        """Make a row durable at once, without waiting for anyone who reads or writes.

        The next reader or writer finds it in `table`, whose primary key is `id`. A row whose id
        is already there changes nothing, so that appending again is safe.
        """
        self.file.inbox.add(table, row)

    def settle(self) -> None:
        """Create the store, or fold what waits for it: not when someone else is at work, nor where
        the disk takes no more.
        """
        self.file.ensure_exists()
        with contextlib.suppress(StoreBusy, StoreFull, FileFailure):
            while self.file.inbox.size_bytes():
                with self.file.for_writing("folding", timeout_s=_FOLD_PATIENCE_S):
                    pass

    def _work_off_backlog(self) -> None:
        """Fold what is too much for one turn in several, so that others get theirs between."""
        while self.file.inbox.size_bytes() > _BACKLOG_BYTES:
            with self.file.for_writing("folding"):
                pass
