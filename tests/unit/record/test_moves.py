"""Moves: of anything, to other disks, into new folders, and cut off between copy and removal."""

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from quintet.errors import QuintetError, UsageError
from quintet.platform.files import FileFailure
from quintet.platform.record.event import Effect
from quintet.platform.record.lines import Line, LineKind
from quintet.platform.record.record import Record
from quintet.platform.record.undo import Undo
from support.histories import record_at, tree_of

_AT = "2026-01-01T00:00:00.000000Z"
_ID = "b" * 14


@pytest.fixture
def record(tmp_path: Path) -> Record:
    return record_at(tmp_path / "record")


@pytest.fixture
def work(tmp_path: Path) -> Path:
    (tmp_path / "work").mkdir()
    return tmp_path / "work"


@pytest.fixture
def other_disk(tmp_path: Path) -> Iterator[Path]:
    shared = Path("/dev/shm")
    if not shared.is_dir() or shared.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is no other disk here")
    folder = Path(tempfile.mkdtemp(dir=shared))
    yield folder
    shutil.rmtree(folder)


def move(record: Record, source: Path, target: Path) -> str:
    with record.action("code", "mv", "x") as action:
        action.move_file(source, target)
    return action.id


def undo(record: Record, id: str) -> None:
    work = Undo(record)
    work.apply(work.plan([record.resolve(id)]))


def begin_and_die(record: Record, effect: Effect) -> None:
    """What the journal holds when an action is killed right after its intent."""
    begun = Line(LineKind.BEGUN, _ID, "code", _AT, body={"verb": "mv", "summary": "x"})
    intent = Line(LineKind.INTENT, _ID, "code", _AT, body={"effect": asdict(effect)})
    record.journal.append_all([record.codec.encode(begun), record.codec.encode(intent)])


def test_a_file_that_is_in_the_way_comes_back_too(record: Record, work: Path) -> None:
    (work / "a").write_bytes(b"1")
    (work / "b").write_bytes(b"2")
    before = tree_of(work)
    id = move(record, work / "a", work / "b")
    assert tree_of(work) == {"b": before["a"]}
    undo(record, id)
    assert tree_of(work) == before


def test_a_link_is_moved_as_a_link(record: Record, work: Path) -> None:
    (work / "link").symlink_to("/nowhere")
    id = move(record, work / "link", work / "new" / "link")
    assert (work / "new" / "link").is_symlink()
    undo(record, id)
    assert tree_of(work).keys() == {"link"}


def test_moving_to_the_same_name_does_nothing(record: Record, work: Path) -> None:
    (work / "a").write_bytes(b"1")
    move(record, work / "a", work / "." / "a")
    assert record.events()[0].effects == ()


def test_a_folder_is_not_moved_into_itself(record: Record, work: Path) -> None:
    (work / "d").mkdir()
    with pytest.raises(UsageError):
        move(record, work / "d", work / "d" / "e")


def test_a_folder_in_the_way_is_not_deleted(record: Record, work: Path) -> None:
    (work / "a").write_bytes(b"1")
    (work / "d").mkdir()
    with pytest.raises(FileFailure):
        move(record, work / "a", work / "d")
    assert (work / "d").is_dir()


def test_what_is_not_there_is_not_moved(record: Record, work: Path) -> None:
    with pytest.raises(FileFailure):
        move(record, work / "a", work / "b")


@pytest.mark.parametrize("kind", ["file", "link"])
def test_a_move_to_another_disk_is_undone(
    record: Record, work: Path, other_disk: Path, kind: str
) -> None:
    if kind == "file":
        (work / "a").write_bytes(b"1" * 3_000_000)
        (work / "a").chmod(0o640)
    else:
        (work / "a").symlink_to("x")
    before = tree_of(work)
    id = move(record, work / "a", other_disk / "a")
    assert tree_of(other_disk) == before
    undo(record, id)
    assert tree_of(work) == before
    assert tree_of(other_disk) == {}


def test_a_folder_is_not_moved_to_another_disk(
    record: Record, work: Path, other_disk: Path
) -> None:
    (work / "d").mkdir()
    with pytest.raises(FileFailure, match="another disk"):
        move(record, work / "d", other_disk / "d")
    undo(record, record.events()[0].id)
    assert tree_of(work).keys() == {"d"}


@pytest.mark.parametrize("there", [("a",), ("b",), ("a", "b")])
def test_a_move_that_was_cut_off_anywhere_is_undone(
    record: Record, work: Path, there: tuple[str, ...]
) -> None:
    (work / "a").write_bytes(b"1")
    (effect,) = record.effects.changes("code").moving(work / "a", work / "b")
    (work / "a").unlink()
    for name in there:
        (work / name).write_bytes(b"1")
    begin_and_die(record, effect)
    undo(record, _ID)
    assert tree_of(work).keys() == {"a"}


def test_a_moved_file_that_is_nowhere_any_more_is_a_conflict(record: Record, work: Path) -> None:
    (work / "a").write_bytes(b"1")
    id = move(record, work / "a", work / "b")
    (work / "b").unlink()
    with pytest.raises(QuintetError, match="changed since"):
        undo(record, id)
