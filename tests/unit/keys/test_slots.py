"""Ways in: each kind opens the same keys, a limited one opens no more than its groups."""

import os
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest

from quintet.errors import Kind, NotFound, QuintetError, UsageError
from quintet.platform.keys.failures import ForeignKey, KeysLocked, KeysTampered, WrongKey
from quintet.platform.keys.keyset import LastSlot
from quintet.platform.keys.slots import keyfile
from quintet.platform.keys.slots.command import Command
from quintet.platform.keys.slots.keyfile import KeyFileExists, NoKeyFile, UnsafeKeyFile
from quintet.platform.keys.slots.keyring import Keyring
from quintet.platform.keys.slots.passphrase import PassphraseRefused
from quintet.platform.keys.slots.vault import MemoryVault
from quintet.platform.rng import SystemRng
from support.keyhome import CHEAP, KeyHome, Person, passphrase


@pytest.fixture
def home(tmp_path: Path) -> KeyHome:
    home = KeyHome(tmp_path / "home")
    home.keyset().ensure("life")
    home.keyset().ensure("code")
    return home


def test_a_passphrase_opens_when_the_key_file_is_gone(home: KeyHome) -> None:
    key = home.keyset().data_key("life")
    home.add_passphrase("correct horse battery")
    home.without_key_file()

    assert home.keyset(person=Person("correct horse battery")).data_key("life") == key


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_passphrase_opens_however_its_letters_were_composed(
    home: KeyHome, form: Literal["NFC", "NFD"]
) -> None:
    key = home.keyset().data_key("life")
    home.add_passphrase("Zoë läuft")
    home.without_key_file()
    typed = unicodedata.normalize(form, "Zoë läuft")

    assert home.keyset(person=Person(typed)).data_key("life") == key


@pytest.mark.parametrize("empty", ["", "   ", "\t\n"])
def test_an_empty_passphrase_is_refused(home: KeyHome, empty: str) -> None:
    before = home.path.read_bytes()
    with pytest.raises(PassphraseRefused):
        home.add_passphrase(empty)
    assert home.path.read_bytes() == before


@pytest.mark.demand("KEY-2")
def test_a_wrong_passphrase_is_called_wrong_and_may_be_tried_again(home: KeyHome) -> None:
    home.add_passphrase("right")
    home.without_key_file()
    person = Person("wrong", "", "right")

    home.keyset(person=person).data_key("life")

    assert person.heard[0] == ""
    assert "wrong" in person.heard[1]
    assert "empty" in person.heard[2]


@pytest.mark.demand("KEY-2")
def test_three_wrong_answers_end_it(home: KeyHome) -> None:
    home.add_passphrase("right")
    home.without_key_file()

    with pytest.raises(WrongKey) as caught:
        home.keyset(person=Person("a", "b", "c")).data_key("life")
    assert caught.value.kind is Kind.INTEGRITY


def test_a_person_who_gives_up_is_not_asked_again(home: KeyHome) -> None:
    home.add_passphrase("right")
    home.without_key_file()

    with pytest.raises(KeysLocked, match="you gave no answer"):
        home.keyset(person=Person(None)).data_key("life")


def test_a_recovery_code_opens(home: KeyHome) -> None:
    key = home.keyset().data_key("life")
    code = home.add_recovery()
    home.without_key_file()

    assert home.keyset(person=Person(code.lower().replace("-", " "))).data_key("life") == key


@pytest.mark.demand("KEY-9")
def test_a_typo_in_a_recovery_code_is_named_to_the_person_who_typed_it(home: KeyHome) -> None:
    code = home.add_recovery()
    home.add_passphrase("right")
    home.without_key_file()
    wrong = code[:13] + ("7" if code[13] != "7" else "8") + code[14:]
    person = Person(wrong, code)

    home.keyset(person=person).data_key("life")

    assert "group 3" in person.heard[1]


@pytest.mark.demand("KEY-11")
def test_a_key_file_limited_to_a_group_opens_that_group_alone(
    home: KeyHome, tmp_path: Path
) -> None:
    cron = home.add_key_file(tmp_path / "cron.key", "life")
    key = home.keyset().data_key("life")
    keyset = home.keyset(env={"AI_KEY_FILE": str(cron)})

    assert keyset.data_key("life") == key
    with pytest.raises(KeysLocked, match="opens no more than life"):
        keyset.data_key("code")
    with pytest.raises(KeysLocked):
        keyset.opened(None)
    with pytest.raises(KeysLocked):
        keyset.ensure("video")
    with pytest.raises(KeysLocked):
        keyset.rotate_master()


@pytest.mark.demand("KEY-11")
def test_a_limited_key_file_follows_every_rotation(home: KeyHome, tmp_path: Path) -> None:
    cron = home.add_key_file(tmp_path / "cron.key", "life")
    limited = home.keyset(env={"AI_KEY_FILE": str(cron)})
    limited.data_key("life")

    home.keyset().begin_rotation("life")
    assert limited.candidates("life") == home.keyset().candidates("life")
    home.keyset().finish_rotation("life")
    home.keyset().rotate_master()
    assert limited.candidates("life") == home.keyset().candidates("life")


def test_a_slot_for_a_group_without_a_key_is_refused(home: KeyHome, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="video"):
        home.add_key_file(tmp_path / "cron.key", "video")
    assert not (tmp_path / "cron.key").exists()


@pytest.mark.demand("KEY-8")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o777])
def test_a_key_file_that_others_may_read_is_refused(home: KeyHome, mode: int) -> None:
    home.key_file.chmod(mode)

    with pytest.raises(UnsafeKeyFile) as caught:
        home.keyset(env={"AI_KEY_FILE": str(home.key_file)}).data_key("life")
    assert caught.value.hint == f"chmod 600 '{home.key_file}'"
    with pytest.raises(KeysLocked, match="others may read"):
        home.keyset().data_key("life")


def test_a_key_file_is_never_overwritten(home: KeyHome, tmp_path: Path) -> None:
    path = tmp_path / "precious"
    path.write_text("mine")
    with pytest.raises(KeyFileExists):
        home.add_key_file(path)
    assert path.read_text() == "mine"


@pytest.mark.demand("KEY-2")
def test_a_key_file_of_another_keyset_is_called_foreign(home: KeyHome, tmp_path: Path) -> None:
    other = KeyHome(tmp_path / "other")
    other.keyset().ensure("life")

    with pytest.raises(ForeignKey, match="another keyset"):
        home.keyset(env={"AI_KEY_FILE": str(other.key_file)}).data_key("life")
    home.path.write_bytes(other.path.read_bytes())
    with pytest.raises(KeysLocked, match="another keyset"):
        home.keyset().data_key("life")


def test_a_key_file_of_a_removed_slot_opens_nothing(home: KeyHome, tmp_path: Path) -> None:
    path = home.add_key_file(tmp_path / "usb.key")
    kept = path.read_bytes()
    keyset = home.keyset()
    keyset.remove_slot(keyset.slot(keyfile.parse(kept, "").slot.slot_id).id)
    assert not path.exists()

    path.write_bytes(kept)
    path.chmod(0o600)
    with pytest.raises(WrongKey, match="removed"):
        home.keyset(env={"AI_KEY_FILE": str(path)}).data_key("life")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: b"",
        lambda data: b"\xff\xfe\x00",
        lambda data: data[:-12],
        lambda data: data.replace(b"quintet-key-1", b"quintet-key-9"),
        lambda data: data + data,
        lambda data: data.swapcase(),
        lambda data: bytes(100_000),
    ],
)
def test_a_spoiled_key_file_is_named(home: KeyHome, spoil: Callable[[bytes], bytes]) -> None:
    home.key_file.write_bytes(spoil(home.key_file.read_bytes()))

    with pytest.raises(QuintetError) as caught:
        home.keyset(env={"AI_KEY_FILE": str(home.key_file)}).data_key("life")
    assert str(home.key_file) in str(caught.value)
    with pytest.raises(KeysLocked):
        home.keyset().data_key("life")


def test_a_folder_or_nothing_in_place_of_a_key_file_is_named(home: KeyHome, tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none"):
        with pytest.raises(QuintetError, match=str(path)):
            home.keyset(env={"AI_KEY_FILE": str(path)}).data_key("life")


def test_a_key_file_may_come_through_a_pipe(home: KeyHome) -> None:
    reading, writing = os.pipe()
    os.write(writing, home.key_file.read_bytes())
    os.close(writing)
    env = {"AI_KEY_FILE": f"/dev/fd/{reading}"}

    assert home.keyset(env=env).data_key("life") == home.keyset().data_key("life")
    os.close(reading)


def test_not_a_key_file_and_a_wrong_key_are_one_kind_of_failure() -> None:
    assert issubclass(NoKeyFile, WrongKey)


@pytest.mark.demand("KEY-13")
def test_the_last_slot_that_opens_everything_stays(home: KeyHome, tmp_path: Path) -> None:
    home.add_key_file(tmp_path / "cron.key", "life")
    keyset = home.keyset()

    with pytest.raises(LastSlot):
        keyset.remove_slot(keyset.slot("made on first use").id)
    with pytest.raises(LastSlot):
        keyset.warnings_without(keyset.slot("made on first use").id)
    assert home.key_file.exists()


def test_removing_a_slot_warns_when_no_recovery_is_left(home: KeyHome, tmp_path: Path) -> None:
    home.add_key_file(tmp_path / "usb.key")
    home.add_recovery()
    keyset = home.keyset()

    assert keyset.warnings_without(keyset.slot("made on first use").id) == ()
    assert "recovery" in keyset.warnings_without(keyset.slot("recovery").id)[0]


def test_a_slot_is_found_by_kind_or_by_the_beginning_of_its_id(
    home: KeyHome, tmp_path: Path
) -> None:
    home.add_recovery()
    keyset = home.keyset()
    slot = keyset.slot("recovery")
    assert keyset.slot(slot.id[:6]) == slot

    home.add_key_file(tmp_path / "usb.key")
    with pytest.raises(UsageError, match="may be any of"):
        keyset.slot("keyfile")
    for nothing in ("passphrase", ""):
        with pytest.raises(NotFound):
            keyset.slot(nothing)


def test_a_command_opens_and_is_not_kept_in_the_keyset(home: KeyHome, tmp_path: Path) -> None:
    line = "printf 'from my password store\\n'"
    home.keyset().add_slot(Command(line, SystemRng(), cost=CHEAP))
    key = home.keyset().data_key("life")
    home.without_key_file()

    assert home.keyset(env={"AI_KEY_COMMAND": line}).data_key("life") == key
    assert b"printf" not in home.path.read_bytes()


def test_a_command_may_print_a_passphrase_or_a_key_file(home: KeyHome) -> None:
    home.add_passphrase("right")
    key = home.keyset().data_key("life")
    printing = f"cat '{home.key_file}'"

    assert home.keyset(env={"AI_KEY_COMMAND": printing}).data_key("life") == key
    assert home.keyset(env={"AI_KEY_COMMAND": "echo right"}).data_key("life") == key
    with pytest.raises(WrongKey):
        home.keyset(env={"AI_KEY_COMMAND": "echo wrong"}).data_key("life")


def test_typed_words_of_any_bytes_are_a_passphrase(home: KeyHome) -> None:
    odd = "a\udcff\x00b\ud800" + "長い" * 500
    home.keyset().add_slot(passphrase(odd))
    home.without_key_file()

    home.keyset(person=Person(odd)).data_key("life")


@pytest.mark.demand("KEY-3")
@pytest.mark.parametrize(
    "changed",
    [
        {"memory_kib": 1 << 40},
        {"memory_kib": -1},
        {"memory_kib": "64"},
        {"memory_kib": None},
        {"passes": 1 << 30},
        {"lanes": 1000},
        {"salt": "!"},
        {"salt": ""},
        {"salt": 5},
    ],
)
def test_changed_costs_of_a_passphrase_neither_fill_the_memory_nor_open(
    home: KeyHome, changed: dict[str, object]
) -> None:
    home.add_passphrase("right")
    home.without_key_file()
    fields = home.fields()
    fields["slots"][0]["parameters"].update(changed)
    home.rewrite(fields)

    with pytest.raises(KeysTampered, match="make no sense"):
        home.keyset(person=Person("right")).data_key("life")


def test_a_cheaper_guess_that_somebody_wrote_into_the_file_does_not_open(home: KeyHome) -> None:
    home.add_passphrase("right")
    home.without_key_file()
    fields = home.fields()
    fields["slots"][0]["parameters"]["memory_kib"] = 32
    home.rewrite(fields)

    with pytest.raises(WrongKey):
        home.keyset(person=Person("right", "right", "right")).data_key("life")


def test_a_changed_or_limited_keyring_entry_is_passed_over_with_its_reason(home: KeyHome) -> None:
    vault = MemoryVault()
    limited = home.keyset().add_slot(Keyring(vault, SystemRng()), groups=["life"])
    home.add_passphrase("right")
    home.without_key_file()

    home.keyset(vault=vault).data_key("life")
    with pytest.raises(KeysLocked, match="keyring: it opens no more than life"):
        home.keyset(vault=vault).data_key("code")
    document = home.keyset().document()
    assert document is not None
    for changed, said in (("not base64!", "was changed"), ("AAAA", "not the one")):
        vault.put(f"{document.id}/{limited.id}", changed)
        with pytest.raises(KeysLocked, match=said):
            home.keyset(vault=vault).data_key("life")
