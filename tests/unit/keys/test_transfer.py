"""Exports: the keyset in one file, for a safe place or another machine."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from quintet.platform.keys.failures import KeysLocked, KeysTampered, WrongKey
from quintet.platform.keys.keyset import Keyset
from quintet.platform.keys.transfer import KeysConflict, export, take_in
from quintet.platform.rng import SystemRng
from support.keyhome import KeyHome, Person, passphrase

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
pytestmark = pytest.mark.demand("KEY-15")


@pytest.fixture
def home(tmp_path: Path) -> KeyHome:
    home = KeyHome(tmp_path / "home")
    home.keyset().ensure("life")
    return home


@pytest.fixture
def other(tmp_path: Path) -> KeyHome:
    return KeyHome(tmp_path / "other")


def _export(keyset: Keyset) -> bytes:
    return export(keyset, passphrase("on paper"), rng=SystemRng(), created_at=NOON)


def test_an_export_becomes_the_keyset_of_an_empty_home(home: KeyHome, other: KeyHome) -> None:
    imported = take_in(other.keyset(), _export(home.keyset()), "on paper")

    assert (imported.is_new, imported.groups) == (True, ("life",))
    opened = other.keyset(person=Person("on paper"))
    assert opened.data_key("life") == home.keyset().data_key("life")


def test_an_export_holds_no_other_way_in(home: KeyHome) -> None:
    home.add_recovery()
    kinds = [slot["kind"] for slot in json.loads(_export(home.keyset()))["slots"]]
    assert kinds == ["passphrase"]


def test_an_export_needs_no_tool_to_be_put_back(home: KeyHome) -> None:
    key = home.keyset().data_key("life")
    home.path.write_bytes(_export(home.keyset()))
    home.key_file.unlink()
    assert home.keyset(person=Person("on paper")).data_key("life") == key


def test_an_export_opens_the_keyset_that_it_was_made_from(home: KeyHome) -> None:
    key = home.keyset().data_key("life")
    data = _export(home.keyset())
    home.key_file.unlink()
    with pytest.raises(KeysLocked):
        home.keyset().data_key("life")

    imported = take_in(home.keyset(), data, "on paper")

    assert not imported.is_new
    assert len(imported.slots) == 1
    assert home.keyset(person=Person("on paper")).data_key("life") == key
    assert take_in(home.keyset(), data, "on paper").slots == ()


def test_an_export_from_before_a_new_master_key_is_not_a_way_in(home: KeyHome) -> None:
    data = _export(home.keyset())
    home.keyset().rotate_master()
    with pytest.raises(WrongKey, match="master key was changed"):
        take_in(home.keyset(), data, "on paper")


def test_an_export_brings_its_groups_to_another_keyset(home: KeyHome, other: KeyHome) -> None:
    other.keyset().ensure("code")
    own = other.keyset().data_key("code")
    data = _export(home.keyset())

    assert take_in(other.keyset(), data, "on paper").groups == ("life",)
    assert other.keyset().data_key("life") == home.keyset().data_key("life")
    assert other.keyset().data_key("code") == own
    assert take_in(other.keyset(), data, "on paper").groups == ()


def test_a_group_that_both_keysets_have_is_refused(home: KeyHome, other: KeyHome) -> None:
    other.keyset().ensure("life")
    before = other.path.read_bytes()
    with pytest.raises(KeysConflict, match="life"):
        take_in(other.keyset(), _export(home.keyset()), "on paper")
    assert other.path.read_bytes() == before


def test_a_wrong_passphrase_or_a_cut_file_changes_nothing(home: KeyHome, other: KeyHome) -> None:
    data = _export(home.keyset())
    with pytest.raises(WrongKey):
        take_in(other.keyset(), data, "wrong")
    with pytest.raises(KeysTampered):
        take_in(other.keyset(), data[:-20], "on paper")
    assert not other.path.exists()


def test_an_import_over_a_damaged_keyset_sets_it_aside(home: KeyHome) -> None:
    key = home.keyset().data_key("life")
    data = _export(home.keyset())
    home.path.write_bytes(b"damaged")
    with pytest.raises(KeysTampered, match="damaged"):
        take_in(home.keyset(), data, "on paper")

    home.copy.write_bytes(b"damaged too")
    take_in(home.keyset(), data, "on paper")

    assert home.keyset(person=Person("on paper")).data_key("life") == key
    assert (home.paths.data_dir / "keys.damaged-1.json").read_bytes() == b"damaged"
