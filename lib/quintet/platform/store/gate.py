"""Lets readers copy the last commit out from under a writer at work.

While a writer's transaction runs, DuckDB leaves every block of the last checkpoint as it is: new
data goes to blocks that were free, a commit goes to the WAL. Only a checkpoint changes what the
file says. So a writer holds the gate exclusively while it opens, checkpoints and closes, and a
reader holds it shared while it copies. Before a checkpoint that may take long, the writer leaves
a copy of its own for readers who come in the meantime.
"""

import contextlib
import os
from collections.abc import Generator
from pathlib import Path

from quintet.platform.clock import Clock
from quintet.platform.files import FileFailure, clone
from quintet.platform.store.lock import Deadline, StoreBusy, StoreLock
from quintet.platform.store.scratch import process_lives

_PATIENCE_S = 0.15
# Above these a checkpoint takes tenths of a second; copying the file is cheaper for everyone.
_LARGE_WAL_BYTES = 2 << 20
_LARGE_GROWTH_BYTES = 32 << 20
_HEADERS_BYTES = 3 * 4096


class Gate:
    """One store's gate: the lock `<name>.gate`, and `<name>.published`, a copy for readers.

    `<name>.writing` names the process whose transaction is open, from after it opened the file
    until before it closes it. While that process lives, a WAL beside the file is its commit under
    way and no part of the last commit; otherwise a WAL is what a crash left, and part of it.
    """

    def __init__(self, path: Path, clock: Clock, *, subject: str) -> None:
        self._path = path
        self._published = path.with_suffix(".published")
        self._writing = path.with_suffix(".writing")
        self._lock = StoreLock(path.with_suffix(".gate"), clock, subject=subject)

    @contextlib.contextmanager
    def opening(self, timeout_s: float) -> Generator[None]:
        """A writer opens the file and brings it to a checkpoint in this block."""
        self._published.unlink(missing_ok=True)
        with self._lock.exclusive(timeout_s):
            yield
            self._writing.write_text(str(os.getpid()))

    @contextlib.contextmanager
    def changing(self, timeout_s: float, *, size_before_bytes: int) -> Generator[None]:
        """A writer checkpoints in this block; readers who come get the state before it."""
        if self._takes_long(size_before_bytes):
            draft = self._published.with_suffix(".publishing")
            draft.unlink(missing_ok=True)
            clone(self._path, draft, durable=False)
            draft.replace(self._published)
        try:
            with self._lock.exclusive(timeout_s):
                yield
        finally:
            self._published.unlink(missing_ok=True)

    @contextlib.contextmanager
    def closing(self, timeout_s: float) -> Generator[None]:
        """A writer closes the file in this block, also when a reader never ends its copying."""
        with contextlib.ExitStack() as held:
            with contextlib.suppress(StoreBusy):
                held.enter_context(self._lock.exclusive(timeout_s))
            self._writing.unlink(missing_ok=True)
            yield

    def copy_last_commit(self, target: Path, timeout_s: float) -> None:
        """The file as of the last commit, for a reader that could not get the store's lock."""
        deadline = Deadline(timeout_s)
        while True:
            try:
                with self._lock.shared(min(_PATIENCE_S, deadline.left_s())):
                    if self._copy(target):
                        return
            except StoreBusy:
                if self._copy_published(target):
                    return
                if not deadline.left_s():
                    raise

    def _copy(self, target: Path) -> bool:
        """Copy; tells whether the file still says the same. The gate sees to that, except for a
        reader that was stopped for so long that a writer went on without it.
        """
        clone(self._path, target, durable=False)
        wal = wal_of(self._path)
        if wal.exists() and not self._writer_lives():
            clone(wal, wal_of(target), durable=False)
        if _headers(target) == _headers(self._path):
            return True
        target.unlink()
        wal_of(target).unlink(missing_ok=True)
        return False

    def _copy_published(self, target: Path) -> bool:
        try:
            clone(self._published, target, durable=False)
        except FileFailure:
            return False
        return True

    def _takes_long(self, size_before_bytes: int) -> bool:
        wal = wal_of(self._path)
        wal_bytes = wal.stat().st_size if wal.exists() else 0
        growth_bytes = self._path.stat().st_size - size_before_bytes
        return wal_bytes > _LARGE_WAL_BYTES or growth_bytes > _LARGE_GROWTH_BYTES

    def _writer_lives(self) -> bool:
        try:
            return process_lives(int(self._writing.read_text()))
        except (OSError, ValueError):
            return False


def wal_of(path: Path) -> Path:
    """Where DuckDB keeps what was committed to a file since its last checkpoint."""
    return path.with_name(f"{path.name}.wal")


def _headers(path: Path) -> bytes:
    """The blocks that tell which others count, with a number that every checkpoint raises."""
    with path.open("rb") as stream:
        return stream.read(_HEADERS_BYTES)
