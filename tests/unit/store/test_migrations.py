"""Migrations: read from a package, in order, each sound, and none with what DuckDB gets wrong."""

import re
import sys
from importlib.resources import files
from pathlib import Path

import pytest

import quintet
from quintet.platform.store.migrations import Migration, MigrationUnsound, load_migrations

OUR_FILES = sorted(Path(str(files(quintet))).rglob("migrations/*.sql"))


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package `an_engine` with an empty folder of migrations."""
    (tmp_path / "an_engine" / "migrations").mkdir(parents=True)
    (tmp_path / "an_engine" / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    sys.modules.pop("an_engine", None)
    return tmp_path / "an_engine" / "migrations"


def test_migrations_are_read_in_order_and_other_files_are_left_out(package: Path) -> None:
    (package / "0010_later.sql").write_text("SELECT 10")
    (package / "0002_first.sql").write_text("SELECT 'ä'", "utf-8")
    (package / "README.md").write_text("not one")
    (package / "3_short.sql").write_text("not one")
    found = load_migrations("an_engine")
    assert [(m.number, m.name, m.sql) for m in found] == [
        (2, "first", "SELECT 'ä'"),
        (10, "later", "SELECT 10"),
    ]


def test_a_number_is_given_once(package: Path) -> None:
    (package / "0001_one.sql").write_text("SELECT 1")
    (package / "0001_other.sql").write_text("SELECT 2")
    with pytest.raises(MigrationUnsound, match="0001"):
        load_migrations("an_engine")


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE INDEX i ON t (a)",
        "create  unique\n index i on t (a)",
        "CREATE TABLE t (a INTEGER REFERENCES u (a))",
        "CREATE TABLE t (a INTEGER, FOREIGN KEY (a) REFERENCES u (a))",
    ],
)
def test_what_cannot_be_trusted_or_copied_is_refused(package: Path, sql: str) -> None:
    (package / "0001_one.sql").write_text(sql)
    with pytest.raises(MigrationUnsound):
        load_migrations("an_engine")


def test_words_in_comments_and_names_are_no_statements() -> None:
    Migration(1, "x", "-- no CREATE INDEX here\nCREATE TABLE cross_references (id VARCHAR)")


def test_a_checksum_tells_every_edit() -> None:
    assert Migration(1, "x", "SELECT 1").checksum != Migration(1, "x", "SELECT 1 ").checksum


@pytest.mark.skipif(not OUR_FILES, reason="no engine has tables yet")
def test_no_migration_of_ours_makes_a_secondary_index() -> None:
    for path in OUR_FILES:
        assert re.fullmatch(r"\d{4}_[a-z0-9_]+\.sql", path.name), path
        sql = re.sub(r"--.*", "", path.read_text("utf-8"))
        assert not re.search(r"create\s+(unique\s+)?index|references|foreign\s+key", sql, re.I), (
            path
        )
