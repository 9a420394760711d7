"""Every single byte of a journal: cut there, or with one bit turned over."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from quintet.platform.store.journal import Journal
from quintet.platform.store.segments import JournalDamaged

ENTRIES = [b"one", b"2", b"last"]


@pytest.fixture
def original(tmp_path: Path) -> Path:
    journal = Journal(tmp_path / "original", "log")
    for payload in ENTRIES[:-1]:
        journal.append(payload)
    head = (tmp_path / "original" / "log.head").read_bytes()
    journal.append(ENTRIES[-1])
    (tmp_path / "head-before-the-last").write_bytes(head)
    return tmp_path / "original"


def segment(folder: Path) -> Path:
    return folder / "log.000001.journal"


def copies(original: Path, count: int) -> Iterator[tuple[int, Path]]:
    for number in range(count):
        folder = original.with_name(f"copy-{number}")
        shutil.copytree(original, folder)
        yield number, folder
        shutil.rmtree(folder)


def last_entry_bytes(original: Path) -> tuple[int, int]:
    data = segment(original).read_bytes()
    return data.rindex(b"QJF1"), len(data)


@pytest.mark.slow
@pytest.mark.demand("STORE-3")
def test_a_cut_anywhere_in_an_entry_that_never_counted_is_recovered(original: Path) -> None:
    begin, end = last_entry_bytes(original)
    for cut, folder in copies(original, end - begin):
        shutil.copy(original.with_name("head-before-the-last"), folder / "log.head")
        os.truncate(segment(folder), begin + cut)
        journal = Journal(folder, "log")
        assert [entry.payload for entry in journal.scan()] == ENTRIES[:-1]
        assert journal.verify().ok
        assert len(journal.verify().notes) == (1 if cut else 0)
        assert journal.append(b"next").seq == 3
        assert [entry.payload for entry in journal.scan()] == [*ENTRIES[:-1], b"next"]
        assert journal.verify().ok


@pytest.mark.slow
@pytest.mark.demand("STORE-3")
def test_a_cut_anywhere_in_an_acknowledged_entry_is_named_for_ever(original: Path) -> None:
    begin, end = last_entry_bytes(original)
    for cut, folder in copies(original, end - begin):
        os.truncate(segment(folder), begin + cut)
        journal = Journal(folder, "log")
        assert any(problem.seq == 3 for problem in journal.verify().problems)
        with pytest.raises(JournalDamaged):
            list(journal.scan())
        journal.append(b"next")
        assert [entry.payload for entry in journal.scan()] == [*ENTRIES[:-1], b"next"]
        (problem,) = journal.verify().problems
        assert problem.what == "the entries 3 to 3 were lost"


@pytest.mark.slow
@pytest.mark.demand("STORE-4")
def test_every_bit_that_turns_over_is_noticed(original: Path) -> None:
    for path in (segment(original), original / "log.head"):
        data = path.read_bytes()
        for position in range(len(data) * 8):
            turned = bytearray(data)
            turned[position // 8] ^= 1 << (position % 8)
            path.write_bytes(turned)
            verdict = Journal(original, "log").verify()
            assert not verdict.ok, f"{path.name}, bit {position}"
        path.write_bytes(data)
    assert Journal(original, "log").verify().ok


@pytest.mark.slow
@pytest.mark.demand("STORE-4")
def test_no_turned_bit_changes_what_is_read_or_stops_what_is_written(original: Path) -> None:
    data = segment(original).read_bytes()
    for number, folder in copies(original, len(data)):
        turned = bytearray(data)
        turned[number] ^= 0x10
        segment(folder).write_bytes(turned)
        journal = Journal(folder, "log")
        read: list[bytes | None] = []
        with pytest.raises(JournalDamaged):
            for entry in journal.scan():
                read.append(entry.payload)
        assert read == ENTRIES[: len(read)]
        journal.append(b"next")
        assert not journal.verify().ok
        with journal.salvaged() as left:
            found = [entry.payload for entry in left]
        assert b"next" in found
        assert len(found) >= len(ENTRIES)
