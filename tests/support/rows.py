"""A small store with one table, for effects on rows."""

from pathlib import Path
from typing import Any

from quintet.platform.store.database import Database
from quintet.platform.store.migrations import Migration

THINGS = Migration(
    1,
    "things",
    "CREATE TABLE things (id VARCHAR PRIMARY KEY, name VARCHAR, amount DECIMAL(12, 2),"
    " seen TIMESTAMP, tags VARCHAR[], raw BLOB)",
)


def things_at(directory: Path) -> Database:
    return Database("life", directory, [THINGS])


def rows_of(database: Database) -> list[dict[str, Any]]:
    with database.read() as connection:
        return connection.rows("SELECT * FROM things ORDER BY id")
