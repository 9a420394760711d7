"""Unlocked for a while: in memory, until its time is over, never on a disk."""

import os
import secrets
from collections.abc import Generator
from pathlib import Path

import pytest

from quintet.platform.clock import FakeClock, SystemClock
from quintet.platform.keys.failures import KeysLocked
from quintet.platform.keys.kernel_keyring import KernelKeyring
from quintet.platform.keys.session import (
    FileSession,
    KernelSession,
    NoSession,
    NoSessionHere,
    Session,
    is_in_memory,
    session_for,
)
from support.keyhome import KeyHome, Person

ID = f"test-{secrets.token_hex(8)}"
HOUR_S = 3600
pytestmark = pytest.mark.demand("KEY-12")


def _kernel() -> Session:
    try:
        return KernelSession(KernelKeyring())
    except OSError:
        pytest.skip("no kernel keyring here")


@pytest.fixture(params=["kernel", "file"])
def session(request: pytest.FixtureRequest, tmp_path: Path) -> Generator[Session]:
    made = _kernel() if request.param == "kernel" else FileSession(tmp_path, SystemClock())
    yield made
    made.clear(ID)


def test_a_session_keeps_a_key_until_it_is_cleared(session: Session) -> None:
    assert session.get(ID) is None
    session.put(ID, b"\0" * 31 + b"x", HOUR_S)
    session.put(ID, b"k" * 32, HOUR_S)
    assert session.get(ID) == b"k" * 32
    session.clear(ID)
    assert session.get(ID) is None
    session.clear(ID)


def test_a_session_belongs_to_one_keyset(session: Session) -> None:
    session.put(ID, b"k" * 32, HOUR_S)
    assert session.get(f"{ID}2") is None


def test_the_kernel_forgets_by_itself() -> None:
    session = _kernel()
    session.put(ID, b"k" * 32, 1)
    assert session.get(ID) == b"k" * 32
    os.waitpid(os.posix_spawn("/bin/sleep", ["sleep", "1.5"], os.environ), 0)
    assert session.get(ID) is None


def test_other_processes_of_the_user_find_the_session(session: Session) -> None:
    session.put(ID, b"k" * 32, HOUR_S)
    child = os.fork()
    if child == 0:
        os._exit(0 if session.get(ID) == b"k" * 32 else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_a_file_session_ends_and_its_file_goes(tmp_path: Path) -> None:
    clock = FakeClock()
    session = FileSession(tmp_path, clock)
    session.put(ID, b"k" * 32, HOUR_S)
    assert [path.stat().st_mode & 0o777 for path in tmp_path.iterdir()] == [0o600]
    clock.advance(HOUR_S)
    assert session.get(ID) is None
    assert list(tmp_path.iterdir()) == []


def test_a_clock_that_was_set_back_ends_a_file_session(tmp_path: Path) -> None:
    clock = FakeClock()
    FileSession(tmp_path, clock).put(ID, b"k" * 32, HOUR_S)
    clock.advance(-60)
    assert FileSession(tmp_path, clock).get(ID) is None


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"\xff", b"[]", b'{"from_s":0,"until_s":9e99,"master":"z"}']
)
def test_a_spoiled_file_session_is_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / f"{ID}.unlocked").write_bytes(content)
    assert FileSession(tmp_path, FakeClock()).get(ID) is None


def test_a_folder_on_a_disk_is_never_used(tmp_path: Path) -> None:
    assert not is_in_memory(Path("/usr"))
    shm = Path("/dev/shm")
    if shm.exists():
        assert is_in_memory(shm / "not" / "there" / "yet")
    with pytest.raises(NoSessionHere):
        NoSession().put(ID, b"k" * 32, HOUR_S)
    assert NoSession().get(ID) is None
    assert not isinstance(session_for(Path("/usr/nowhere"), FakeClock()), FileSession)


def test_unlock_opens_for_others_until_lock(tmp_path: Path) -> None:
    home = KeyHome(tmp_path)
    home.keyset().ensure("life")
    key = home.keyset().data_key("life")
    home.add_passphrase("right")
    home.without_key_file()

    home.keyset(person=Person("right")).unlock(HOUR_S)
    assert home.keyset().data_key("life") == key
    home.keyset().lock()
    with pytest.raises(KeysLocked):
        home.keyset().data_key("life")


def test_a_session_ends_when_the_master_key_is_replaced(tmp_path: Path) -> None:
    home = KeyHome(tmp_path)
    home.keyset().ensure("life")
    home.add_passphrase("right")
    home.keyset().unlock(HOUR_S)
    session = home.session()
    document = home.keyset().document()
    assert document is not None
    stale = session.get(document.id)
    assert stale is not None
    home.keyset().rotate_master()
    assert session.get(document.id) is None

    session.put(document.id, stale, HOUR_S)
    home.key_file.unlink()
    with pytest.raises(KeysLocked, match="unlocked session: it does not fit"):
        home.keyset().data_key("life")


def test_locking_before_there_are_keys_does_nothing(tmp_path: Path) -> None:
    KeyHome(tmp_path).keyset().lock()
