"""What a person is told about what protects their data."""

from pathlib import Path

import pytest

from quintet.platform.keys.slots.vault import MemoryVault
from quintet.platform.keys.status import status_of
from support.keyhome import KeyHome


@pytest.fixture
def home(tmp_path: Path) -> KeyHome:
    return KeyHome(tmp_path)


def test_before_anything_was_encrypted_there_is_nothing_to_protect(home: KeyHome) -> None:
    status = status_of(home.keyset())
    assert not status.exists
    assert status.advice == ()


def test_a_key_file_alone_is_ready_for_the_night_and_could_be_stronger(home: KeyHome) -> None:
    home.keyset().ensure("life")
    status = status_of(home.keyset())

    assert [(group.name, group.generation) for group in status.groups] == [("life", 1)]
    assert [(slot.kind, slot.place) for slot in status.slots] == [("keyfile", str(home.key_file))]
    assert (status.unattended, status.by) == (("life",), "keyfile")
    assert not status.has_recovery
    assert any("ai key add recovery" in line for line in status.advice)
    assert any("ai key add passphrase" in line for line in status.advice)


def test_with_a_passphrase_and_without_the_key_file_nothing_opens_at_night(home: KeyHome) -> None:
    home.keyset().ensure("life")
    home.add_passphrase("right")
    assert any("ai key remove keyfile" in line for line in status_of(home.keyset()).advice)
    home.without_key_file()

    status = status_of(home.keyset())
    assert status.has_recovery
    assert (status.unattended, status.by, status.advice) == ((), "", ())


@pytest.mark.demand("KEY-11")
def test_a_limited_key_file_is_ready_for_its_groups(home: KeyHome, tmp_path: Path) -> None:
    home.keyset().ensure("life")
    home.keyset().ensure("code")
    cron = home.add_key_file(tmp_path / "cron.key", "life")

    status = status_of(home.keyset(env={"AI_KEY_FILE": str(cron)}))
    assert (status.unattended, status.by) == (("life",), "AI_KEY_FILE")
    assert [slot.opens for slot in status.slots] == [(), ("life",)]


def test_a_keyring_is_no_help_to_a_job_without_a_desktop(home: KeyHome) -> None:
    vault = MemoryVault()
    home.keyset(vault=vault).ensure("life")
    home.without_key_file()
    status = status_of(home.keyset(vault=vault))
    assert status.by == "keyring"
    assert any("--only" in line for line in status.advice)


def test_a_rotation_that_was_cut_and_a_session_are_shown(home: KeyHome) -> None:
    home.keyset().ensure("life")
    home.keyset().begin_rotation("life")
    home.keyset().unlock(60)
    status = status_of(home.keyset())
    assert status.groups[0].is_rotating
    assert status.is_unlocked
    assert any("ai key rotate --data life" in line for line in status.advice)
