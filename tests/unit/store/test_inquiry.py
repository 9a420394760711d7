"""A person's own SQL reads the store, and can do nothing else whatever it tries."""

from pathlib import Path

import pytest

from quintet.errors import Kind, QuintetError, UsageError
from quintet.platform.store.connection import StatementRefused
from quintet.platform.store.database import Database
from quintet.platform.store.inquiry import QueryRefused, QueryTimedOut, query
from support.stores import FixedKeys, add, names, people


@pytest.fixture(params=["plain", "sealed"])
def store(tmp_path: Path, request: pytest.FixtureRequest) -> Database:
    store = people(tmp_path, keys=FixedKeys() if request.param == "sealed" else None)
    add(store, "ann", "bob")
    return store


def test_a_query_gives_columns_and_rows(store: Database) -> None:
    store.append("person", {"id": "eve", "name": "eve"})
    answer = query(store, "SELECT id, age FROM people")
    assert answer.columns == ("id", "age")
    assert answer.rows == (("ann", None), ("bob", None), ("eve", None))
    assert not answer.truncated


def test_rows_beyond_the_limit_are_left_out_and_that_is_said(store: Database) -> None:
    answer = query(store, "FROM range(10)", row_limit=3)
    assert len(answer.rows) == 3
    assert answer.truncated
    assert not query(store, "FROM range(3)", row_limit=3).truncated


@pytest.mark.parametrize(
    "sql", ["DESCRIBE person", "SHOW TABLES", "EXPLAIN SELECT 1", "WITH a AS (SELECT 1) FROM a"]
)
def test_reading_statements_of_every_kind_run(store: Database, sql: str) -> None:
    assert query(store, sql).rows


@pytest.mark.demand("STORE-10")
@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO person (id, name) VALUES ('x', 'x')",
        "UPDATE person SET name = 'x'",
        "DELETE FROM person",
        "DROP TABLE person",
        "CREATE TABLE x (i INTEGER)",
        "CREATE TEMP TABLE x (i INTEGER)",
        "CREATE OR REPLACE VIEW people AS SELECT 1",
        "COPY person TO '{folder}/out.csv'",
        "COPY person FROM '/etc/passwd'",
        "EXPORT DATABASE '{folder}/out'",
        "ATTACH '{folder}/out.duckdb'",
        "DETACH store",
        "INSTALL httpfs",
        "LOAD '{folder}/x.duckdb_extension'",
        "SET enable_external_access = true",
        "RESET lock_configuration",
        "PRAGMA threads = 4",
        "CALL pragma_version()",
        "BEGIN",
        "COMMIT",
        "CHECKPOINT",
        "VACUUM",
        "PREPARE p AS DELETE FROM person",
        "EXPLAIN ANALYZE DELETE FROM person",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM read_blob('/etc/*')",
        "SELECT * FROM read_json('{folder}/x.json')",
        "SELECT * FROM read_parquet('{folder}/x.parquet')",
        "SELECT * FROM parquet_metadata('{folder}/x.parquet')",
        "SELECT * FROM sniff_csv('/etc/passwd')",
        "SELECT * FROM glob('/etc/*')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM read_csv('https://example.org/x.csv')",
        "SELECT * FROM duckdb_secrets()",
        "SELECT getenv('HOME')",
        "SELECT 1; DELETE FROM person",
        "",
        ";",
        "SELEKT",
        "\x00",
    ],
)
def test_whatever_does_more_than_read_this_store_is_refused(
    store: Database, tmp_path: Path, sql: str
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises((QueryRefused, UsageError, StatementRefused, QuintetError)) as caught:
        query(store, sql.format(folder=folder))
    assert caught.value.kind in (Kind.REFUSED, Kind.USAGE, Kind.FAILED)
    assert list(folder.iterdir()) == []
    assert names(store) == ["ann", "bob"]


@pytest.mark.parametrize("function", ["read_csv", "read_text", "read_blob", "glob", "sniff_csv"])
def test_a_file_of_the_machine_is_refused_by_policy(store: Database, function: str) -> None:
    with pytest.raises(QueryRefused, match="nothing else"):
        query(store, f"SELECT * FROM {function}('/etc/passwd')")


def test_a_python_variable_is_no_table(store: Database) -> None:
    rows = [{"secret": 1}]
    with pytest.raises(StatementRefused, match="rows"):
        query(store, "SELECT * FROM rows")
    assert rows


def test_a_query_that_runs_too_long_is_stopped(store: Database) -> None:
    with pytest.raises(QueryTimedOut, match=r"longer than 0\.2 s"):
        query(store, "SELECT count(*) FROM range(100000000000)", timeout_s=0.2)
    assert names(store) == ["ann", "bob"]


def test_a_query_reads_beside_a_writer(store: Database) -> None:
    with store.write("long") as connection:
        connection.execute("DELETE FROM person")
        assert len(query(store, "FROM person").rows) == 2
