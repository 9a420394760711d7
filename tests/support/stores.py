"""Stores for tests: a small schema, keys that need no keyring, and what child processes run."""

import multiprocessing
import os
import time
from collections.abc import Callable, Sequence
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any

from quintet.platform.clock import FakeClock
from quintet.platform.keys.port import DataKeys, NoKeys
from quintet.platform.store.database import Database
from quintet.platform.store.journal import Journal
from quintet.platform.store.migrations import Migration

PEOPLE = Migration(
    1,
    "people",
    """
    CREATE TABLE person (id VARCHAR PRIMARY KEY, name VARCHAR NOT NULL, age INTEGER,
                         seen TIMESTAMPTZ);
    CREATE TABLE total (id INTEGER PRIMARY KEY, people BIGINT NOT NULL);
    INSERT INTO total VALUES (1, 0);
    CREATE VIEW people AS SELECT id, name, age FROM person ORDER BY id;
    COMMENT ON VIEW people IS 'Everyone we know';
    """,
)
PETS = Migration(2, "pets", "CREATE TABLE pet (id VARCHAR PRIMARY KEY, owner VARCHAR)")
SPAWN = multiprocessing.get_context("spawn")


class FixedKeys:
    """Seals every group with one key, which can be rotated; `begun` and `finished` can fail."""

    def __init__(self, key: bytes = b"k" * 32) -> None:
        self.keys = [key]

    def is_sealed(self, group: str) -> bool:
        return True

    def data_key(self, group: str) -> bytes:
        return self.keys[0]

    def candidates(self, group: str) -> list[bytes]:
        return list(self.keys)

    def begin_rotation(self, group: str) -> bytes:
        if len(self.keys) == 1:
            self.keys.append(bytes(byte ^ 0x55 for byte in self.keys[0]))
        return self.keys[1]

    def finish_rotation(self, group: str) -> None:
        self.keys = self.keys[-1:]


def people(
    directory: Path,
    *,
    migrations: Sequence[Migration] = (PEOPLE,),
    keys: DataKeys | None = None,
    lock_timeout_s: float = 30.0,
) -> Database:
    return Database(
        "people",
        directory,
        migrations,
        keys=keys or NoKeys(),
        clock=FakeClock(),
        lock_timeout_s=lock_timeout_s,
    )


def names(database: Database) -> list[str]:
    with database.read() as connection:
        return [row["name"] for row in connection.rows("SELECT name FROM person ORDER BY id")]


def add(database: Database, *found: str) -> None:
    with database.write("adding") as connection:
        for name in found:
            connection.execute("INSERT INTO person (id, name) VALUES (?, ?)", [name, name])
        connection.execute("UPDATE total SET people = (SELECT count(*) FROM person)")


def started(work: Callable[..., object], *args: Any) -> SpawnProcess:
    process = SPAWN.Process(target=work, args=args, daemon=True)
    process.start()
    return process


def wait_for(path: Path, timeout_s: float = 20.0) -> None:
    """Until another process has made this file; the one kind of waiting that tests may do."""
    end = time.monotonic() + timeout_s
    while not path.exists():
        assert time.monotonic() < end, f"{path} never came"
        time.sleep(0.002)


def hold_for_writing(directory: Path, held: Path, release: Path) -> None:
    """A writer that has changed something and does not come to an end until it is told."""
    with people(directory).write("a long import") as connection:
        connection.execute("INSERT INTO person (id, name) VALUES ('held', 'held')")
        held.touch()
        wait_for(release, 60)


def hold_for_reading(directory: Path, held: Path, release: Path) -> None:
    with people(directory).read():
        held.touch()
        wait_for(release, 60)


def append_people(directory: Path, worker: int, count: int, acknowledged: Path) -> None:
    """Append rows and note each one that was acknowledged, at once."""
    note = os.open(acknowledged, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    database = people(directory)
    for number in range(count):
        row_id = f"{worker}-{number}"
        database.append("person", {"id": row_id, "name": row_id})
        os.write(note, f"{row_id}\n".encode())


def write_people(directory: Path, worker: int, count: int, acknowledged: Path) -> None:
    note = os.open(acknowledged, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    database = people(directory, lock_timeout_s=60)
    for number in range(count):
        add(database, f"{worker}-{number}")
        os.write(note, f"{worker}-{number}\n".encode())


def append_entries(directory: Path, worker: int, count: int, acknowledged: Path) -> None:
    note = os.open(acknowledged, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    journal = Journal(directory, "log", segment_limit_bytes=4096)
    for number in range(count):
        journal.append(f"{worker}-{number}".encode())
        os.write(note, f"{worker}-{number}\n".encode())


def swell(
    directory: Path, rounds: int, rows: int, done: Path, keys: DataKeys | None, prefix: str = ""
) -> None:
    """Large transactions one after the other, each of which leaves a total that fits its rows."""
    database = people(directory, keys=keys, lock_timeout_s=60)
    (directory / f"begun-{prefix}").touch()
    for number in range(rounds):
        with database.write("swelling") as connection:
            connection.execute(
                "INSERT INTO person (id, name, age)"
                " SELECT ? || '-' || range, repeat('x', 200) || random(), range FROM range(?)",
                [f"{prefix}{number}", rows],
            )
            connection.execute("DELETE FROM person WHERE age % 3 = 0")
            connection.execute("UPDATE total SET people = (SELECT count(*) FROM person)")
    done.touch()
