"""A transaction's way to SQL, and DuckDB's failures in plain words."""

import contextlib
import os
from collections.abc import Generator, Iterable, Mapping, Sequence
from datetime import UTC
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quintet.errors import Kind, QuintetError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, DuckDBPyRelation

_ROWS_PER_STATEMENT = 500
_ZONED = "TIMESTAMP WITH TIME ZONE"


class QueryFailed(QuintetError):
    """DuckDB did not accept or finish a statement."""

    code = "store.query_failed"


class StatementRefused(QuintetError):
    """A statement that makes no sense for this store: a table that it does not have, a value of a
    kind that no column takes.
    """

    code = "store.statement_refused"


class RowRefused(QuintetError):
    """A row breaks a rule of its table: a key that is there already, a value of another type."""

    code = "store.row_refused"


class StoreDamaged(QuintetError):
    """The file is not a store, or not whole any more."""

    kind = Kind.INTEGRITY
    code = "store.damaged"


class WrongKey(QuintetError):
    """The key at hand does not open this store."""

    kind = Kind.INTEGRITY
    code = "store.wrong_key"


class EncryptionUnavailable(QuintetError):
    """An encrypted store without the extension that encrypts: refused, never weakened."""

    kind = Kind.UNAVAILABLE
    code = "store.encryption_unavailable"


class NewerFormat(QuintetError):
    """A later version of the program wrote this store."""

    code = "store.newer_format"


class StoreFull(QuintetError):
    """The disk has no room for what was written; nothing of it was kept."""

    code = "store.disk_full"


class Connection:
    """One transaction on one store. Values are always bound, never put into the SQL text."""

    def __init__(self, duck: "DuckDBPyConnection", subject: str) -> None:
        self._duck = duck
        self._subject = subject
        self._owner_pid = os.getpid()

    def execute(self, sql: str, params: Sequence[Any] = ()) -> None:
        self._require_owner()
        with failures_explained(self._subject):
            self._duck.execute(sql, params or None)

    def _require_owner(self) -> None:
        if os.getpid() != self._owner_pid:
            raise QueryFailed(
                f"{self._subject} is in use by another process",
                why="this one was forked inside a transaction",
                hint="open the store anew in the child",
            )

    def rows(self, sql: str, params: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """All rows of a query; times with a zone come as aware datetimes in UTC."""
        names, found = self.table(sql, params)
        return [dict(zip(names, row, strict=True)) for row in found]

    def table(
        self, sql: str, params: Sequence[Any] = (), *, limit: int | None = None
    ) -> tuple[list[str], list[tuple[Any, ...]]]:
        """A query's columns and rows, at most `limit` of them."""
        self._require_owner()
        with failures_explained(self._subject):
            relation = self._relation(sql, params)
            if relation is None:
                return [], []
            names = relation.columns
            zoned = [str(kind) == _ZONED for kind in relation.types]
            if any(zoned):
                relation = relation.project(", ".join(map(_without_zone, zoned, count(1))))
            found = relation.fetchall() if limit is None else relation.fetchmany(limit)
        return names, [tuple(map(_with_zone, row, zoned)) for row in found] if any(zoned) else found

    def interrupt(self) -> None:
        """Stop what runs on this connection; may be called from another thread."""
        self._duck.interrupt()

    def value(self, sql: str, params: Sequence[Any] = ()) -> Any:
        """The first column of the first row; None when there is no row."""
        found = self.rows(sql, params)
        return next(iter(found[0].values())) if found else None

    def _relation(self, sql: str, params: Sequence[Any]) -> "DuckDBPyRelation | None":
        # The stubs leave out that a statement without a result has no relation.
        return self._duck.sql(sql, params=list(params) or None)

    def insert(
        self, table: str, rows: Iterable[Mapping[str, Any]], *, keep_existing: bool = False
    ) -> None:
        """Add rows that all have the same columns, many in one statement."""
        pending = list(rows)
        if not pending:
            return
        columns = list(pending[0])
        names = ", ".join(map(quoted, columns))
        row_marks = f"({', '.join('?' * len(columns))})"
        ending = " ON CONFLICT (id) DO NOTHING" if keep_existing else ""
        for start in range(0, len(pending), _ROWS_PER_STATEMENT):
            chunk = pending[start : start + _ROWS_PER_STATEMENT]
            marks = ", ".join([row_marks] * len(chunk))
            values = [row[column] for row in chunk for column in columns]
            sql = f"INSERT INTO {qualified(table)} ({names}) VALUES {marks}{ending}"
            self.execute(sql, values)


@contextlib.contextmanager
def transaction(connection: Connection) -> Generator[None]:
    """All of the block or nothing of it."""
    connection.execute("BEGIN")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(QuintetError):
            connection.execute("ROLLBACK")
        raise


# DuckDB hands out zoned times only where pytz is installed; as plain UTC it needs nothing.
def _without_zone(zoned: bool, position: int) -> str:
    return f"#{position}::TIMESTAMP AS c{position}" if zoned else f"#{position}"


def _with_zone(value: Any, zoned: bool) -> Any:
    return value.replace(tzinfo=UTC) if zoned and value is not None else value


def quoted(name: str) -> str:
    """An identifier that may stand in SQL text, whatever it is made of."""
    return '"' + name.replace('"', '""') + '"'


def literal(path: Path) -> str:
    """A path as SQL text, where DuckDB takes no bound value."""
    return "'" + os.fspath(path).replace("'", "''") + "'"


def qualified(table: str) -> str:
    """A table's name with or without its schema in front, quoted."""
    return ".".join(map(quoted, table.split(".", 1)))


@contextlib.contextmanager
def failures_explained(subject: str) -> Generator[None]:
    """Turn what DuckDB raises in the block into a `QuintetError` about this store."""
    import duckdb

    try:
        yield
    except (duckdb.Error, UnicodeError, RuntimeError) as error:
        if str(error) == "Query interrupted":
            # Ctrl-C while DuckDB runs: it swallows the interrupt and raises this in its place.
            raise KeyboardInterrupt from error
        raise explained_failure(error, subject) from error


def explained_failure(error: Exception, subject: str) -> QuintetError:
    """The failure in the words of this program, by DuckDB's class and, where it must, its text."""
    import duckdb

    text = str(error)
    why = text.splitlines()[0] if text else type(error).__name__
    damaged = StoreDamaged(f"{subject} is damaged", why=why, hint=_RESTORE)
    for sign, failure in _signs(subject, why).items():
        if sign in text:
            return failure
    match error:
        case (
            duckdb.ConstraintException()
            | duckdb.ConversionException()
            | duckdb.OutOfRangeException()
            | duckdb.TypeMismatchException()
        ):
            return RowRefused(f"{subject} did not take a row", why=why)
        case (
            duckdb.ParserException()
            | duckdb.BinderException()
            | duckdb.CatalogException()
            | duckdb.InvalidInputException()
            | duckdb.NotImplementedException()
            | duckdb.SyntaxException()
            | UnicodeError()  # text that is no Unicode, on its way into a statement
            | RuntimeError()
        ):
            return StatementRefused(f"{subject} does not understand a statement", why=why)
        case duckdb.InterruptException():
            return QueryFailed(f"the query on {subject} was stopped", why=why)
        case duckdb.FatalException() | duckdb.InternalException() | duckdb.SerializationException():
            return damaged
        case _:
            return QueryFailed(f"{subject} could not run a statement", why=why)


_RESTORE = "ai store check, then: ai store restore"


def _signs(subject: str, why: str) -> dict[str, QuintetError]:
    """DuckDB gives many failures one class; these words in its text tell them apart."""
    damaged = StoreDamaged(f"{subject} is damaged", why=why, hint=_RESTORE)
    wrong_key = WrongKey(
        f"{subject} does not open with this key",
        why="another key encrypted it",
        hint="ai key status",
    )
    full = StoreFull(
        f"{subject} could not be written",
        why="the disk is full",
        hint="free some space, then run it again; nothing was changed",
    )
    return {
        "Wrong encryption key": wrong_key,
        "without a key": WrongKey(
            f"{subject} is encrypted", why="no key was given for it", hint="ai key status"
        ),
        "is not encrypted": WrongKey(
            f"{subject} is not encrypted", why="its keys say that it should be"
        ),
        "read-only crypto module": encryption_unavailable(subject),
        "No space left": full,
        "Disk quota exceeded": full,
        "File too large": full,
        "not a valid DuckDB database file": damaged,
        "Corrupt": damaged,
        "AES tag differs": damaged,
        "Could not read enough bytes": damaged,
        "we can only read versions": NewerFormat(
            f"{subject} was written by a newer DuckDB",
            why=why,
            hint="pip install --upgrade quintet",
        ),
    }


def encryption_unavailable(subject: str) -> EncryptionUnavailable:
    return EncryptionUnavailable(
        f"{subject} is encrypted, and encryption is not available here",
        why="the package duckdb-extension-httpfs, which brings AES-256-GCM, is missing",
        hint="pip install duckdb-extension-httpfs==1.5.5",
    )
