"""An index in PostgreSQL with pgvector, for when several machines share one."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING, Any

from quintet.errors import Kind, QuintetError
from quintet.retrieval import tables
from quintet.retrieval.index import Prepared, Reader
from quintet.retrieval.table_reader import TableReader

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from psycopg import Connection

# The tables of the migration for DuckDB, in the types of this database; the vectors are its own.
_SCHEMA = """
CREATE EXTENSION IF NOT EXISTS vector;
CREATE TABLE IF NOT EXISTS documents (
    number INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, digest TEXT NOT NULL,
    source TEXT NOT NULL, size_bytes BIGINT NOT NULL, modified_ns BIGINT NOT NULL,
    indexed_ns BIGINT NOT NULL, method TEXT NOT NULL, embedder TEXT NOT NULL, loader TEXT NOT NULL,
    title TEXT NOT NULL, at_s DOUBLE PRECISION NOT NULL, passages INTEGER NOT NULL,
    skipped TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS passages (
    number INTEGER PRIMARY KEY, document INTEGER NOT NULL, segment INTEGER NOT NULL,
    start_at INTEGER NOT NULL, end_at INTEGER NOT NULL, place TEXT NOT NULL, head TEXT NOT NULL,
    content TEXT NOT NULL, embedder TEXT, embedding vector
);
CREATE INDEX IF NOT EXISTS passages_of_document ON passages (document);
CREATE TABLE IF NOT EXISTS postings (
    segment INTEGER NOT NULL, term TEXT NOT NULL, numbers BYTEA NOT NULL, body BYTEA NOT NULL,
    head BYTEA NOT NULL, PRIMARY KEY (term, segment)
);
CREATE TABLE IF NOT EXISTS segments (
    number INTEGER PRIMARY KEY, embedder TEXT NOT NULL, passages INTEGER NOT NULL,
    numbers BYTEA NOT NULL, documents BYTEA NOT NULL, lengths BYTEA NOT NULL, vectors BYTEA NOT NULL
);
CREATE TABLE IF NOT EXISTS index_state (
    is_only BOOLEAN PRIMARY KEY DEFAULT TRUE CHECK (is_only), revision BIGINT NOT NULL,
    document INTEGER NOT NULL, passage INTEGER NOT NULL, segment INTEGER NOT NULL,
    has_rests BOOLEAN NOT NULL
);
INSERT INTO index_state VALUES (TRUE, 1, 1, 1, 1, FALSE) ON CONFLICT DO NOTHING;
"""
_TABLES = ("documents", "passages", "postings", "segments")
# Any number will do: whoever sets the tables up at the same time must ask for the same.
_SETUP_LOCK = 0x71_75_69_6E


class PostgresUnavailable(QuintetError):
    """The server cannot be reached, or refuses."""

    kind = Kind.UNAVAILABLE
    code = "retrieval.postgres_unavailable"


class PgIndex:
    """Tables in the schema to which the address leads; each use is one transaction."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._is_set_up = False

    @contextlib.contextmanager
    def reading(self) -> Generator[Reader]:
        with self._transaction() as connection:
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield PgReader(connection)

    def replace(self, paths: Sequence[str], prepared: Sequence[Prepared]) -> None:
        gone = {*paths, *(one.entry.path for one in prepared)}
        with self._transaction() as connection:
            sql = _Sql(connection)
            # One writer at a time: numbers are given out in order.
            sql.rows("SELECT revision FROM index_state FOR UPDATE")
            tables.forget(sql, sorted(gone))
            numbers = tables.take_in(sql, prepared, lambda _: b"")
            _embed(connection, numbers, prepared)
            tables.touch(sql)

    def erase(self) -> None:
        """Write the tables anew, so that nothing is left of the rows that were deleted."""
        self._set_up()
        with _explained(), self._connected(autocommit=True) as connection:
            for table in _TABLES:
                connection.execute(f"VACUUM (FULL) {table}".encode())
            tables.mark_clean(_Sql(connection))

    @contextlib.contextmanager
    def _transaction(self) -> Generator[Connection[Any]]:
        self._set_up()
        with _explained(), self._connected() as connection:
            yield connection

    def _set_up(self) -> None:
        if not self._is_set_up:
            with _explained(), self._connected() as connection:
                connection.execute("SELECT pg_advisory_xact_lock(%s)", [_SETUP_LOCK])
                connection.execute(_SCHEMA)
            self._is_set_up = True

    def _connected(self, *, autocommit: bool = False) -> Connection[Any]:
        import psycopg
        from psycopg.rows import dict_row

        return psycopg.connect(self._address, autocommit=autocommit, row_factory=dict_row)  # type: ignore[arg-type]


class PgReader(TableReader):
    """One read transaction."""

    def __init__(self, connection: Connection[Any]) -> None:
        super().__init__(_Sql(connection))
        self._connection = connection

    def nearness(self, vector: NDArray[np.float32], embedder: str) -> NDArray[np.float32] | None:
        import numpy as np

        found = self._connection.execute(
            "SELECT array_agg((CASE WHEN embedder = %s THEN 1 - (embedding <=> %s::vector) END)"
            "::float4 ORDER BY number) AS near FROM passages",
            [embedder, _told(vector)],
        ).fetchone()
        near = np.array((found and found["near"]) or [], np.float32)
        # A vector without length has no direction, and its cosine is no number.
        return np.nan_to_num(near) if np.isfinite(near).any() else None


class _Sql:
    """Statements as the shared tables write them."""

    def __init__(self, connection: Connection[Any]) -> None:
        self._connection = connection

    def execute(self, sql: str, params: Sequence[Any] = ()) -> None:
        self._connection.execute(sql.replace("?", "%s").encode(), params or None)

    def rows(self, sql: str, params: Sequence[Any] = ()) -> list[dict[str, Any]]:
        return self._connection.execute(sql.replace("?", "%s").encode(), params or None).fetchall()


def _embed(
    connection: Connection[Any], numbers: Sequence[int], prepared: Sequence[Prepared]
) -> None:
    rows = [
        (one.entry.embedder, one.vectors[at] if one.vectors is not None else None)
        for one in prepared
        for at in range(len(one.passages))
    ]
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE passages SET embedder = %s, embedding = %s::vector WHERE number = %s",
            [
                (embedder, _told(vector), number)
                for number, (embedder, vector) in zip(numbers, rows, strict=True)
                if vector is not None
            ],
        )


def _told(vector: NDArray[np.float32]) -> str:
    return f"[{','.join(map(str, vector.tolist()))}]"


@contextlib.contextmanager
def _explained() -> Generator[None]:
    """What the driver raises, in plain words; the address is not told, it may hold a password."""
    try:
        import psycopg
    except ImportError as error:
        raise PostgresUnavailable(
            "PostgreSQL cannot be reached from here", why="a part is missing", hint="ai setup pg"
        ) from error
    try:
        yield
    except psycopg.OperationalError as error:
        why = str(error).strip().splitlines()
        raise PostgresUnavailable(
            "the PostgreSQL server did not answer", why=why[0] if why else ""
        ) from error
    except psycopg.Error as error:
        why = str(error).strip().splitlines()
        raise QuintetError(
            "the index in PostgreSQL could not be used", why=why[0] if why else ""
        ) from error
