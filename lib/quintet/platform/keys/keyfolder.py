"""Where a keyset lies on disk: `keys.json`, a second copy beside it, and the lock between writers.

Without the file all data is lost, as with a disk's LUKS header, so it is kept twice. The copy is
never used silently: an error names it, with the command that puts it back.
"""

import contextlib
import fcntl
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

from quintet.errors import QuintetError
from quintet.platform.files import ensure_private_dir, explained, read_bytes, write_atomic
from quintet.platform.keys.document import LIMIT_BYTES, Document, decode, encode
from quintet.platform.keys.failures import KeysBusy, KeysMissing, KeysTampered
from quintet.platform.store.lock import LockTimeout, locked

Stamp = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class KeyFolder:
    """The keyset's files in one folder. Reading takes no lock: a file is replaced whole."""

    directory: Path
    lock_timeout_s: float = 10.0

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
        try:
            return decode(read_bytes(self.path, LIMIT_BYTES))
        except KeysTampered as error:
            raise KeysTampered(
                f"{self.path} is damaged", why=error.why, hint=self._repair()
            ) from error

    def save(self, document: Document) -> None:
        data = encode(document)
        write_atomic(self.path, data)
        write_atomic(self.copy_path, data)

    def require_none_lost(self) -> None:
        """Refuse to go on as if there had never been a keyset where there was one."""
        if self.copy_path.exists():
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

    def _repair(self) -> str:
        try:
            decode(read_bytes(self.copy_path, LIMIT_BYTES))
        except QuintetError:
            return "put it back from a backup, or from an export: ai key import FILE"
        return self._restore()

    def _restore(self) -> str:
        return f"cp '{self.copy_path}' '{self.path}'"
