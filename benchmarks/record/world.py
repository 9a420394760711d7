"""A random world of files and rows, random actions in it, and its fingerprint."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from random import Random

from quintet.platform.record.action import Action
from quintet.platform.record.effects.row import RowHandler, RowTarget
from quintet.platform.record.record import Record
from quintet.platform.store.database import Database
from quintet.platform.store.journal import Journal
from quintet.platform.store.migrations import Migration

_NAMES = [b"a", b"b", b"c.txt", b"d d", b"\xff\xfe", "é".encode(), b".hidden"]
_TABLE = Migration(
    1, "things", "CREATE TABLE things (id VARCHAR PRIMARY KEY, name VARCHAR, amount DECIMAL(9, 2))"
)


class World:
    """One folder of files, perhaps one table, and the record of what is done to them."""

    def __init__(self, folder: Path, *, rows: bool) -> None:
        self.files = folder / "files"
        self.store = Database("life", folder / "store", [_TABLE]) if rows else None
        self._folder = folder

    def record(self) -> Record:
        folder = self._folder / "record"
        record = Record(Journal(folder, "record"), folder)
        if store := self.store:
            record.register(RowHandler(lambda _: store))
        return record

    def seed(self, random: Random) -> None:
        self.files.mkdir(parents=True)
        for _ in range(random.randint(0, 8)):
            path = self._somewhere(random)
            if path.exists() or path.is_symlink():
                continue
            kind = random.random()
            if kind < 0.3:
                path.mkdir()
            elif kind < 0.4:
                path.symlink_to(random.choice(["a", "nowhere", "/etc/hostname"]))
            else:
                path.write_bytes(_content(random))
                path.chmod(random.choice([0o600, 0o644, 0o755, 0o444]))
        if self.store:
            with self.store.write("seed") as connection:
                connection.execute("DELETE FROM things")
                for id in random.sample("abcdef", random.randint(0, 4)):
                    connection.execute("INSERT INTO things VALUES (?, 'seed', 1.5)", [id])

    def fingerprint(self) -> str:
        """Everything that undo has to bring back, as one digest."""
        digest = hashlib.sha256()
        for path in sorted(self.files.rglob("*")):
            info = path.lstat()
            digest.update(os.fsencode(path.relative_to(self.files)) + b"\0")
            if path.is_symlink():
                digest.update(b"l" + os.fsencode(path.readlink()))
            else:
                digest.update(oct(info.st_mode).encode())
                digest.update(b"" if path.is_dir() else path.read_bytes())
            digest.update(b"\0")
        if self.store:
            with self.store.read() as connection:
                digest.update(repr(connection.rows("SELECT * FROM things ORDER BY id")).encode())
        return digest.hexdigest()

    def act(self, record: Record, random: Random) -> None:
        """One action with a few changes; now and then it fails in the middle."""
        try:
            with record.action("code", "play", "random changes") as action:
                for _ in range(random.randint(1, 5)):
                    self._change(record, action, random)
                if random.random() < 0.1:
                    raise _Failure
        except _Failure:
            pass

    def _change(self, record: Record, action: Action, random: Random) -> None:
        if self.store and random.random() < 0.2:
            _change_rows(record, action, random)
            return
        changes: list[Callable[[Record, Action, Random], None]] = [
            self._write,
            self._write,
            self._delete,
            self._move,
            self._chmod,
            self._link,
            self._make_folder,
        ]
        random.choice(changes)(record, action, random)

    def _write(self, _record: Record, action: Action, random: Random) -> None:
        path = self._somewhere(random)
        if random.random() < 0.2 and (path.is_dir() or _is_free(path)):
            path = path / "new" / "deep"
        if _is_free(path) or (path.is_file() and not path.is_symlink()):
            mode = random.choice([None, None, 0o600, 0o755])
            action.write_file(path, _content(random), mode)

    def _delete(self, record: Record, action: Action, random: Random) -> None:
        path = self._something(random)
        if path is None:
            return
        if path.is_dir() and not path.is_symlink():
            if not any(path.iterdir()):
                action.apply(record.effects.changes("code").removing_folder(path))
        else:
            action.delete_file(path)

    def _move(self, _record: Record, action: Action, random: Random) -> None:
        source, target = self._something(random), self._somewhere(random)
        if source is None or source == target or source in target.parents:
            return
        if _is_free(target) or (target.is_file() and not source.is_dir()):
            action.move_file(source, target)

    def _chmod(self, record: Record, action: Action, random: Random) -> None:
        path = self._something(random)
        if path and not path.is_symlink():
            mode = random.choice([0o700, 0o755, 0o750])
            action.apply(record.effects.changes("code").setting_mode(path, mode))

    def _link(self, record: Record, action: Action, random: Random) -> None:
        path = self._somewhere(random)
        if not path.is_dir() or path.is_symlink():
            to = random.choice(["a", "b", "../x"])
            action.apply_all(record.effects.changes("code").linking(path, to))

    def _make_folder(self, record: Record, action: Action, random: Random) -> None:
        path = self._somewhere(random)
        if _is_free(path):
            action.apply_all(record.effects.changes("code").making_folder(path / "x"))

    def _somewhere(self, random: Random) -> Path:
        folders = [p for p in sorted(self.files.rglob("*")) if p.is_dir() and not p.is_symlink()]
        return random.choice([self.files, *folders]) / os.fsdecode(random.choice(_NAMES))

    def _something(self, random: Random) -> Path | None:
        found = sorted(self.files.rglob("*"))
        return random.choice(found) if found else None


class _Failure(Exception):
    pass


def _change_rows(record: Record, action: Action, random: Random) -> None:
    handler = record.effects.handler("row", "code")
    assert isinstance(handler, RowHandler)
    effects = [
        handler.change(
            RowTarget("life", "things", {"id": id}),
            random.choice([None, {"name": str(random.random())}, {"amount": random.randint(0, 9)}]),
        )
        for id in random.sample("abcdef", random.randint(1, 3))
    ]
    action.apply_all(effects)


def _is_free(path: Path) -> bool:
    return not path.exists() and not path.is_symlink()


def _content(random: Random) -> bytes:
    return random.randbytes(random.choice([0, 1, 10, 200, 70_000]))
