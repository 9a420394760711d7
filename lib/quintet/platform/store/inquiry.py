"""A person's own SQL over a store: it can read this store, and nothing else at all."""

import threading
from dataclasses import dataclass
from typing import Any

from quintet.errors import Kind, QuintetError, UsageError
from quintet.platform.store.connection import failures_explained
from quintet.platform.store.database import Database

ROW_LIMIT = 1000
TIMEOUT_S = 30.0
_LOCKDOWN = """
SET enable_external_access = false;
SET memory_limit = '1GB';
SET max_temp_directory_size = '4GB';
SET lock_configuration = true;
"""


class QueryRefused(QuintetError):
    """A statement that would do more than read this store."""

    kind = Kind.REFUSED
    code = "store.query_refused"


class QueryTimedOut(QuintetError):
    """A query that ran longer than it may."""

    code = "store.query_timed_out"


@dataclass(frozen=True, slots=True)
class Answer:
    """A query's result; `truncated` when there were more rows than were asked for."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    truncated: bool


def query(
    database: Database, sql: str, *, row_limit: int = ROW_LIMIT, timeout_s: float = TIMEOUT_S
) -> Answer:
    """Run one reading statement on the last commit."""
    file = database.file
    _require_reading(sql, file.subject)
    database.settle()
    with file.readable() as source, file.attached(source, read_only=True, kept=False) as connection:
        connection.execute(_LOCKDOWN)
        expired = threading.Event()

        def stop() -> None:
            expired.set()
            connection.interrupt()

        timer = threading.Timer(timeout_s, stop)
        timer.start()
        try:
            columns, rows = connection.table(sql, limit=row_limit + 1)
        except QuintetError as error:
            raise _retold(error, timeout_s if expired.is_set() else None) from error
        finally:
            timer.cancel()
    return Answer(tuple(columns), tuple(rows[:row_limit]), len(rows) > row_limit)


def _require_reading(sql: str, subject: str) -> None:
    import duckdb

    with failures_explained(subject):
        statements = duckdb.extract_statements(sql)
    if len(statements) != 1:
        raise UsageError(f"one statement at a time, not {len(statements)}")
    kind = statements[0].type
    if kind not in (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN):
        raise QueryRefused(
            f"{subject} can only be read here", why=f"{kind.name} statements do more than that"
        )


def _retold(error: QuintetError, timeout_s: float | None) -> QuintetError:
    if timeout_s is not None:
        return QueryTimedOut(
            f"the query took longer than {timeout_s:g} s and was stopped",
            hint="narrow it down, or allow more time",
        )
    if "disabled by configuration" in error.why or "disabled through configuration" in error.why:
        return QueryRefused("a query can read this store and nothing else", why=error.why)
    return error
