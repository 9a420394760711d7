"""What every kind of slot promises, tried on each of them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from quintet.platform.keys.document import SlotName
from quintet.platform.keys.failures import SlotUnavailable
from quintet.platform.keys.slots.command import Command
from quintet.platform.keys.slots.keyfile import KeyFile
from quintet.platform.keys.slots.keyring import Keyring
from quintet.platform.keys.slots.opener import Opener
from quintet.platform.keys.slots.passphrase import Passphrase
from quintet.platform.keys.slots.recovery import Recovery
from quintet.platform.keys.slots.vault import MemoryVault
from quintet.platform.keys.wrapping import slot_keys
from quintet.platform.rng import SeededRng
from support.keyhome import CHEAP

NAME = SlotName("keyset", "slot")
MAKERS: dict[str, Callable[[Path], Opener]] = {
    "keyfile": lambda folder: KeyFile(folder / "new" / "a.key", SeededRng(1)),
    "keyring": lambda _: Keyring(MemoryVault(), SeededRng(1)),
    "passphrase": lambda _: Passphrase("right", SeededRng(1), CHEAP),
    "recovery": lambda _: Recovery.new(SeededRng(1)),
    "command": lambda _: Command("echo right", SeededRng(1), cost=CHEAP),
}


@pytest.fixture(params=sorted(MAKERS))
def opener(request: pytest.FixtureRequest, tmp_path: Path) -> Opener:
    made = MAKERS[request.param](tmp_path)
    assert made.kind == request.param
    return made


def test_the_secret_is_the_same_each_time_and_not_short(opener: Opener) -> None:
    parameters = opener.prepare(NAME)
    secret = opener.secret(NAME, parameters)
    assert secret == opener.secret(NAME, parameters)
    assert len(secret) >= 20


def test_what_the_slot_remembers_is_plain_data_and_not_the_secret(opener: Opener) -> None:
    import json

    parameters = opener.prepare(NAME)
    secret = opener.secret(NAME, parameters)
    assert json.loads(json.dumps(parameters)) == parameters
    assert not [v for v in parameters.values() if v in (secret, secret.hex(), "right")]


def test_two_slots_never_have_the_same_keys(opener: Opener, tmp_path: Path) -> None:
    secret = opener.secret(NAME, opener.prepare(NAME))
    assert slot_keys(secret, NAME) != slot_keys(secret, SlotName("keyset", "other"))


def test_no_secret_shows_when_an_opener_is_printed(opener: Opener) -> None:
    secret = opener.secret(NAME, opener.prepare(NAME))
    for shown in (repr(opener), repr(slot_keys(secret, NAME))):
        assert repr(secret)[2:-1] not in shown
        assert "text=" not in shown


def test_discarding_twice_is_no_failure_and_stored_secrets_are_gone(opener: Opener) -> None:
    parameters = opener.prepare(NAME)
    opener.discard(NAME, parameters)
    opener.discard(NAME, parameters)
    if opener.kind in ("keyfile", "keyring"):
        with pytest.raises(SlotUnavailable):
            opener.secret(NAME, parameters)
