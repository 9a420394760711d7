"""Several processes at once agree on one keyset, and lose nothing of each other's."""

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from quintet.errors import Kind
from quintet.platform.keys.failures import KeysBusy
from quintet.platform.keys.keyset import Keyset
from quintet.platform.keys.slots.keyfile import KeyFile
from quintet.platform.rng import SystemRng
from support.keyhome import KeyHome

pytestmark = pytest.mark.demand("KEY-4")
PROCESSES = 6


def _at_once(home: KeyHome, work: Callable[[Keyset, int], bytes]) -> list[bytes]:
    """What each of several processes answers, all of them started by the same signal."""
    go_read, go_write = os.pipe()
    answers: list[int] = []
    for number in range(PROCESSES):
        read, write = os.pipe()
        if os.fork() == 0:
            os.close(go_write)
            os.read(go_read, 1)
            try:
                os.write(write, work(home.keyset(), number))
            finally:
                os._exit(0)
        os.close(write)
        answers.append(read)
    os.close(go_write)
    told: list[bytes] = []
    for fd in answers:
        with os.fdopen(fd, "rb") as stream:
            told.append(stream.read())
        os.wait()
    return told


@pytest.mark.parametrize("round_", range(5))
def test_processes_that_create_the_keyset_at_once_agree(tmp_path: Path, round_: int) -> None:
    home = KeyHome(tmp_path)

    def work(keyset: Keyset, number: int) -> bytes:
        own = f"group{number}"
        keyset.ensure(own) if number % 2 else keyset.ensure("life")
        keyset.ensure("life") if number % 2 else keyset.ensure(own)
        return keyset.data_key("life") + keyset.data_key(own)

    told = _at_once(home, work)

    keyset = home.keyset()
    assert told == [
        keyset.data_key("life") + keyset.data_key(f"group{number}") for number in range(PROCESSES)
    ]


def test_slots_and_rotations_at_once_are_all_there_afterwards(tmp_path: Path) -> None:
    home = KeyHome(tmp_path)
    home.keyset().ensure("life")
    key = home.keyset().data_key("life")

    def work(keyset: Keyset, number: int) -> bytes:
        path = home.paths.config_dir / f"{number}.key"
        keyset.add_slot(KeyFile(path, SystemRng()))
        keyset.rotate_master()
        return keyset.begin_rotation("life")

    told = _at_once(home, work)

    assert len(set(told)) == 1
    for number in range(PROCESSES):
        env = {"AI_KEY_FILE": str(home.paths.config_dir / f"{number}.key")}
        assert home.keyset(env=env).candidates("life") == [key, told[0]]


def test_a_lock_that_stays_taken_is_busy_and_reading_needs_none(tmp_path: Path) -> None:
    home = KeyHome(tmp_path)
    home.keyset().ensure("life")
    with (home.paths.data_dir / "keys.lock").open("r+b") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        home.keyset().data_key("life")
        keyset = home.keyset(lock_timeout_s=0.1)
        with pytest.raises(KeysBusy) as caught:
            keyset.rotate_master()
        assert caught.value.kind is Kind.BUSY
