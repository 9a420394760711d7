"""A record in a folder of its own, with a clock and identifiers that repeat themselves."""

from pathlib import Path

from quintet.platform.clock import Clock, FakeClock
from quintet.platform.keys.port import DataKeys, NoKeys
from quintet.platform.record.record import Record
from quintet.platform.record.settings import RecordSettings
from quintet.platform.rng import SeededRng
from quintet.platform.store.journal import Journal


def record_at(
    directory: Path,
    *,
    clock: Clock | None = None,
    keys: DataKeys | None = None,
    settings: RecordSettings | None = None,
    seed: int = 1,
) -> Record:
    return Record(
        Journal(directory, "record"),
        directory,
        keys=keys or NoKeys(),
        clock=clock or FakeClock(),
        rng=SeededRng(seed),
        folder=directory.parent,
        settings=settings,
    )


class OneKey:
    """Every group that is named here is sealed under a key of its own, unless it is locked."""

    def __init__(self, *sealed: str, locked: bool = False, generation: int = 0) -> None:
        self._sealed = sealed
        self.locked = locked
        self.generation = generation

    def is_sealed(self, group: str) -> bool:
        return group in self._sealed

    def data_key(self, group: str) -> bytes:
        if self.locked or group not in self._sealed:
            raise LookupError(group)
        return f"{group}:{self.generation}".encode().ljust(32, b".")

    def candidates(self, group: str) -> list[bytes]:
        return [self.data_key(group)]


def tree_of(root: Path) -> dict[str, tuple[str, int, bytes]]:
    """Everything below a folder: type, mode and content, by relative path."""
    found: dict[str, tuple[str, int, bytes]] = {}
    for path in sorted(root.rglob("*")):
        info = path.lstat()
        name = str(path.relative_to(root))
        if path.is_symlink():
            found[name] = ("link", 0, str(path.readlink()).encode("utf-8", "surrogateescape"))
        elif path.is_dir():
            found[name] = ("dir", info.st_mode & 0o7777, b"")
        else:
            found[name] = ("file", info.st_mode & 0o7777, path.read_bytes())
    return found
