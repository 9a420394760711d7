"""Numbered, append-only changes to a store's tables, each with its checksum in the store itself."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from importlib.resources import files
from itertools import pairwise

from quintet.errors import Kind, QuintetError
from quintet.platform.store.connection import Connection, NewerFormat

# The layout of the `quintet` schema: raised only when a store needs a newer program to be read.
FORMAT = 1

_FILE_NAME = re.compile(r"(\d{4})_([a-z0-9_]+)\.sql")
_BOOTSTRAP = """
CREATE SCHEMA IF NOT EXISTS quintet;
CREATE TABLE IF NOT EXISTS quintet.meta (key VARCHAR PRIMARY KEY, value VARCHAR NOT NULL);
CREATE TABLE IF NOT EXISTS quintet.migrations (
    number INTEGER PRIMARY KEY, name VARCHAR NOT NULL, checksum VARCHAR NOT NULL,
    applied_at TIMESTAMPTZ NOT NULL
);
CREATE TABLE IF NOT EXISTS quintet.rejected (
    id VARCHAR PRIMARY KEY, target VARCHAR NOT NULL, content VARCHAR NOT NULL,
    reason VARCHAR NOT NULL
);
"""


class MigrationChanged(QuintetError):
    """A change that this store went through is not the one that the program has now."""

    kind = Kind.INTEGRITY
    code = "store.migration_changed"


class MigrationUnsound(QuintetError):
    """A migration that no store can be trusted with: a mistake in the program."""

    code = "store.migration_unsound"


# DuckDB 1.x answers wrongly from a secondary index after a crash, and cannot copy a database whose
# tables refer to each other, which is how a store is shrunk and given another key.
_UNSOUND = re.compile(r"\bcreate\s+(unique\s+)?index\b|\breferences\b|\bforeign\s+key\b", re.I)
_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.S)


@dataclass(frozen=True, slots=True)
class Migration:
    """One step: run once per store, in the order of the numbers, never edited afterwards."""

    number: int
    name: str
    sql: str

    def __post_init__(self) -> None:
        if found := _UNSOUND.search(_COMMENT.sub(" ", self.sql)):
            raise MigrationUnsound(
                f"the migration {self.number:04d}_{self.name} cannot be used",
                why=f"a store takes no {' '.join(found[0].split()).upper()}",
            )

    @property
    def checksum(self) -> str:
        return sha256(self.sql.encode()).hexdigest()


def load_migrations(package: str) -> list[Migration]:
    """The files `migrations/NNNN_name.sql` of a package, in order."""
    found: list[Migration] = []
    for file in files(package).joinpath("migrations").iterdir():
        if match := _FILE_NAME.fullmatch(file.name):
            found.append(Migration(int(match[1]), match[2], file.read_text("utf-8")))
    found.sort(key=lambda migration: migration.number)
    for one, other in pairwise(found):
        if one.number == other.number:
            raise MigrationUnsound(
                f"the migration {one.number:04d} is there twice",
                why=f"{package} has {one.name} and {other.name}",
            )
    return found


@dataclass(frozen=True, slots=True)
class Schema:
    """What a store says about itself: empty for a file that was just created."""

    format: int
    applied: dict[int, str]

    def pending(self, known: Sequence[Migration]) -> list[Migration]:
        return [migration for migration in known if migration.number not in self.applied]


def read_schema(connection: Connection) -> Schema:
    exists = connection.value(
        "SELECT count(*) FROM duckdb_tables()"
        " WHERE database_name = 'store' AND schema_name = 'quintet' AND table_name = 'migrations'"
    )
    if not exists:
        return Schema(0, {})
    stored = connection.value("SELECT value FROM quintet.meta WHERE key = 'format'")
    rows = connection.rows("SELECT number, checksum FROM quintet.migrations")
    return Schema(int(stored or 0), {row["number"]: row["checksum"] for row in rows})


def refuse_foreign(schema: Schema, known: Sequence[Migration], subject: str) -> None:
    """Stop before touching a store that a newer or another program shaped."""
    newest = max((migration.number for migration in known), default=0)
    stored = max(schema.applied, default=0)
    if schema.format > FORMAT or stored > newest:
        raise NewerFormat(
            f"{subject} was written by a newer version of this program",
            why=f"it has format {schema.format}.{stored}; this version reads up to"
            f" {FORMAT}.{newest}",
            hint="update the program, or restore a backup made before: ai store restore",
        )
    for migration in known:
        if schema.applied.get(migration.number, migration.checksum) != migration.checksum:
            raise MigrationChanged(
                f"{subject} does not fit this version of the program",
                why=f"its migration {migration.number:04d}_{migration.name} was another one",
                hint="ai store check",
            )


def migrate(
    connection: Connection, schema: Schema, known: Sequence[Migration], at: datetime
) -> None:
    """Apply what is pending, all of it or nothing: the caller's transaction holds it together."""
    if not schema.format:
        connection.execute(_BOOTSTRAP)
        connection.execute("INSERT INTO quintet.meta VALUES ('format', ?)", [str(FORMAT)])
    for migration in schema.pending(known):
        connection.execute(migration.sql)
        connection.execute(
            "INSERT INTO quintet.migrations VALUES (?, ?, ?, ?)",
            [migration.number, migration.name, migration.checksum, at],
        )
