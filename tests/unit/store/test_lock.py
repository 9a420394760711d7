"""The store's lock: bounded waits, fair turns, a named holder, and nothing left behind."""

import fcntl
import os
import threading
import time
from pathlib import Path

import pytest

from quintet.errors import Kind
from quintet.platform.clock import FakeClock
from quintet.platform.files import FileFailure
from quintet.platform.store import filesystem
from quintet.platform.store.filesystem import NetworkFilesystem, filesystem_of, kinds_by_device
from quintet.platform.store.lock import LockTimeout, StoreBusy, StoreLock, holder_by_kernel, locked


@pytest.fixture
def lock(tmp_path: Path) -> StoreLock:
    return StoreLock(tmp_path / "life.lock", FakeClock(), subject="the store of life")


def other(tmp_path: Path) -> StoreLock:
    return StoreLock(tmp_path / "life.lock", FakeClock(), subject="the store of life")


def test_a_second_writer_is_told_who_holds_the_lock(lock: StoreLock, tmp_path: Path) -> None:
    with (
        lock.exclusive(1, why="importing"),
        pytest.raises(StoreBusy) as caught,
        other(tmp_path).exclusive(0.05),
    ):
        pass
    assert caught.value.kind is Kind.BUSY
    assert caught.value.what == "the store of life is busy"
    assert f"(pid {os.getpid()}) since " in caught.value.why
    assert "importing" in caught.value.why
    assert f"ps -fp {os.getpid()}" in caught.value.hint


def test_a_writer_that_waits_for_readers_is_told_a_reader(lock: StoreLock, tmp_path: Path) -> None:
    with other(tmp_path).exclusive(1, why="long gone"):
        pass
    with lock.shared(1), pytest.raises(StoreBusy) as caught, other(tmp_path).exclusive(0.05):
        pass
    assert "long gone" not in caught.value.why
    assert f"pid {os.getpid()}" in caught.value.why


def test_words_that_may_be_private_stay_out_of_the_lock_file(
    lock: StoreLock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["/usr/bin/ai", "life", "add", "dentist at four"])
    with lock.exclusive(1):
        assert b"dentist" not in (tmp_path / "life.lock").read_bytes()
        assert lock.busy().why.startswith("held by `ai life add` (pid ")
    monkeypatch.setattr("sys.argv", ["/usr/bin/ai", "life", "PIN1234"])
    with lock.exclusive(1):
        assert lock.busy().details["command"] == "ai life"


def test_readers_share_the_lock_and_keep_a_writer_out(lock: StoreLock, tmp_path: Path) -> None:
    with (
        lock.shared(0),
        other(tmp_path).shared(0),
        pytest.raises(StoreBusy),
        other(tmp_path).exclusive(0.01),
    ):
        pass
    # The wait that was given up still has the lock for an instant when its turn comes.
    with other(tmp_path).exclusive(5):
        pass


def test_a_wait_that_was_given_up_leaves_the_lock_free(lock: StoreLock, tmp_path: Path) -> None:
    with lock.exclusive(1):
        for _ in range(5):
            with pytest.raises(StoreBusy), other(tmp_path).exclusive(0.01):
                pass
    with lock.exclusive(2), pytest.raises(StoreBusy), other(tmp_path).shared(0.01):
        pass
    with other(tmp_path).exclusive(2):
        pass


def test_it_works_off_the_main_thread_and_between_threads(lock: StoreLock, tmp_path: Path) -> None:
    inside: list[int] = []
    most: list[int] = []

    def work(number: int) -> None:
        for _ in range(10):
            with other(tmp_path).exclusive(10):
                inside.append(number)
                most.append(len(inside))
                inside.pop()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 40


def test_a_reader_that_comes_after_a_waiting_writer_stands_behind_it(tmp_path: Path) -> None:
    turns: list[str] = []
    waiting = threading.Event()

    def write() -> None:
        waiting.set()
        with other(tmp_path).exclusive(10):
            turns.append("writer")

    def read() -> None:
        with other(tmp_path).shared(10):
            turns.append("reader")

    with other(tmp_path).shared(1):
        writer = threading.Thread(target=write)
        writer.start()
        waiting.wait()
        time.sleep(0.05)
        with pytest.raises(StoreBusy), other(tmp_path).shared(0.05):
            pass
        reader = threading.Thread(target=read)
        reader.start()
        time.sleep(0.05)
    writer.join()
    reader.join()
    assert turns == ["writer", "reader"]


def test_a_forked_child_neither_holds_nor_drops_its_parents_lock(
    lock: StoreLock, tmp_path: Path
) -> None:
    reading, writing = os.pipe()
    holding = lock.exclusive(1)
    holding.__enter__()
    child = os.fork()
    if child == 0:
        os.close(writing)
        lock_is_ours = holding.__exit__(None, None, None)  # a child that unwinds its stack
        os.read(reading, 1)
        os._exit(int(bool(lock_is_ours)))
    os.close(reading)
    time.sleep(0.05)
    with pytest.raises(StoreBusy), other(tmp_path).exclusive(0.01):
        pass
    holding.__exit__(None, None, None)
    with other(tmp_path).exclusive(1):  # although the child lives and has the descriptor
        pass
    os.close(writing)
    assert os.waitpid(child, 0)[1] == 0


def test_the_kernel_names_who_holds_a_file(tmp_path: Path) -> None:
    path = tmp_path / "some.lock"
    assert holder_by_kernel(path) is None
    path.touch()
    assert holder_by_kernel(path) is None
    with locked(path, fcntl.LOCK_SH, 0):
        holder = holder_by_kernel(path)
    assert holder
    assert holder.pid == os.getpid()
    assert holder.sentence().endswith(f"(pid {os.getpid()})")


def test_a_lock_file_with_rubbish_in_it_still_locks(lock: StoreLock, tmp_path: Path) -> None:
    (tmp_path / "life.lock").write_bytes(b"\xff\x00 not json [")
    with lock.shared(0), pytest.raises(StoreBusy, match="busy"), other(tmp_path).exclusive(0.01):
        pass
    with lock.exclusive(5):
        assert lock.holder()


def test_a_lock_that_cannot_be_made_is_told_in_plain_words(tmp_path: Path) -> None:
    with (
        pytest.raises(FileFailure, match="open the lock file"),
        locked(tmp_path / "missing" / "x.lock", fcntl.LOCK_EX, 0),
    ):
        pass


def test_a_plain_lock_times_out_without_words(tmp_path: Path) -> None:
    with (
        locked(tmp_path / "x", fcntl.LOCK_EX, 0),
        pytest.raises(LockTimeout),
        locked(tmp_path / "x", fcntl.LOCK_SH, 0.01),
    ):
        pass


def test_network_disks_are_found_in_the_table_of_mounts() -> None:
    kinds = kinds_by_device(
        "22 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n"
        "90 22 0:52 / /mnt/a\\040b rw shared:7 - nfs4 host:/x rw\n"
        "a broken line\n91 22 x - y"
    )
    assert kinds == {os.makedev(254, 0): "ext4", os.makedev(0, 52): "nfs4"}


@pytest.mark.demand("STORE-8")
def test_a_store_on_a_network_disk_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = filesystem_of(tmp_path.stat().st_dev)
    if not here:
        pytest.skip("this system has no table of mounts")
    monkeypatch.setattr(filesystem, "NETWORKED", frozenset([here]))
    with (
        pytest.raises(NetworkFilesystem, match="network disk"),
        locked(tmp_path / "x.lock", fcntl.LOCK_EX, 0),
    ):
        pass
