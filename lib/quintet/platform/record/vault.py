"""Old content kept for undo: outside any repository, private, once per content, blocks shared.

Groups share a shelf unless they are sealed; a sealed group has its own. Keeping and sweeping
exclude each other by a lock that spans the journaling of the intent.
"""

import contextlib
import fcntl
import os
from collections.abc import Collection, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

from quintet.platform.files import PRIVATE_FILE, ensure_private_dir, explained
from quintet.platform.record.groupkeys import GroupKeys
from quintet.platform.record.sealed_shelf import SealedShelf
from quintet.platform.record.settings import RecordSettings
from quintet.platform.record.shelf import PlainShelf

_YOUNG_S = 7 * 86400


@dataclass(frozen=True, slots=True)
class Usage:
    """What undo costs on disk."""

    contents: int
    size_bytes: int


class Vault:
    """All shelves, and the sweeping of what nothing needs any more."""

    def __init__(
        self, directory: Path, keys: GroupKeys, settings: RecordSettings | None = None
    ) -> None:
        self._directory = directory
        self._keys = keys
        self._limit_bytes = (settings or RecordSettings()).copy_limit_bytes

    def shelf(self, group: str) -> PlainShelf | SealedShelf:
        return self._sealed(group) if self._keys.is_sealed(group) else self._plain()

    @contextlib.contextmanager
    def held(self) -> Generator[None]:
        """While this is held nothing is swept: from keeping content until its intent is written."""
        with self._locked(fcntl.LOCK_SH):
            yield

    def usage(self) -> Usage:
        sizes = [path.stat().st_size for path in self._contents()]
        return Usage(len(sizes), sum(sizes))

    def sizes(self) -> dict[str, int]:
        """Bytes on disk by the name under which content lies."""
        return {path.name: path.stat().st_size for path in self._contents()}

    def names(self, digest: str, group: str) -> Iterator[str]:
        """The names under which a group's content may lie."""
        yield digest
        if self._keys.is_sealed(group):
            yield self._sealed(group).name(digest)

    def sweep(self, wanted: Collection[str], *, unknown: Collection[str] = ()) -> Usage:
        """Remove content whose name is not wanted; returns what was removed.

        What came in lately may belong to a plan that waits, and of the sealed groups in `unknown`
        nobody can say now what is wanted: both stay.
        """
        removed = freed_bytes = 0
        with self._locked(fcntl.LOCK_EX):
            newest_s = self._now_s() - _YOUNG_S
            for path in list(self._contents()):
                info = path.stat()
                is_known = path.relative_to(self._directory).parts[1] not in unknown
                if path.name not in wanted and is_known and info.st_mtime < newest_s:
                    path.unlink()
                    removed += 1
                    freed_bytes += info.st_size
        return Usage(removed, freed_bytes)

    def discard(self, names: Collection[str]) -> None:
        """Remove this content now."""
        with self._locked(fcntl.LOCK_EX):
            for path in list(self._contents()):
                if path.name in names:
                    path.unlink()

    def _plain(self) -> PlainShelf:
        return PlainShelf(self._directory / "plain", self._limit_bytes)

    def _sealed(self, group: str) -> SealedShelf:
        return SealedShelf(
            self._directory / "sealed" / group,
            lambda: self._keys.key(group),
            self._limit_bytes,
            before=self._plain(),
        )

    def _contents(self) -> Iterator[Path]:
        for folder in ("plain", "sealed"):
            for path in (self._directory / folder).rglob("*"):
                if path.is_file() and not path.is_symlink():
                    yield path

    def _now_s(self) -> float:
        """The time by which the file system stamps files, whatever the wall clock says."""
        lock = self._directory / "lock"
        os.utime(lock)
        return lock.stat().st_mtime

    @contextlib.contextmanager
    def _locked(self, how: int) -> Generator[None]:
        path = ensure_private_dir(self._directory) / "lock"
        with explained("lock", path):
            fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE_FILE)
        try:
            fcntl.flock(fd, how)
            yield
        finally:
            os.close(fd)
