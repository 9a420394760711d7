"""Lets readers copy the last commit out from under a writer at work.

While a writer's transaction runs, DuckDB leaves every block of the last checkpoint as it is: new
data goes to blocks that were free, a commit goes to the WAL. Only a checkpoint changes what the
file says. So a writer holds the gate exclusively while it opens, checkpoints and closes, and a
reader holds it shared while it copies. A copy stays for the next readers until the file says
something else; before a checkpoint that may take long, the writer sees to it that there is one.
"""

import contextlib
import os
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

from quintet.platform.clock import Clock
from quintet.platform.files import PRIVATE_FILE, FileFailure, clone, explained
from quintet.platform.store.lock import Deadline, StoreBusy, StoreLock
from quintet.platform.store.scratch import process_lives

_PATIENCE_S = 0.15
# Above these a checkpoint may take tenths of a second; copying the file is cheaper for everyone.
_LARGE_WAL_BYTES = 512 << 10
_LARGE_GROWTH_BYTES = 4 << 20
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
        with explained("remove", self._published):
            self._published.unlink(missing_ok=True)
        with self._lock.exclusive(timeout_s):
            yield
            self._note_writer(os.getpid())

    @contextlib.contextmanager
    def changing(self, timeout_s: float, *, size_before_bytes: int) -> Generator[None]:
        """A writer checkpoints in this block; readers who come get the state before it."""
        if self._takes_long(size_before_bytes):
            self._publish()
        try:
            with self._lock.exclusive(timeout_s):
                yield
        finally:
            self._withdraw()

    @contextlib.contextmanager
    def closing(self, timeout_s: float) -> Generator[None]:
        """A writer closes the file in this block, also when a reader never ends its copying."""
        with contextlib.ExitStack() as held:
            with contextlib.suppress(StoreBusy):
                held.enter_context(self._lock.exclusive(timeout_s))
            with contextlib.suppress(FileFailure):
                self._note_writer(0)
            self._withdraw()
            yield

    def has_copy(self) -> bool:
        """Whether a reader beside the writer at work will be served at once."""
        return self._published.exists()

    def copy_last_commit(self, target: Path, timeout_s: float) -> None:
        """The file as of the last commit, for a reader that could not get the store's lock."""
        deadline = Deadline(timeout_s)
        while True:
            try:
                with self._lock.shared(min(_PATIENCE_S, deadline.left_s())):
                    if self._copy(target):
                        return
            except StoreBusy:
                if self._take_published(target):
                    return
                if not deadline.left_s():
                    raise

    def _publish(self) -> None:
        draft = self._published.with_suffix(".publishing")
        # Without room for it readers wait a little longer, and nothing else happens.
        with contextlib.suppress(OSError, FileFailure):
            if self._published_is_current():
                return
            draft.unlink(missing_ok=True)
            clone(self._path, draft, durable=False)
            draft.replace(self._published)

    def _withdraw(self) -> None:
        with contextlib.suppress(OSError):
            self._published.unlink(missing_ok=True)

    def _note_writer(self, pid: int) -> None:
        # Always the same size: noting it again needs no room on a disk that is full.
        with explained("write", self._writing):
            fd = os.open(self._writing, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, PRIVATE_FILE)
            try:
                os.pwrite(fd, b"%-20d" % pid, 0)
            finally:
                os.close(fd)

    def _copy(self, target: Path) -> bool:
        """Copy; tells whether the file still says the same. The gate sees to that, except for a
        reader that was stopped for so long that a writer went on without it.
        """
        wal = wal_of(self._path)
        left_by_crash = wal.exists() and not self._writer_lives()
        if not left_by_crash and self._published_is_current():
            return self._take_published(target)
        clone(self._path, target, durable=False)
        if left_by_crash:
            clone(wal, wal_of(target), durable=False)
        if headers_of(target) != headers_of(self._path):
            target.unlink()
            wal_of(target).unlink(missing_ok=True)
            return False
        if not left_by_crash:
            with contextlib.suppress(OSError):
                os.link(target, self._published)
        return True

    def _take_published(self, target: Path) -> bool:
        """The same file under a name of our own: it stays ours when the writer removes its name."""
        try:
            os.link(self._published, target)
        except FileNotFoundError:
            return False
        except OSError:  # a file system without second names
            return self._cloned_published(target)
        return True

    def _cloned_published(self, target: Path) -> bool:
        try:
            clone(self._published, target, durable=False)
        except FileFailure:
            return False
        return True

    def _published_is_current(self) -> bool:
        try:
            return headers_of(self._published) == headers_of(self._path)
        except OSError:
            return False

    def _takes_long(self, size_before_bytes: int) -> bool:
        wal = wal_of(self._path)
        wal_bytes = wal.stat().st_size if wal.exists() else 0
        growth_bytes = self._path.stat().st_size - size_before_bytes
        return wal_bytes > _LARGE_WAL_BYTES or growth_bytes > _LARGE_GROWTH_BYTES

    def _writer_lives(self) -> bool:
        try:
            pid = int(self._writing.read_text())
            return pid > 0 and process_lives(pid)
        except (OSError, ValueError):
            return False


def wal_of(path: Path) -> Path:
    """Where DuckDB keeps what was committed to a file since its last checkpoint."""
    return path.with_name(f"{path.name}.wal")


@dataclass(frozen=True, slots=True)
class Extent:
    """How far a file reached when it was last checkpointed."""

    path: Path
    size_bytes: int
    headers: bytes

    @classmethod
    def of(cls, path: Path) -> "Extent":
        return cls(path, path.stat().st_size, headers_of(path))

    def restore(self) -> None:
        """Give back what a transaction took that was not committed; the file is closed."""
        # What cannot be given back is room that the next transaction uses.
        with contextlib.suppress(OSError):
            unchanged = headers_of(self.path) == self.headers and not wal_of(self.path).exists()
            if unchanged and self.path.stat().st_size > self.size_bytes:
                os.truncate(self.path, self.size_bytes)


def headers_of(path: Path) -> bytes:
    """The blocks that tell which others count, with a number that every checkpoint raises."""
    with path.open("rb") as stream:
        return stream.read(_HEADERS_BYTES)
