"""Headless and in order: nothing waits for a person who is not there."""

import time
from pathlib import Path

import pytest

from quintet.errors import Kind
from quintet.platform.keys.failures import KeysLocked, SlotUnavailable
from quintet.platform.keys.slots.command import output_of
from quintet.platform.keys.slots.vault import DesktopVault, MemoryVault
from support.keyhome import KeyHome, Person


@pytest.fixture
def home(tmp_path: Path) -> KeyHome:
    home = KeyHome(tmp_path / "home")
    home.keyset().ensure("life")
    return home


@pytest.mark.demand("KEY-6")
def test_with_nobody_there_it_ends_at_once_and_says_what_was_tried(home: KeyHome) -> None:
    home.add_passphrase("right")
    home.without_key_file()
    began_s = time.monotonic()

    with pytest.raises(KeysLocked) as caught:
        home.keyset(vault=DesktopVault()).data_key("life")

    assert time.monotonic() - began_s < 5
    assert caught.value.kind is Kind.NEEDS_APPROVAL
    for tried in ("AI_KEY_FILE", "session", str(home.key_file), "keyring", "no terminal"):
        assert tried in caught.value.why
    assert "ai key unlock --for 8h" in caught.value.hint


@pytest.mark.demand("KEY-6")
def test_a_person_is_not_asked_where_another_way_opens(home: KeyHome) -> None:
    home.add_passphrase("right")
    person = Person()
    home.keyset(person=person).data_key("life")
    assert person.heard == []


def test_a_person_is_not_asked_when_no_answer_could_help(home: KeyHome) -> None:
    home.add_key_file(home.paths.config_dir / "usb.key")
    home.without_key_file()
    person = Person()
    with pytest.raises(KeysLocked, match="no slot has a passphrase"):
        home.keyset(person=person).data_key("life")
    assert person.heard == []


def test_a_key_that_was_named_is_used_alone(home: KeyHome, tmp_path: Path) -> None:
    home.add_passphrase("right")
    person = Person("right")
    env = {"AI_KEY_COMMAND": "false"}
    with pytest.raises(SlotUnavailable, match="status 1"):
        home.keyset(env=env, person=person).data_key("life")
    assert person.heard == []


@pytest.mark.demand("KEY-6")
@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("sleep 30", "within 0.4 s"),
        ("sh -c 'sleep 30 & sleep 30'", "within 0.4 s"),
        ("yes", "more than"),
        ("false", "status 1"),
        ("true", "printed nothing"),
        ("/no/such/program", "No such file"),
        ("'", "quotation"),
        ("   ", "empty"),
    ],
)
def test_a_command_that_brings_no_key_is_given_up_on_with_its_reason(line: str, said: str) -> None:
    began_s = time.monotonic()
    with pytest.raises(SlotUnavailable, match=said):
        output_of(line, timeout_s=0.4)
    assert time.monotonic() - began_s < 4


def test_a_command_that_closes_its_output_and_stays_is_given_up_on() -> None:
    with pytest.raises(SlotUnavailable, match="did not end"):
        output_of("sh -c 'echo key; exec >&-; exec sleep 30'", timeout_s=0.4)


def test_a_pipe_that_nobody_writes_to_is_given_up_on(home: KeyHome, tmp_path: Path) -> None:
    import os

    from quintet.platform.keys.slots.intake import read_within

    os.mkfifo(tmp_path / "pipe", 0o600)
    fd = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    with pytest.raises(SlotUnavailable):
        read_within(fd, "the pipe", 0.1)
    os.close(fd)


def test_a_systemd_credential_opens_though_its_mode_shows_group_bits(
    home: KeyHome, tmp_path: Path
) -> None:
    key = home.keyset().data_key("life")
    credential = tmp_path / "ai-key"
    credential.write_bytes(home.key_file.read_bytes())
    credential.chmod(0o440)
    home.key_file.unlink()

    env = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    assert home.keyset(env=env).data_key("life") == key


def test_a_unit_with_other_credentials_is_as_one_without(home: KeyHome, tmp_path: Path) -> None:
    (tmp_path / "database-password").write_text("x")
    env = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    home.keyset(env=env).data_key("life")


def test_an_empty_keyring_is_no_reason_to_stop(home: KeyHome) -> None:
    vault = MemoryVault()
    home.keyset(vault=vault).ensure("code")
    home.add_passphrase("right")
    home.without_key_file()
    home.keyset(vault=MemoryVault(), person=Person("right")).data_key("life")


def test_a_command_that_was_given_up_on_leaves_no_process_behind(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    with pytest.raises(SlotUnavailable):
        output_of(f"sh -c 'sleep 30 & echo $! > {note}; wait'", timeout_s=0.4)
    status = Path(f"/proc/{note.read_text().strip()}/status")
    deadline_s = time.monotonic() + 5
    while status.exists() and "zombie" not in status.read_text():
        assert time.monotonic() < deadline_s, "the command's child outlives it"
        time.sleep(0.01)
