"""A store: one transaction at a time, private files, and refusals in plain words."""

import gc
import os
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from quintet.errors import Kind, QuintetError, UsageError
from quintet.platform.store import attachment
from quintet.platform.store.connection import (
    EncryptionUnavailable,
    NewerFormat,
    QueryFailed,
    RowRefused,
    StatementRefused,
    StoreDamaged,
    WrongKey,
)
from quintet.platform.store.database import Database
from quintet.platform.store.inbox import InboxDamaged
from quintet.platform.store.lock import StoreBusy
from quintet.platform.store.migrations import Migration, MigrationChanged
from support.stores import PEOPLE, PETS, FixedKeys, add, names, people


@pytest.fixture(params=["plain", "sealed"])
def keys(request: pytest.FixtureRequest) -> FixedKeys | None:
    return FixedKeys() if request.param == "sealed" else None


@pytest.fixture
def store(tmp_path: Path, keys: FixedKeys | None) -> Database:
    return people(tmp_path, keys=keys)


def rejected(store: Database) -> list[dict[str, Any]]:
    with store.read() as connection:
        return connection.rows("SELECT * FROM quintet.rejected ORDER BY content")


def test_what_was_written_is_read_also_by_another(
    store: Database, tmp_path: Path, keys: FixedKeys | None
) -> None:
    assert names(store) == []
    add(store, "ann", "bob")
    assert names(people(tmp_path, keys=keys)) == ["ann", "bob"]
    with store.read() as connection:
        assert connection.value("SELECT people FROM total") == 2
        assert connection.value("SELECT 1 WHERE false") is None
        assert connection.rows("SELECT name, age FROM person WHERE id = ?", ["ann"]) == [
            {"name": "ann", "age": None}
        ]


def test_a_failed_transaction_leaves_nothing(store: Database) -> None:
    add(store, "ann")
    with pytest.raises(KeyError), store.write("failing") as connection:
        connection.execute("INSERT INTO person (id, name) VALUES ('bob', 'bob')")
        connection.execute("CREATE TABLE half (i INTEGER)")
        raise KeyError
    assert names(store) == ["ann"]
    with store.read() as connection, pytest.raises(StatementRefused, match="half"):
        connection.value("SELECT * FROM half")


def test_a_reader_cannot_write(store: Database) -> None:
    with store.read() as connection, pytest.raises(StatementRefused, match="read-only"):
        connection.execute("INSERT INTO person (id, name) VALUES ('bob', 'bob')")


def test_files_are_private_whatever_the_umask_and_nothing_is_left_over(
    store: Database, tmp_path: Path
) -> None:
    add(store, "ann")
    store.append("person", {"id": "bob", "name": "bob"})
    names(store)
    folder = tmp_path / "people"
    assert folder.stat().st_mode & 0o077 == 0
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert [path for path in files if path.stat().st_mode & 0o077] == []
    assert not list((folder / "scratch").iterdir())
    assert not list(folder.glob("*.wal"))


def test_no_file_stays_open_between_transactions(store: Database, tmp_path: Path) -> None:
    add(store, "ann")
    names(store)
    gc.collect()
    links = (Path(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd"))
    opened = [str(link.readlink()) for link in links if link.is_symlink()]
    assert [path for path in opened if str(tmp_path) in path] == []


def test_temporary_tables_do_not_outlive_their_transaction(store: Database) -> None:
    with store.write("temporary") as connection:
        connection.execute("CREATE TEMP TABLE person_draft (i INTEGER)")
    with store.read() as connection, pytest.raises(StatementRefused):
        connection.value("SELECT * FROM person_draft")


@pytest.mark.slow
def test_what_does_not_fit_the_memory_is_spilled_and_sealed_with_the_store(
    store: Database, keys: FixedKeys | None
) -> None:
    marker = "planted-in-what-spills"
    with store.write("spilling") as connection:
        connection.execute("SET memory_limit = '40MB'")
        connection.execute(
            "CREATE TEMP TABLE big AS SELECT ? || range AS name, random() FROM range(1000000)",
            [marker],
        )
        assert connection.value("SELECT count(*) FROM duckdb_temporary_files()")
        spilled = [path for path in store.file.folder.rglob("*.tmp") if path.is_file()]
        data = b"".join(path.read_bytes() for path in spilled)
        assert (marker.encode() in data) is (keys is None)
    assert list((store.file.folder / "scratch").iterdir()) == []
    assert names(store) == []


def test_times_with_a_zone_come_back_aware_and_in_utc(store: Database) -> None:
    moment = datetime(2026, 7, 1, 12, 30, tzinfo=UTC)
    with store.write("times") as connection:
        connection.execute("INSERT INTO person VALUES ('a', 'a', 1, ?)", [moment])
        connection.execute("INSERT INTO person VALUES ('b', 'b', 1, NULL)")
        returned = connection.rows("UPDATE person SET age = 2 WHERE id = 'a' RETURNING seen")
    assert returned == [{"seen": moment}]
    with store.read() as connection:
        seen = connection.rows("SELECT seen, age, seen FROM person ORDER BY id")
    assert seen[0]["seen"] == moment
    assert seen[1]["seen"] is None


@pytest.mark.slow
def test_many_rows_are_inserted_in_few_statements(store: Database) -> None:
    rows = [{"id": f"{number:04d}", "name": "x", "age": number} for number in range(1201)]
    with store.write("many") as connection:
        connection.insert("person", rows)
        connection.insert("main.person", rows[:3], keep_existing=True)
        connection.insert("person", [])
        assert connection.value("SELECT sum(age) FROM person") == 1200 * 1201 // 2
        with pytest.raises(RowRefused, match="0001"):
            connection.insert("person", rows[1:2])


@pytest.mark.slow
def test_two_threads_take_turns(store: Database) -> None:
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for step in range(5):
                add(store, f"{number}-{step}")
                names(store)
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(names(store)) == 15


def test_a_reader_inside_a_transaction_sees_the_last_commit(store: Database) -> None:
    add(store, "ann")
    with store.write("long") as connection:
        connection.execute("INSERT INTO person (id, name) VALUES ('bob', 'bob')")
        assert names(store) == ["ann"]
    assert names(store) == ["ann", "bob"]


def test_readers_beside_one_writer_share_a_copy_that_goes_with_it(
    store: Database, tmp_path: Path, keys: FixedKeys | None
) -> None:
    add(store, "ann")
    other = people(tmp_path, keys=keys)
    copy = store.file.folder / "people.published"
    with store.write("long") as connection:
        connection.execute("DELETE FROM person")
        assert names(other) == ["ann"]
        made = copy.stat()
        assert names(other) == ["ann"]
        assert copy.stat().st_ino == made.st_ino
    assert not copy.exists()
    assert names(other) == []
    with store.write("next"):
        assert names(other) == []


def test_a_copy_that_a_crash_left_is_not_taken_for_the_last_commit(
    store: Database, tmp_path: Path, keys: FixedKeys | None
) -> None:
    add(store, "ann")
    stale = store.file.path.read_bytes()
    add(store, "bob")
    (store.file.folder / "people.published").write_bytes(stale)
    assert names(store) == ["ann", "bob"]
    with store.write("long"):
        assert names(people(tmp_path, keys=keys)) == ["ann", "bob"]


def test_a_file_system_without_second_names_is_copied_on(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "link", refused)
    add(store, "ann")
    with store.write("long"):
        assert names(store) == ["ann"]
        (store.file.folder / "people.published").write_bytes(store.file.path.read_bytes())
        assert names(store) == ["ann"]


def test_a_second_writer_is_told_who_is_busy(store: Database, tmp_path: Path) -> None:
    impatient = people(tmp_path, lock_timeout_s=0.05)
    with (
        store.write("an import"),
        pytest.raises(StoreBusy, match=r"held by .* since .* an import") as caught,
        impatient.write("more"),
    ):
        pass
    assert caught.value.kind is Kind.BUSY


def test_a_forked_child_uses_the_store_on_its_own(store: Database) -> None:
    add(store, "parent")
    child = os.fork()
    if child == 0:
        status = 1
        try:
            add(store, "child")
            status = int(names(store) != ["child", "parent"])
        finally:
            os._exit(status)
    assert os.waitpid(child, 0)[1] == 0
    add(store, "parent again")
    assert names(store) == ["child", "parent", "parent again"]


def test_a_child_forked_inside_a_transaction_does_not_disturb_it(store: Database) -> None:
    add(store, "before")
    with store.write("forking") as connection:
        connection.execute("INSERT INTO person (id, name) VALUES ('inside', 'inside')")
        child = os.fork()
        if child == 0:
            os._exit(int(names(store) != ["before"]))
        assert os.waitpid(child, 0)[1] == 0
    assert names(store) == ["before", "inside"]


def test_a_child_that_runs_out_of_its_parents_transaction_does_not_end_it(
    store: Database,
) -> None:
    add(store, "before")
    parent = os.getpid()
    status = 0
    try:
        with store.write("forking") as connection:
            connection.execute("INSERT INTO person (id, name) VALUES ('inside', 'inside')")
            child = os.fork()
            if child:
                _, status = os.waitpid(child, 0)
    except QueryFailed as refused:
        if os.getpid() == parent:
            raise
        os._exit(int("forked inside" not in refused.why))
    if os.getpid() != parent:
        os._exit(2)
    assert status == 0
    assert names(store) == ["before", "inside"]


def test_appended_rows_are_there_for_the_next_reader(store: Database) -> None:
    for name in ("ann", "bob"):
        store.append("person", {"id": name, "name": name, "age": 7})
    assert names(store) == ["ann", "bob"]
    store.append("person", {"id": "eve", "name": "eve"})
    with store.write("counting") as connection:
        assert connection.value("SELECT count(*) FROM person") == 3


def test_appending_the_same_id_again_changes_nothing(store: Database) -> None:
    for name in ("ann", "another ann"):
        store.append("person", {"id": "ann", "name": name})
    assert names(store) == ["ann"]
    store.append("person", {"id": "ann", "name": "late ann"})
    assert names(store) == ["ann"]


def test_appending_needs_no_store_and_waits_for_nobody(store: Database) -> None:
    store.append("person", {"id": "first", "name": "first"})
    with store.write("long"):
        store.append("person", {"id": "second", "name": "second"})
        assert names(store) == ["first"]
    assert names(store) == ["first", "second"]


def test_rows_that_fit_no_table_are_kept_aside_and_block_nobody(store: Database) -> None:
    store.append("person", {"id": "ann", "name": "ann"})
    store.append("person", {"id": "bad", "name": "bad", "age": "no number"})
    store.append("person", {"id": "noname"})
    store.append("nowhere", {"id": "lost", "x": 1})
    store.append("person", {"id": "eve", "name": "eve"})
    assert names(store) == ["ann", "eve"]
    kept = rejected(store)
    assert [row["target"] for row in kept] == ["person", "nowhere", "person"]
    assert "Could not convert" in kept[0]["reason"]
    add(store, "on")
    assert len(rejected(store)) == 3


def test_a_row_deleted_after_folding_does_not_come_back(store: Database) -> None:
    store.append("person", {"id": "ann", "name": "ann"})
    with store.write("deleting") as connection:
        connection.execute("DELETE FROM person")
    assert names(store) == []


def test_an_inbox_that_was_made_anew_is_not_taken_for_folded(
    store: Database, tmp_path: Path
) -> None:
    for number in range(5):
        store.append("person", {"id": f"old{number}", "name": f"old{number}"})
    assert len(names(store)) == 5
    for path in (tmp_path / "people" / "inbox").iterdir():
        path.unlink()
    for number in range(5):
        store.append("person", {"id": f"new{number}", "name": f"new{number}"})
    assert len(names(store)) == 10


def test_a_damaged_inbox_is_told_once_and_what_is_whole_is_kept(
    store: Database, tmp_path: Path
) -> None:
    names(store)
    for number in range(5):
        store.append("person", {"id": f"n{number}", "name": f"n{number}"})
    (segment,) = (tmp_path / "people" / "inbox").glob("*.journal")
    data = bytearray(segment.read_bytes())
    data[data.index(b"QJF1", 200) + 70] ^= 0xFF
    segment.write_bytes(data)
    with pytest.raises(InboxDamaged, match="4 whole ones were kept") as caught:
        names(store)
    assert caught.value.kind is Kind.INTEGRITY
    assert len(names(store)) == 4
    store.append("person", {"id": "next", "name": "next"})
    assert "next" in names(store)


def test_a_row_needs_an_id_a_table_and_values_that_a_column_takes(store: Database) -> None:
    for table, row in (
        ("person", {"name": "x"}),
        ("person; drop table person", {"id": "x"}),
        ("person", {"id": "x", "name": object()}),
    ):
        with pytest.raises(UsageError):
            store.append(table, row)
    assert names(store) == []


def test_pending_migrations_run_after_a_backup_was_made(
    store: Database, tmp_path: Path, keys: FixedKeys | None
) -> None:
    add(store, "ann")
    newer = people(tmp_path, migrations=[PEOPLE, PETS], keys=keys)
    with newer.read() as connection:
        assert connection.rows("SELECT * FROM pet") == []
    (backup,) = newer.file.backups.listed()
    assert "before-0002" in backup.name
    assert names(newer) == ["ann"]
    assert newer.file.backups.listed() == [backup]


def test_a_store_of_a_newer_version_is_refused_and_not_touched(
    store: Database, tmp_path: Path, keys: FixedKeys | None
) -> None:
    add(people(tmp_path, migrations=[PEOPLE, PETS], keys=keys), "ann")
    before = store.file.path.read_bytes()
    for use in (store.read, lambda: store.write("x")):
        with pytest.raises(NewerFormat, match=r"it has format 1\.2; .* up to 1\.1"), use():
            pass
    assert store.file.path.read_bytes() == before


def test_a_store_with_a_newer_layout_is_refused(store: Database) -> None:
    with store.write("tampering") as connection:
        connection.execute("UPDATE quintet.meta SET value = '9' WHERE key = 'format'")
    with pytest.raises(NewerFormat, match=r"format 9\.1"):
        names(store)


def test_a_migration_that_was_edited_afterwards_is_refused(
    store: Database, tmp_path: Path, keys: FixedKeys | None
) -> None:
    add(store, "ann")
    edited = Migration(1, "people", PEOPLE.sql + "-- edited")
    with pytest.raises(MigrationChanged, match="0001_people"):
        names(people(tmp_path, migrations=[edited], keys=keys))


@pytest.mark.slow
def test_a_migration_that_fails_leaves_the_store_as_it_was(
    store: Database, tmp_path: Path, keys: FixedKeys | None
) -> None:
    add(store, "ann")
    broken = Migration(2, "broken", "CREATE TABLE half (i INTEGER); SELECT * FROM missing")
    for _ in range(2):
        with pytest.raises(StatementRefused, match="missing"):
            names(people(tmp_path, migrations=[PEOPLE, broken], keys=keys))
    assert names(store) == ["ann"]
    assert names(people(tmp_path, migrations=[PEOPLE, PETS], keys=keys)) == ["ann"]


@pytest.mark.parametrize("content", [b"", b"x", b"rubbish" * 10_000, b"\0" * 20_000])
def test_a_file_that_is_no_store_is_refused_and_kept(tmp_path: Path, content: bytes) -> None:
    store = people(tmp_path)
    names(store)
    store.file.path.write_bytes(content)
    for use in (store.read, lambda: store.write("x")):
        with pytest.raises(StoreDamaged, match="damaged") as caught, use():
            pass
        assert "restore" in caught.value.hint
    assert store.file.path.read_bytes() == content


def test_damaged_blocks_are_noticed(store: Database) -> None:
    add(store, *(f"name {number}" for number in range(50)))
    data = bytearray(store.file.path.read_bytes())
    for position in range(12288 + 50, len(data), 4096):
        data[position] ^= 1
    store.file.path.write_bytes(data)
    with pytest.raises(QuintetError) as caught:
        names(store)
    assert caught.value.kind is Kind.INTEGRITY


def test_another_key_is_refused_and_says_so(tmp_path: Path) -> None:
    add(people(tmp_path, keys=FixedKeys()), "ann")
    with pytest.raises(WrongKey, match="another key") as caught:
        names(people(tmp_path, keys=FixedKeys(b"x" * 32)))
    assert caught.value.kind is Kind.INTEGRITY
    with pytest.raises(WrongKey, match="no key was given"):
        names(people(tmp_path))


def test_a_plain_store_is_not_taken_for_a_sealed_one(tmp_path: Path) -> None:
    add(people(tmp_path), "ann")
    with pytest.raises(WrongKey, match="should be"):
        names(people(tmp_path, keys=FixedKeys()))


@pytest.mark.demand("STORE-7")
def test_without_the_extension_a_sealed_store_is_refused_and_never_weakened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(people(tmp_path, keys=FixedKeys()), "ann")
    monkeypatch.setattr(attachment, "extension_path", lambda version: None)
    for folder in (tmp_path, tmp_path / "new"):
        with pytest.raises(EncryptionUnavailable, match="not available") as caught:
            names(people(folder, keys=FixedKeys()))
        assert caught.value.kind is Kind.UNAVAILABLE
        assert "pip install" in caught.value.hint
    assert not (tmp_path / "new" / "people" / "people.duckdb").exists()
    assert names(people(tmp_path / "plain")) == []


def test_what_a_killed_process_left_in_scratch_goes_away(store: Database) -> None:
    names(store)
    left = store.file.folder / "scratch" / "4194305-dead"
    left.mkdir()
    (left / "snapshot.duckdb").write_bytes(b"private")
    ours = store.file.folder / "scratch" / f"{os.getpid()}-alive"
    ours.mkdir()
    add(store, "ann")
    assert not left.exists()
    assert ours.exists()


def test_a_statement_that_makes_no_sense_says_what_and_why(store: Database) -> None:
    with store.write("x") as connection, pytest.raises(StatementRefused) as caught:
        connection.execute("SELEKT 1")
    assert "does not understand" in caught.value.what
    assert "syntax error" in caught.value.why
