"""A new data key takes the store, its backups and the history along, also when it is cut off."""

from pathlib import Path

import pytest

from quintet.app.rotation import rotate_data
from quintet.platform.keys.keyset import Keyset
from quintet.platform.record.groupkeys import GroupKeys
from quintet.platform.store.database import Database
from quintet.platform.store.migrations import Migration
from support.keyhome import KeyHome

MIGRATIONS = [Migration(1, "notes", "CREATE TABLE notes (id INTEGER PRIMARY KEY, text VARCHAR)")]
pytestmark = [pytest.mark.demand("KEY-5"), pytest.mark.slow]


class Cut(Exception):
    """The process is gone."""


class CutKeyset(Keyset):
    """A keyset whose process dies at one of the steps of a rotation."""

    cut_before_finishing = True

    def finish_rotation(self, group: str) -> None:
        if not self.cut_before_finishing:
            super().finish_rotation(group)
        raise Cut


class Sealed:
    """A group with a store and a history."""

    def __init__(self, root: Path) -> None:
        self.home = KeyHome(root)
        self.folder = root / "store"
        self.folder.mkdir()
        self.home.keyset().ensure("life")
        self.history().key("life")
        with self.database().write("a note") as connection:
            connection.execute("INSERT INTO notes VALUES (1, 'dentist')")

    def history(self, keyset: Keyset | None = None) -> GroupKeys:
        return GroupKeys(self.home.paths.data_dir / "record", keyset or self.home.keyset())

    def database(self, keyset: Keyset | None = None) -> Database:
        return Database("life", self.folder, MIGRATIONS, keys=keyset or self.home.keyset())

    def rotate(self, keyset: Keyset) -> None:
        rotate_data("life", keyset, history=self.history(keyset), database=self.database(keyset))

    def note(self) -> str:
        with self.database().read() as connection:
            return connection.value("SELECT text FROM notes")


@pytest.fixture
def sealed(tmp_path: Path) -> Sealed:
    return Sealed(tmp_path)


def test_the_store_and_the_history_open_with_the_new_key_alone(sealed: Sealed) -> None:
    record_key = sealed.history().key("life")
    old = sealed.home.keyset().data_key("life")
    sealed.rotate(sealed.home.keyset())

    assert sealed.home.keyset().candidates("life") != [old]
    assert len(sealed.home.keyset().candidates("life")) == 1
    assert sealed.note() == "dentist"
    assert sealed.history().key("life") == record_key


@pytest.mark.parametrize("is_finished", [False, True])
def test_a_rotation_that_was_cut_off_is_readable_and_done_by_the_next(
    sealed: Sealed, is_finished: bool
) -> None:
    record_key = sealed.history().key("life")
    keyset = CutKeyset(sealed.home.paths)
    keyset.cut_before_finishing = not is_finished
    with pytest.raises(Cut):
        sealed.rotate(keyset)

    assert sealed.note() == "dentist"
    assert sealed.history().key("life") == record_key
    sealed.rotate(sealed.home.keyset())
    assert sealed.note() == "dentist"
    assert sealed.history().key("life") == record_key
    assert len(sealed.home.keyset().candidates("life")) == 1


def test_a_group_without_a_store_takes_its_history_along(sealed: Sealed) -> None:
    keyset = sealed.home.keyset()
    keyset.ensure("code")
    record_key = sealed.history().key("code")
    rotate_data("code", keyset, history=sealed.history(keyset), database=None)
    assert sealed.history().key("code") == record_key
