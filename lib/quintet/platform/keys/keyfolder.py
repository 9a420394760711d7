"""Where a keyset lies on disk: `keys.json`, a second copy beside it, and the lock between writers.

Without the file all data is lost, as with a disk's LUKS header, so it is kept twice. The copy is
never used silently: an error names it, with the command that puts it back.
"""

import contextlib
import fcntl
import itertools
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

from quintet.errors import QuintetError
from quintet.platform.files import (
    FileFailure,
    ensure_private_dir,
    explained,
    read_bytes,
    write_atomic,
)
from quintet.platform.keys.document import LIMIT_BYTES, Document, decode, encode
from quintet.platform.keys.failures import KeysBusy, KeysMissing, KeysTampered
from quintet.platform.store.lock import LockTimeout, locked

Stamp = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class KeyFolder:
    """The keyset's files in one folder. Reading takes no lock: a file is replaced whole."""

    directory: Path
    lock_timeout_s: float

    @property
    def path(self) -> Path:
        return self.directory / "keys.json"

    @property
    def copy_path(self) -> Path:
        return self.directory / "keys.copy.json"

    def stamp(self) -> Stamp | None:
        """Changes whenever the file does; `None` while there is no keyset."""
        with explained("read", self.path):
            try:
                status = self.path.stat()
            except FileNotFoundError:
                return None
        return status.st_ino, status.st_size, status.st_mtime_ns

    def load(self) -> Document:
        with self.naming_damage():
            return decode(read_bytes(self.path, LIMIT_BYTES))

    @contextlib.contextmanager
    def naming_damage(self) -> Generator[None]:
        """Whatever shows that the file is not what was written, say which file and what helps."""
        try:
            yield
        except KeysTampered as error:
            why = f"{error.what}: {error.why}"
            raise KeysTampered(
                f"{self.path} cannot be trusted", why=why, hint=self._repair()
            ) from error

    def save(self, document: Document) -> None:
        """Write both files. The caller holds the lock."""
        data = encode(document)
        # What a killed writer left behind may still open by a slot that was removed since.
        with explained("tidy up", self.directory):
            for stale in self.directory.glob(".keys.*.tmp"):
                stale.unlink(missing_ok=True)
        write_atomic(self.path, data)
        # The change is made: to report a failure now would be false.
        with contextlib.suppress(FileFailure):
            write_atomic(self.copy_path, data)

    def require_none_lost(self) -> None:
        """Refuse to go on as if there had never been a keyset where there was one."""
        with explained("look for", self.copy_path):
            is_lost = self.copy_path.exists()
        if is_lost:
            raise KeysMissing(
                f"{self.path} is missing", why="its copy is still there", hint=self._restore()
            )

    @contextlib.contextmanager
    def changing(self) -> Generator[None]:
        """Keep other writers out."""
        ensure_private_dir(self.directory)
        try:
            with locked(self.directory / "keys.lock", fcntl.LOCK_EX, self.lock_timeout_s):
                yield
        except LockTimeout as error:
            raise KeysBusy(
                "the keyset is busy",
                why="another process is changing it",
                hint="run it again in a moment",
            ) from error

    def has_whole_copy(self) -> bool:
        try:
            decode(read_bytes(self.copy_path, LIMIT_BYTES))
        except QuintetError:
            return False
        return True

    def set_aside(self) -> Path:
        """Move a damaged file out of the way, to a name that is not taken."""
        names = (self.directory / f"keys.damaged-{number}.json" for number in itertools.count(1))
        free = next(name for name in names if not name.exists())
        with explained("set aside", self.path):
            return self.path.rename(free)

    def _repair(self) -> str:
        if self.has_whole_copy():
            return self._restore()
        return "put it back from a backup, or from an export: ai key import FILE"

    def _restore(self) -> str:
        return f"cp '{self.copy_path}' '{self.path}'"
