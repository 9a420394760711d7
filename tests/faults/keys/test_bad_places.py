"""Folders that cannot be written, files of the wrong type: plain words, and nothing lost."""

from pathlib import Path

import pytest

from quintet.errors import QuintetError
from quintet.platform.keys.failures import KeysTampered
from support.full_disk import full_after
from support.keyhome import KeyHome


@pytest.fixture
def home(tmp_path: Path) -> KeyHome:
    return KeyHome(tmp_path)


def test_a_file_in_place_of_a_folder_is_named(home: KeyHome) -> None:
    home.paths.data_dir.write_text("in the way")
    for attempt in (home.keyset().ensure, home.keyset().is_sealed):
        with pytest.raises(QuintetError, match=str(home.paths.data_dir)):
            attempt("life")


def test_a_folder_in_place_of_the_keyset_is_named(home: KeyHome) -> None:
    home.path.mkdir(parents=True)
    with pytest.raises(QuintetError, match=r"keys\.json"):
        home.keyset().is_sealed("life")


def test_a_huge_keyset_is_refused_without_reading_it(home: KeyHome) -> None:
    home.keyset().ensure("life")
    with home.path.open("r+b") as stream:
        stream.truncate(1 << 40)
    with pytest.raises(QuintetError, match="larger"):
        home.keyset().data_key("life")


def test_a_damaged_keyset_without_a_copy_says_what_is_left_to_do(home: KeyHome) -> None:
    home.keyset().ensure("life")
    home.path.write_bytes(b"{}")
    home.copy.unlink()
    with pytest.raises(KeysTampered, match="format") as caught:
        home.keyset().data_key("life")
    assert "ai key import" in caught.value.hint


@pytest.mark.demand("KEY-5")
def test_a_disk_that_fills_up_at_any_write_loses_nothing(home: KeyHome) -> None:
    home.keyset().ensure("life")
    key = home.keyset().data_key("life")
    for allowed in range(8):
        with full_after(allowed):
            try:
                home.keyset().rotate_master()
            except QuintetError as error:
                assert "disk is full" in str(error)
        assert home.keyset().data_key("life") == key
    for allowed in range(3):
        fresh = KeyHome(home.paths.data_dir / str(allowed))
        with full_after(allowed), pytest.raises(QuintetError, match="disk is full"):
            fresh.keyset().ensure("life")
        fresh.keyset().ensure("life")
        fresh.keyset().data_key("life")
