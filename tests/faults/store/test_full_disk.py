"""No room, no rights: a clear word, nothing half written, and everything there again afterwards."""

import os
import resource
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from quintet.errors import Kind, QuintetError
from quintet.platform.files import FileFailure
from quintet.platform.store.connection import StoreFull
from quintet.platform.store.journal import Journal
from quintet.platform.store.upkeep import Upkeep
from support.stores import FixedKeys, add, names, people

MOUNT = ["mount", "-t", "tmpfs", "-o"]


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    folder.mkdir()
    mounted = subprocess.run([*MOUNT, f"size={size}", "tmpfs", folder], check=False)
    if mounted.returncode:
        pytest.skip("only root can make a small disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


@contextmanager
def filled(folder: Path, *, leave_bytes: int = 0) -> Iterator[None]:
    """No room is left on this disk but for so many bytes."""
    ballast = folder / "ballast"
    room = os.statvfs(folder)
    with ballast.open("wb") as stream:
        try:
            for _ in range(room.f_bavail * room.f_frsize // 4096 - leave_bytes // 4096):
                stream.write(bytes(4096))
        except OSError:
            pass
    try:
        yield
    finally:
        ballast.unlink()


@contextmanager
def file_size_limit(size_bytes: int) -> Iterator[None]:
    """Files may not grow beyond this: how a quota looks to a program, also where nobody is root."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


@pytest.mark.parametrize("room", range(0, 600, 37))
def test_an_entry_that_does_not_fit_leaves_no_trace(tmp_path: Path, room: int) -> None:
    journal = Journal(tmp_path / "j", "log")
    journal.append(b"before")
    path = tmp_path / "j" / "log.000001.journal"
    size = path.stat().st_size
    with file_size_limit(size + room):
        for payloads in ([b"x" * 600], [b"a" * 300, b"b" * 300]):
            with pytest.raises(FileFailure, match="could not append") as caught:
                journal.append_all(payloads)
            assert caught.value.kind is Kind.FAILED
            assert path.stat().st_size == size
    assert journal.append(b"after").seq == 2
    assert journal.verify().ok
    assert journal.verify().notes == ()


def test_a_full_disk_stops_a_journal_and_frees_it_again(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "256k") as disk:
        journal = Journal(disk / "j", "log", segment_limit_bytes=8192)
        acknowledged = 0
        with pytest.raises(FileFailure, match="the disk is full") as caught:
            for _ in range(1000):
                journal.append(os.urandom(1000))
                acknowledged += 1
        assert "free some space" in caught.value.hint
        assert acknowledged > 50
        assert len(list(journal.scan())) == acknowledged
        assert journal.verify().ok
        journal.redact([])
        (disk / "j" / "log.lock").touch()


@pytest.mark.slow
@pytest.mark.parametrize("keys", [None, FixedKeys()], ids=["plain", "sealed"])
def test_a_transaction_that_does_not_fit_leaves_the_last_commit(
    tmp_path: Path, keys: FixedKeys | None
) -> None:
    with small_disk(tmp_path / "disk", "24m") as disk:
        store = people(disk, keys=keys)
        add(store, "ann")
        with pytest.raises(StoreFull, match="the disk is full"), store.write("too much") as sql:
            sql.execute(
                "INSERT INTO person (id, name)"
                " SELECT range, repeat(md5(random()::VARCHAR), 20) FROM range(200000)"
            )
        assert names(store) == ["ann"]
        add(store, "bob")
        assert names(store) == ["ann", "bob"]
        assert Upkeep(store).check().ok


@pytest.mark.slow
@pytest.mark.parametrize("leave_bytes", [0, 8192, 30_000, 70_000, 150_000, 400_000])
def test_whatever_room_is_left_nothing_acknowledged_is_lost(
    tmp_path: Path, leave_bytes: int
) -> None:
    with small_disk(tmp_path / "disk", "16m") as disk:
        store = people(disk)
        add(store, "ann")
        promised = {"ann"}
        with filled(disk, leave_bytes=leave_bytes):
            for number in range(5):
                for step in (add, lambda s, n: s.append("person", {"id": n, "name": n})):
                    name = f"{number}-{step is add}"
                    try:
                        step(store, name)
                        promised.add(name)
                    except QuintetError as error:
                        assert "full" in f"{error} {error.why}", error
                try:
                    assert "ann" in names(store)
                except QuintetError as error:
                    assert "full" in f"{error} {error.why}", error
        assert promised <= set(names(store))
        add(store, "room again")
        assert Upkeep(store).check().ok


@pytest.mark.slow
def test_upkeep_without_room_changes_nothing(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "24m") as disk:
        store = people(disk)
        add(store, "ann")
        backup = Upkeep(store).back_up()
        add(store, "bob")
        with filled(disk, leave_bytes=100_000):
            for step in (
                Upkeep(store).vacuum,
                Upkeep(store).back_up,
                lambda: Upkeep(store).restore(backup.path),
            ):
                with pytest.raises(QuintetError, match="full"):
                    step()
            assert names(store) == ["ann", "bob"]
        Upkeep(store).vacuum()
        Upkeep(store).restore(backup.path)
        assert names(store) == ["ann"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can remount")
def test_a_store_on_a_read_only_disk_can_be_read(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "24m") as disk:
        store = people(disk)
        add(store, "ann")
        journal = Journal(disk / "j", "log")
        journal.append(b"x")
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        assert names(people(disk)) == ["ann"]
        assert Upkeep(people(disk)).check().ok
        assert len(list(journal.scan())) == 1
        assert journal.verify().ok
        for change in (
            lambda: add(store, "bob"),
            lambda: store.append("person", {"id": "x", "name": "x"}),
            lambda: journal.append(b"y"),
        ):
            with pytest.raises(FileFailure, match="read-only"):
                change()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_rights_is_told(tmp_path: Path) -> None:
    (tmp_path / "locked").mkdir(mode=0o500)
    with pytest.raises(FileFailure, match="permission denied"):
        add(people(tmp_path / "locked"), "ann")
