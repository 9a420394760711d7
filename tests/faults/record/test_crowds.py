"""Many processes act, undo and read at once: nothing is lost, and nothing is done twice."""

import multiprocessing
import os
from collections import Counter
from pathlib import Path

import pytest

from quintet.errors import QuintetError
from quintet.platform.files import FileFailure
from quintet.platform.record.event import Outcome
from quintet.platform.record.reading import Query
from quintet.platform.record.record import AlreadyUndone, Record
from quintet.platform.record.undo import Undo
from quintet.platform.record.verify import verify
from quintet.platform.store.journal import Entry, Journal

PROCESSES, ACTIONS = 4, 12


def record_of(folder: Path) -> Record:
    return Record(Journal(folder / "record", "record"), folder / "record")


def act_and_undo(folder: Path, worker: int) -> None:
    record = record_of(folder)
    work = Undo(record)
    for number in range(ACTIONS):
        with record.action("code", "fix", f"{worker}/{number}") as action:
            action.write_file(folder / "work" / str(worker) / str(number), b"1")
        assert record.resolve(action.id).outcome is Outcome.DONE
        if number % 2:
            work.apply(work.plan([record.resolve(action.id)]))


def undo_one(folder: Path, id: str, results: "multiprocessing.Queue[str]") -> None:
    record = record_of(folder)
    work = Undo(record)
    try:
        work.apply(work.plan([record.resolve(id)]))
        results.put("undone")
    except QuintetError as error:
        results.put(error.code)


@pytest.mark.slow
@pytest.mark.demand("RECORD-11")
def test_actions_of_many_processes_are_all_on_record(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=act_and_undo, args=(tmp_path, n)) for n in range(PROCESSES)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
        assert worker.exitcode == 0
    record = record_of(tmp_path)
    events = record.events(Query(limit=None))
    outcomes = Counter(event.outcome for event in events if not event.undoes)
    half = PROCESSES * ACTIONS // 2
    assert outcomes == {Outcome.DONE: half, Outcome.UNDONE: half}
    assert verify(record).is_whole
    files = [path for path in (tmp_path / "work").rglob("*") if path.is_file()]
    assert len(files) == half


@pytest.mark.slow
def test_an_action_that_several_processes_undo_is_undone_once(tmp_path: Path) -> None:
    record = record_of(tmp_path)
    (tmp_path / "f").write_bytes(b"old")
    with record.action("code", "fix", "x") as action:
        action.write_file(tmp_path / "f", b"new")
    context = multiprocessing.get_context("fork")
    results = context.Queue()
    workers = [
        context.Process(target=undo_one, args=(tmp_path, action.id, results)) for _ in range(4)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    told = Counter(results.get() for _ in workers)
    assert told["undone"] == 1, told
    assert (tmp_path / "f").read_bytes() == b"old"
    assert sum(event.undoes == action.id for event in record.events()) == 1


def test_an_action_at_work_in_another_process_is_not_undone(tmp_path: Path) -> None:
    record = record_of(tmp_path)
    with record.action("code", "fix", "x") as action:
        action.write_file(tmp_path / "f", b"1")
        with pytest.raises(QuintetError, match="still at work"):
            Undo(record).plan([record.resolve(action.id)])
    Undo(record).plan([record.resolve(action.id)])


class FillingJournal(Journal):
    """A disk that has room for a few appends."""

    room = 1

    def append_all(self, payloads: list[bytes]) -> list[Entry]:
        if self.room == 0:
            raise FileFailure("could not write the record", why="the disk is full")
        self.room -= 1
        return super().append_all(payloads)


@pytest.mark.parametrize("room", [0, 1, 2, 3])
def test_a_disk_that_fills_up_leaves_an_action_that_can_be_undone(
    tmp_path: Path, room: int
) -> None:
    journal = FillingJournal(tmp_path / "record", "record")
    journal.room = room
    record = Record(journal, tmp_path / "record")
    with pytest.raises(FileFailure), record.action("code", "fix", "x") as action:
        for name in "abc":
            action.write_file(tmp_path / "work" / name, b"1")
    work = Undo(record_of(tmp_path))
    if room:
        work.apply(work.plan([record.resolve(action.id)]))
    assert not (tmp_path / "work").exists()


def test_a_full_disk_while_undoing_leaves_an_undo_that_can_be_finished(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    record = record_of(tmp_path)
    with record.action("code", "fix", "x") as action:
        action.write_file(tmp_path / "a", b"new")
        action.write_file(tmp_path / "b", b"new")
    journal = FillingJournal(tmp_path / "record", "record")
    full = Undo(Record(journal, tmp_path / "record"))
    with pytest.raises(FileFailure):
        full.apply(full.plan([record.resolve(action.id)]))
    work = Undo(record)
    (undone,) = work.apply(work.plan([record.resolve(action.id)]))
    assert ((tmp_path / "a").read_bytes(), (tmp_path / "b").exists()) == (b"old", False)
    work.apply(work.plan([record.resolve(undone.by)]))
    assert (tmp_path / "b").read_bytes() == b"new"


def test_a_record_that_cannot_be_written_stops_the_action(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        (tmp_path / "record").write_bytes(b"a file where the folder should be")
    else:
        (tmp_path / "record").mkdir(mode=0o500)
    record = record_of(tmp_path)
    with pytest.raises(QuintetError), record.action("code", "fix", "x") as action:
        action.write_file(tmp_path / "f", b"1")
    assert not (tmp_path / "f").exists()


def test_whoever_comes_second_with_an_old_view_of_an_action_does_not_undo_it_again(
    tmp_path: Path,
) -> None:
    record = record_of(tmp_path)
    with record.action("code", "fix", "x") as action:
        action.write_file(tmp_path / "f", b"1")
    as_it_was = record.resolve(action.id)
    work = Undo(record)
    work.apply(work.plan([as_it_was]))
    with pytest.raises(AlreadyUndone), record.undoing(as_it_was):
        raise AssertionError("it was let in")
