"""Looking after a store: checked to its last block, copied, put back, shrunk, handed out."""

import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from quintet.errors import NotFound, QuintetError, UsageError
from quintet.platform.files import FileFailure
from quintet.platform.store import gate
from quintet.platform.store.attachment import is_encrypted
from quintet.platform.store.backups import BackupDamaged
from quintet.platform.store.connection import NewerFormat, StoreDamaged, WrongKey
from quintet.platform.store.database import Database
from quintet.platform.store.export import Format, export
from quintet.platform.store.migrations import Migration
from quintet.platform.store.upkeep import Upkeep, View
from support.stores import PEOPLE, PETS, FixedKeys, add, names, people


@pytest.fixture(params=["plain", "sealed"])
def keys(request: pytest.FixtureRequest) -> FixedKeys | None:
    return FixedKeys() if request.param == "sealed" else None


@pytest.fixture
def store(tmp_path: Path, keys: FixedKeys | None) -> Database:
    store = people(tmp_path, keys=keys)
    add(store, "ann", "bob")
    return store


def spoil(path: Path) -> None:
    data = bytearray(path.read_bytes())
    for position in range(12288 + 50, len(data), 4096):
        data[position] ^= 1
    path.write_bytes(data)


def test_info_tells_how_a_store_stands(store: Database, keys: FixedKeys | None) -> None:
    store.append("nowhere", {"id": "x"})
    info = Upkeep(store).info()
    assert info.tables["main.person"] == 2
    assert info.migrations == ("0001_people",)
    assert info.encrypted is (keys is not None)
    assert info.views == (View("people", "Everyone we know"),)
    assert (info.inbox_bytes, info.rejected_rows, info.backups) == (0, 1, ())
    assert info.size_bytes == store.file.path.stat().st_size


def test_a_store_that_is_not_there_is_not_made_by_looking_at_it(tmp_path: Path) -> None:
    upkeep = Upkeep(people(tmp_path))
    for look in (upkeep.info, upkeep.check, upkeep.back_up, upkeep.vacuum, upkeep.views):
        with pytest.raises(NotFound, match="there is no store of people yet"):
            look()
    assert list(tmp_path.iterdir()) == []


def test_a_whole_store_passes_the_check(store: Database) -> None:
    check = Upkeep(store).check()
    assert check.ok
    assert check.tables["main.person"] == 2


def test_the_check_names_damage_and_leftovers(store: Database) -> None:
    store.append("nowhere", {"id": "x"})
    (store.file.inbox.folder / "people-inbox.000009.journal.damaged-ab").touch()
    problems = Upkeep(store).check().problems
    assert len(problems) == 2
    assert "1 appended rows fit no table" in problems[0]
    assert "damaged-ab" in problems[1]
    spoil(store.file.path)
    assert "damaged" in Upkeep(store).check().problems[0]


def test_a_backup_is_whole_proven_and_as_sealed_as_the_store(
    store: Database, tmp_path: Path, keys: FixedKeys | None
) -> None:
    store.append("person", {"id": "eve", "name": "eve"})
    backup = Upkeep(store).back_up()
    assert backup.tables["main.person"] == 3
    assert backup.path in store.file.backups.listed()
    assert is_encrypted(backup.path) is (keys is not None) is backup.manifest.encrypted
    assert backup.path.stat().st_mode & 0o077 == 0
    aside = Upkeep(store).back_up(tmp_path / "mine.duckdb")
    assert aside.path == tmp_path / "mine.duckdb"
    (tmp_path / "folder").mkdir()
    assert Upkeep(store).back_up(tmp_path / "folder").path.parent == tmp_path / "folder"


def test_a_backup_overwrites_nothing(store: Database, tmp_path: Path) -> None:
    (tmp_path / "mine").write_bytes(b"mine")
    with pytest.raises(FileFailure, match="exists already"):
        Upkeep(store).back_up(tmp_path / "mine")
    assert (tmp_path / "mine").read_bytes() == b"mine"


def test_a_backup_beside_a_writer_holds_the_last_commit(store: Database) -> None:
    with store.write("long") as connection:
        connection.execute("DELETE FROM person")
        assert Upkeep(store).back_up().tables["main.person"] == 2


def test_restoring_brings_back_what_was_and_keeps_what_is(store: Database) -> None:
    backup = Upkeep(store).back_up()
    add(store, "late")
    restored = Upkeep(store).restore(backup.path)
    assert names(store) == ["ann", "bob"]
    assert restored.kept
    Upkeep(store).restore(restored.kept)
    assert names(store) == ["ann", "bob", "late"]


def test_a_store_that_is_damaged_or_gone_is_restored(store: Database) -> None:
    backup = Upkeep(store).back_up()
    spoil(store.file.path)
    damaged = store.file.path.read_bytes()
    gate.wal_of(store.file.path).write_bytes(b"a wal of the damaged file")
    restored = Upkeep(store).restore(backup.path)
    assert names(store) == ["ann", "bob"]
    assert restored.kept
    assert restored.kept.read_bytes() == damaged
    assert gate.wal_of(restored.kept).read_bytes() == b"a wal of the damaged file"
    store.file.path.unlink()
    assert Upkeep(store).restore(backup.path).kept is None
    assert names(store) == ["ann", "bob"]


@pytest.mark.parametrize(
    ("harm", "error"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:-100]), BackupDamaged),
        (spoil, BackupDamaged),
        (lambda path: Path(f"{path}.json").write_text("{}"), BackupDamaged),
        (lambda path: Path(f"{path}.json").write_bytes(b"\xff" * 99), BackupDamaged),
        (lambda path: (Path(f"{path}.json").unlink(), spoil(path)), StoreDamaged),
        (lambda path: (Path(f"{path}.json").unlink(), path.write_bytes(b"")), StoreDamaged),
        (lambda path: path.unlink(), FileFailure),
    ],
)
def test_a_backup_that_is_not_whole_is_refused_and_the_store_stays(
    store: Database, harm: Callable[[Path], object], error: type[QuintetError]
) -> None:
    backup = Upkeep(store).back_up()
    add(store, "late")
    harm(backup.path)
    with pytest.raises(error):
        Upkeep(store).restore(backup.path)
    assert names(store) == ["ann", "bob", "late"]


def test_what_is_no_backup_of_ours_is_refused(store: Database, tmp_path: Path) -> None:
    other = Database("other", tmp_path, [Migration(1, "x", "CREATE TABLE x (id INTEGER)")])
    add_table = other.write("x")
    with add_table:
        pass
    if is_encrypted(store.file.path):
        pytest.skip("a plain file is sealed on its way in and then compared")
    with pytest.raises(QuintetError):
        Upkeep(store).restore(other.file.path)
    assert names(store) == ["ann", "bob"]


def test_a_backup_of_a_newer_version_is_refused(
    store: Database, tmp_path: Path, keys: FixedKeys | None
) -> None:
    newer = people(tmp_path / "newer", migrations=[PEOPLE, PETS], keys=keys)
    add(newer, "x")
    backup = Upkeep(newer).back_up()
    with pytest.raises(NewerFormat):
        Upkeep(store).restore(backup.path)


def test_a_plain_backup_is_sealed_on_its_way_into_a_sealed_store(tmp_path: Path) -> None:
    plain = people(tmp_path / "plain")
    add(plain, "ann")
    sealed = people(tmp_path / "sealed", keys=FixedKeys())
    add(sealed, "bob")
    Upkeep(sealed).restore(Upkeep(plain).back_up().path)
    assert names(sealed) == ["ann"]
    assert is_encrypted(sealed.file.path)


def test_a_backup_under_another_key_is_refused(tmp_path: Path) -> None:
    other = people(tmp_path / "other", keys=FixedKeys(b"o" * 32))
    add(other, "ann")
    backup = Upkeep(other).back_up()
    for keys in (None, FixedKeys()):
        store = people(tmp_path / f"store {keys is None}", keys=keys)
        add(store, "bob")
        with pytest.raises(WrongKey):
            Upkeep(store).restore(backup.path)
        assert names(store) == ["bob"]


def test_an_older_backup_is_migrated_after_it_was_restored(
    store: Database, tmp_path: Path, keys: FixedKeys | None
) -> None:
    backup = Upkeep(store).back_up()
    newer = people(tmp_path, migrations=[PEOPLE, PETS], keys=keys)
    add(newer, "late")
    Upkeep(newer).restore(backup.path)
    assert names(newer) == ["ann", "bob"]
    with newer.read() as connection:
        assert connection.rows("SELECT * FROM pet") == []


@pytest.mark.demand("STORE-9")
def test_what_was_deleted_is_gone_from_the_file_after_a_vacuum(tmp_path: Path) -> None:
    store = people(tmp_path)
    chance = random.Random(7)
    markers = [chance.randbytes(24).hex() for _ in range(500)]
    with store.write("planting") as connection:
        connection.insert("person", [{"id": marker, "name": marker} for marker in markers])

    def found() -> int:
        data = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
        return sum(marker.encode() in data for marker in markers[:400])

    with store.write("deleting") as connection:
        connection.execute("DELETE FROM person WHERE id IN (SELECT unnest(?))", [markers[:400]])
    assert found() > 0
    Upkeep(store).vacuum()
    assert found() == 0


def test_a_vacuum_keeps_rows_views_comments_and_rules(store: Database) -> None:
    before = Upkeep(store).info()
    after = Upkeep(store).vacuum()
    assert after.size_after_bytes <= after.size_before_bytes
    info = Upkeep(store).info()
    assert (info.tables, info.views, info.encrypted) == (
        before.tables,
        before.views,
        before.encrypted,
    )
    with pytest.raises(QuintetError, match="primary key"):
        add(store, "ann")


@pytest.mark.parametrize("form", list(Format))
def test_documented_views_are_exported_privately(
    store: Database, tmp_path: Path, form: Format
) -> None:
    (path,) = export(store, tmp_path / "out", form)
    assert path.name == f"people.{form}"
    assert path.stat().st_mode & 0o077 == 0
    match form:
        case Format.CSV:
            assert path.read_text().splitlines() == ["id,name,age", "ann,ann,", "bob,bob,"]
        case Format.JSONL:
            rows = [json.loads(line) for line in path.read_text().splitlines()]
            assert rows[0] == {"id": "ann", "name": "ann", "age": None}
        case Format.PARQUET:
            assert path.read_bytes()[:4] == b"PAR1"


def test_an_export_overwrites_nothing(store: Database, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="exists already"):
        export(store, tmp_path, Format.CSV)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["people"]
