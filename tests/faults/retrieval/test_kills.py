"""An index cut off at any moment is whole, goes on, and survives two who write it at once."""

import os
import signal
import time
from pathlib import Path

import pytest

from quintet.retrieval.effects import forgetting
from support.documents import Desk, write
from support.stores import started, wait_for

_COUNT = 260


def _files(folder: Path) -> Path:
    return write(
        folder,
        {f"{n:03}.md": f"# Note {n}\n\nThe word of note {n} is w{n:03}x.\n" for n in range(_COUNT)},
    )


def take_in(home: Path, folder: Path, begun: Path) -> None:
    desk = Desk(home)
    begun.touch()
    desk.take_in(folder)


def _expect_whole(desk: Desk) -> None:
    """Everything that is in the index is in all of its tables alike."""
    entries = desk.entries()
    with desk.index.reading() as reader:
        numbers = reader.corpus().numbers.tolist()
        stored = reader.stored(numbers)
        assert [one.number for one in stored] == numbers
        assert len(numbers) == sum(entry.passages for entry in entries)
        word = reader.postings(["word"]).get("word")
        assert (word.numbers.tolist() if word else []) == numbers


@pytest.mark.slow
@pytest.mark.demand("FIND-6")
@pytest.mark.parametrize("moment_s", [0.05, 0.4, 0.8, 1.2])
def test_an_index_that_was_killed_is_whole_and_the_next_run_goes_on(
    tmp_path: Path, moment_s: float
) -> None:
    folder = _files(tmp_path / "docs")
    home, begun = tmp_path / "home", tmp_path / "begun"
    child = started(take_in, home, folder, begun)
    wait_for(begun)
    time.sleep(moment_s)  # the kill may come at any moment; this spreads a few over the run
    if child.pid is not None and child.is_alive():
        os.kill(child.pid, signal.SIGKILL)
    child.join()
    desk = Desk(home)
    _expect_whole(desk)
    before = len(desk.entries())
    _, found, _ = desk.take_in(folder)
    assert len(found.new) == _COUNT - before
    _expect_whole(desk)
    assert len(desk.entries()) == _COUNT
    assert desk.texts("w007x")[0].endswith("is w007x.")


@pytest.mark.slow
@pytest.mark.demand("FIND-6")
def test_two_who_take_in_the_same_folder_at_once_end_with_one_index(tmp_path: Path) -> None:
    folder = _files(tmp_path / "docs")
    home = tmp_path / "home"
    Desk(home).take_in(write(tmp_path / "other", {"x.md": "# Word\n"}))
    children = [started(take_in, home, folder, tmp_path / f"begun{n}") for n in range(2)]
    for child in children:
        child.join(60)
        assert child.exitcode == 0
    desk = Desk(home)
    _expect_whole(desk)
    assert len(desk.entries()) == _COUNT + 1
    assert desk.survey(folder).is_current


def test_what_a_killed_run_left_on_disk_is_erased_by_the_next(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "home")
    folder = write(tmp_path / "docs", {"a.md": "The word is zanzibarquux.", "b.md": "Other."})
    desk.take_in(folder)
    (folder / "a.md").unlink()
    # As if it had been killed between forgetting and erasing.
    desk.index.replace([str(folder / "a.md")], [])
    assert b"zanzibarquux" in desk.database.file.path.read_bytes()
    desk.take_in(folder)
    assert b"zanzibarquux" not in desk.database.file.path.read_bytes()


def test_forgetting_a_folder_writes_the_store_anew_once(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "home")
    desk.take_in(_files(tmp_path / "docs"))
    start_s = time.monotonic()
    with desk.record.action("edge", "forget", "forget") as action:
        action.apply_all([forgetting("edge", entry) for entry in desk.entries()])
    assert desk.entries() == []
    assert time.monotonic() - start_s < 30
