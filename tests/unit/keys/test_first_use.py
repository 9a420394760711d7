"""Encryption without a ceremony: the first engine that asks for it gets it."""

import base64
import stat
from pathlib import Path

import pytest

from quintet.errors import UsageError
from quintet.platform.keys.failures import KeysMissing
from quintet.platform.keys.slots.vault import MemoryVault
from support.keyhome import KeyHome


@pytest.fixture
def home(tmp_path: Path) -> KeyHome:
    return KeyHome(tmp_path)


@pytest.mark.demand("KEY-1")
def test_the_first_group_that_asks_gets_a_key_and_words_about_what_opens_it(home: KeyHome) -> None:
    told = home.keyset().ensure("life")

    assert len(home.keyset().data_key("life")) == 32
    assert any(str(home.key_file) in line and "can read the data" in line for line in told)


def test_a_group_keeps_its_key_and_the_next_one_gets_another(home: KeyHome) -> None:
    keyset = home.keyset()
    keyset.ensure("life")
    first = keyset.data_key("life")

    assert keyset.ensure("life") == ()
    assert keyset.ensure("code") == ("the data of code is encrypted from now on",)
    assert home.keyset().data_key("life") == first
    assert home.keyset().data_key("code") != first


def test_nothing_is_sealed_and_nothing_is_created_until_somebody_asks(home: KeyHome) -> None:
    assert not home.keyset().is_sealed("life")
    assert not home.paths.data_dir.exists()


def test_all_files_are_private(home: KeyHome) -> None:
    home.keyset().ensure("life")

    for path in (home.path, home.copy, home.key_file):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for folder in (home.paths.data_dir, home.paths.config_dir):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_desktop_keyring_gets_a_slot_of_its_own(home: KeyHome) -> None:
    vault = MemoryVault()
    home.keyset(vault=vault).ensure("life")
    key = home.keyset().data_key("life")
    home.without_key_file()

    assert not home.key_file.exists()
    assert home.keyset(vault=vault).data_key("life") == key


def test_a_name_that_is_no_group_is_refused(home: KeyHome) -> None:
    for name in ("", "../life", "Life", "a" * 50):
        with pytest.raises(UsageError):
            home.keyset().ensure(name)


@pytest.mark.demand("KEY-2")
def test_a_lost_keyset_is_not_replaced_while_its_copy_is_there(home: KeyHome) -> None:
    home.keyset().ensure("life")
    key = home.keyset().data_key("life")
    home.path.unlink()

    for attempt in (home.keyset().ensure, home.keyset().is_sealed, home.keyset().data_key):
        with pytest.raises(KeysMissing) as caught:
            attempt("life")
        assert caught.value.hint == f"cp '{home.copy}' '{home.path}'"

    home.path.write_bytes(home.copy.read_bytes())
    assert home.keyset().data_key("life") == key


@pytest.mark.demand("KEY-2")
def test_a_lost_keyset_is_not_replaced_while_its_key_file_is_there(home: KeyHome) -> None:
    home.keyset().ensure("life")
    home.path.unlink()
    home.copy.unlink()

    with pytest.raises(KeysMissing, match="is missing"):
        home.keyset().ensure("life")
    assert home.key_file.exists()


def test_a_group_without_a_key_is_named(home: KeyHome) -> None:
    home.keyset().ensure("life")

    with pytest.raises(KeysMissing, match="code"):
        home.keyset().data_key("code")


@pytest.mark.demand("KEY-14")
def test_no_open_key_lies_in_the_data_folder(home: KeyHome) -> None:
    keyset = home.keyset()
    keyset.ensure("life")
    contents = keyset.opened().contents
    assert contents is not None
    secrets = [contents.master, keyset.data_key("life"), *(slot.shared for slot in contents.slots)]

    written = b"".join(path.read_bytes() for path in home.paths.data_dir.iterdir())
    written += b"".join(_decoded(home))
    assert not [
        secret for secret in secrets if secret in written or secret.hex().encode() in written
    ]
    assert str(contents.master) not in repr(keyset.opened())


def _decoded(home: KeyHome) -> list[bytes]:
    slot = home.fields()["slots"][0]
    return [base64.b64decode(slot[name]) for name in ("public", "shared", "wrapped")]
