"""New keys in place of old ones: readable throughout, and worthless to whoever had the old."""

import base64
from pathlib import Path

import pytest

from quintet.errors import UsageError
from quintet.platform.keys.contents import open_slot, open_with_master
from quintet.platform.keys.document import Ring, decode, encode_rings
from quintet.platform.keys.failures import KeysTampered
from quintet.platform.keys.slots import keyfile
from quintet.platform.keys.slots.passphrase import stretch
from quintet.platform.keys.wrapping import SlotKeys, slot_keys, unwrap, wrap
from support.keyhome import KeyHome, Person


@pytest.fixture
def home(tmp_path: Path) -> KeyHome:
    home = KeyHome(tmp_path / "home")
    home.keyset().ensure("life")
    return home


@pytest.mark.demand("KEY-5")
def test_a_rotation_keeps_both_keys_until_it_is_finished(home: KeyHome) -> None:
    old = home.keyset().data_key("life")
    new = home.keyset().begin_rotation("life")

    assert home.keyset().candidates("life") == [old, new]
    assert home.keyset().data_key("life") == old
    home.keyset().finish_rotation("life")
    assert home.keyset().candidates("life") == [new]


@pytest.mark.demand("KEY-5")
def test_a_rotation_that_was_cut_short_goes_on_with_the_same_key(home: KeyHome) -> None:
    assert home.keyset().begin_rotation("life") == home.keyset().begin_rotation("life")


def test_a_rotation_can_be_taken_back(home: KeyHome) -> None:
    old = home.keyset().data_key("life")
    abandoned = home.keyset().begin_rotation("life")
    home.keyset().cancel_rotation("life")

    assert home.keyset().candidates("life") == [old]
    assert home.keyset().begin_rotation("life") != abandoned


def test_ending_a_rotation_that_was_never_begun_changes_nothing(home: KeyHome) -> None:
    before = home.path.read_bytes()
    home.keyset().finish_rotation("life")
    home.keyset().cancel_rotation("life")
    assert home.path.read_bytes() == before
    for step in ("begin_rotation", "finish_rotation", "cancel_rotation"):
        with pytest.raises(UsageError, match="video"):
            getattr(home.keyset(), step)("video")


def test_a_new_master_key_leaves_every_slot_and_data_key_working(home: KeyHome) -> None:
    key = home.keyset().data_key("life")
    home.add_passphrase("right")
    code = home.add_recovery()
    before = home.path.read_bytes()

    assert home.keyset().rotate_master() == 2

    assert home.path.read_bytes() != before
    assert home.keyset().data_key("life") == key
    home.without_key_file()
    for answer in ("right", code):
        assert home.keyset(person=Person(answer)).data_key("life") == key


@pytest.mark.demand("KEY-10")
def test_whoever_had_the_old_master_key_and_the_old_file_cannot_open_the_new_one(
    home: KeyHome,
) -> None:
    """The thief knows all that the old key opens, and so the shared key of every slot."""
    home.add_passphrase("right")
    stolen = home.keyset().opened().contents
    assert stolen is not None
    home.keyset().rotate_master()
    document = decode(home.path.read_bytes())
    slot = document.slots[1]
    context = f"quintet slot {document.id}/{slot.id}/{document.generation}/*".encode()
    owner = slot_keys(stretch("right", slot.parameters), document.name_of(slot))
    assert open_with_master(document, unwrap(slot.wrapped, owner, context)).rings == stolen.rings

    thief = SlotKeys(private=stolen.master, shared=stolen.slots[1].shared, public=slot.public)
    assert thief.shared == owner.shared
    with pytest.raises(KeysTampered):
        unwrap(slot.wrapped, thief, context)
    with pytest.raises(KeysTampered):
        open_with_master(document, stolen.master)


@pytest.mark.demand("KEY-11")
def test_nobody_can_slip_made_up_keys_into_a_limited_slot(home: KeyHome, tmp_path: Path) -> None:
    """The slot's public key is no secret; what it wraps must still come from a holder of a key."""
    path = home.add_key_file(tmp_path / "cron.key", "life")
    fields = home.fields()
    slot = fields["slots"][1]
    context = f"quintet slot {fields['id']}/{slot['id']}/{fields['generation']}/life".encode()
    forged = wrap(
        encode_rings({"life": Ring(1, {1: b"f" * 32})}),
        public=base64.b64decode(slot["public"]),
        shared=b"f" * 32,
        context=context,
    )
    slot["wrapped"] = base64.b64encode(forged).decode()
    home.rewrite(fields)

    document = decode(home.path.read_bytes())
    with pytest.raises(KeysTampered):
        open_slot(document, document.slots[1], keyfile.read(path).secret)


def test_a_long_lived_process_sees_what_others_change(home: KeyHome) -> None:
    server = home.keyset()
    old = server.data_key("life")
    new = home.keyset().begin_rotation("life")
    home.keyset().rotate_master()
    assert server.candidates("life") == [old, new]
    home.keyset().finish_rotation("life")
    assert server.candidates("life") == [new]
    home.keyset().ensure("code")
    assert server.is_sealed("code")
