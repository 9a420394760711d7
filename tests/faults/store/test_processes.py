"""Several processes at one store, and some of them killed: what was acknowledged is there."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from quintet.platform.store.journal import Journal
from quintet.platform.store.lock import StoreBusy
from quintet.platform.store.upkeep import Upkeep
from support.stores import (
    FixedKeys,
    add,
    append_entries,
    append_people,
    hold_for_reading,
    hold_for_writing,
    names,
    people,
    started,
    swell,
    wait_for,
    write_people,
)


def acknowledged(path: Path) -> set[str]:
    lines = path.read_text().split("\n") if path.exists() else [""]
    return set(lines[:-1])  # the last line may be cut


def killed_midway(work: Callable[..., object], folder: Path, worker: int, after_s: float) -> Path:
    note = folder / f"acknowledged-{worker}"
    process = started(work, folder, worker, 100_000, note)
    wait_for(note)
    time.sleep(after_s)
    assert process.pid
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    return note


@pytest.mark.slow
@pytest.mark.demand("STORE-1")
@pytest.mark.parametrize("work", [append_people, write_people])
def test_no_transaction_of_any_process_is_lost(tmp_path: Path, work: Callable[..., object]) -> None:
    names(people(tmp_path))
    notes = [tmp_path / f"acknowledged-{worker}" for worker in range(3)]
    workers = [started(work, tmp_path, number, 15, note) for number, note in enumerate(notes)]
    for worker in workers:
        worker.join()
        assert worker.exitcode == 0
    assert set(names(people(tmp_path))) == {f"{w}-{n}" for w in range(3) for n in range(15)}


@pytest.mark.slow
@pytest.mark.demand("STORE-1")
def test_entries_of_all_processes_stand_in_one_chain(tmp_path: Path) -> None:
    notes = [tmp_path / f"acknowledged-{worker}" for worker in range(3)]
    workers = [
        started(append_entries, tmp_path / "j", number, 100, note)
        for number, note in enumerate(notes)
    ]
    for worker in workers:
        worker.join()
    journal = Journal(tmp_path / "j", "log")
    payloads = [(entry.payload or b"").decode() for entry in journal.scan()]
    assert sorted(payloads) == sorted(f"{w}-{n}" for w in range(3) for n in range(100))
    assert journal.verify().ok
    for worker in range(3):
        own = [payload for payload in payloads if payload.startswith(f"{worker}-")]
        assert own == [f"{worker}-{number}" for number in range(100)]


@pytest.mark.slow
@pytest.mark.demand("STORE-2")
@pytest.mark.parametrize("work", [append_people, write_people])
def test_a_kill_at_any_moment_loses_nothing_that_was_acknowledged(
    tmp_path: Path, work: Callable[..., object]
) -> None:
    names(people(tmp_path))
    promised: set[str] = set()
    for worker in range(4):
        note = killed_midway(work, tmp_path, worker, after_s=0.03 * (worker + 1))
        promised |= acknowledged(note)
        found = set(names(people(tmp_path)))
        assert promised <= found
        assert Upkeep(people(tmp_path)).check().ok
    with people(tmp_path).read() as connection:
        total = connection.value("SELECT people FROM total")
        assert total == (len(found) if work is write_people else 0)


@pytest.mark.slow
@pytest.mark.demand("STORE-2")
def test_a_kill_at_any_moment_leaves_a_journal_that_verifies(tmp_path: Path) -> None:
    promised: set[str] = set()
    for worker in range(4):
        note = tmp_path / f"acknowledged-{worker}"
        process = started(append_entries, tmp_path / "j", worker, 100_000, note)
        wait_for(note)
        time.sleep(0.02 * (worker + 1))
        process.kill()
        process.join()
        promised |= acknowledged(note)
        journal = Journal(tmp_path / "j", "log")
        assert journal.verify().ok
        assert promised <= {(entry.payload or b"").decode() for entry in journal.scan()}
        journal.append(b"on")


@pytest.mark.slow
def test_a_killed_writer_leaves_the_lock_free_and_the_last_commit(tmp_path: Path) -> None:
    add(people(tmp_path), "ann")
    held = tmp_path / "held"
    writer = started(hold_for_writing, tmp_path, held, tmp_path / "never")
    wait_for(held)
    with pytest.raises(StoreBusy, match=f"pid {writer.pid}.*a long import"):
        add(people(tmp_path, lock_timeout_s=0.05), "bob")
    assert names(people(tmp_path)) == ["ann"]
    writer.kill()
    writer.join()
    add(people(tmp_path, lock_timeout_s=2), "bob")
    assert names(people(tmp_path)) == ["ann", "bob"]


@pytest.mark.slow
def test_a_writer_that_waits_for_a_reader_is_told_which(tmp_path: Path) -> None:
    add(people(tmp_path), "ann")
    held, release = tmp_path / "held", tmp_path / "release"
    reader = started(hold_for_reading, tmp_path, held, release)
    wait_for(held)
    with pytest.raises(StoreBusy, match=f"pid {reader.pid}"):
        add(people(tmp_path, lock_timeout_s=0.05), "bob")
    release.touch()
    reader.join()
    add(people(tmp_path, lock_timeout_s=2), "bob")


@pytest.mark.slow
@pytest.mark.demand("STORE-6")
@pytest.mark.parametrize("keys", [None, FixedKeys()], ids=["plain", "sealed"])
def test_a_reader_beside_a_long_writer_waits_less_than_a_second_and_sees_whole_commits(
    tmp_path: Path, keys: FixedKeys | None
) -> None:
    store = people(tmp_path, keys=keys)
    names(store)
    done = tmp_path / "done"
    writer = started(swell, tmp_path, 3, 20_000, done, keys)
    waits: list[float] = []
    seen: set[int] = set()
    while not done.exists() and writer.is_alive():
        begun = time.monotonic()
        with store.read() as connection:
            waits.append(time.monotonic() - begun)
            total = connection.value("SELECT people FROM total")
            assert connection.value("SELECT count(*) FROM person") == total
            assert connection.value("SELECT count(*) FROM person WHERE age % 3 = 0") == 0
            assert connection.value("SELECT count(DISTINCT name) FROM person") == total
            seen.add(total)
    writer.join()
    assert writer.exitcode == 0
    assert len(waits) > 2
    assert max(waits) < 1.0
    assert Upkeep(people(tmp_path, keys=keys)).check().ok


@pytest.mark.slow
def test_a_reader_after_a_kill_in_the_middle_of_a_large_commit_sees_all_or_nothing(
    tmp_path: Path,
) -> None:
    names(people(tmp_path))
    for attempt in range(3):
        done = tmp_path / f"done-{attempt}"
        writer = started(swell, tmp_path, 2, 20_000, done, None, str(attempt))
        wait_for(tmp_path / f"begun-{attempt}")
        time.sleep(0.05 + 0.15 * attempt)
        writer.kill()
        writer.join()
        with people(tmp_path).read() as connection:
            total = connection.value("SELECT people FROM total")
            assert connection.value("SELECT count(*) FROM person") == total
        assert Upkeep(people(tmp_path)).check().ok
