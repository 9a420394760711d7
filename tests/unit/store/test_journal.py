"""The journal: what was appended is there, in order, and nothing changes unseen."""

import os
import threading
from pathlib import Path

import pytest

from quintet.errors import Kind
from quintet.platform.files import FileFailure
from quintet.platform.store import frames
from quintet.platform.store.journal import EntryTooLarge, Journal, NoSuchEntry
from quintet.platform.store.segments import JournalDamaged
from quintet.platform.store.verdict import Head


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "j", "log")


@pytest.fixture
def small(tmp_path: Path) -> Journal:
    """Twenty entries over several segments."""
    journal = Journal(tmp_path / "j", "log", segment_limit_bytes=600)
    for number in range(1, 21):
        journal.append(b"entry %d" % number)
    return journal


def payloads(journal: Journal, after: int = 0) -> list[bytes | None]:
    return [entry.payload for entry in journal.scan(after=after)]


def segments(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "j").glob("log.*.journal"))


def damage(path: Path, old: bytes, new: bytes) -> None:
    data = path.read_bytes()
    assert old in data
    path.write_bytes(data.replace(old, new, 1))


def test_entries_come_back_in_order_and_numbered(journal: Journal) -> None:
    first = journal.append(b"one")
    rest = journal.append_all([b"two", b""])
    assert [entry.seq for entry in (first, *rest)] == [1, 2, 3]
    assert list(journal.scan()) == [first, *rest]
    assert payloads(journal, after=2) == [b""]
    assert journal.head() == Head(3, rest[-1].digest)


def test_an_empty_journal_is_whole_and_needs_no_folder(journal: Journal, tmp_path: Path) -> None:
    assert payloads(journal) == []
    assert journal.head().seq == 0
    assert journal.verify().ok
    assert journal.append_all([]) == []
    assert not (tmp_path / "j").exists()


def test_entries_go_on_over_segments(small: Journal, tmp_path: Path) -> None:
    assert len(segments(tmp_path)) > 3
    assert payloads(small, after=17) == [b"entry 18", b"entry 19", b"entry 20"]
    assert small.verify().ok
    assert small.verify().entries == 20


def test_another_instance_goes_on_where_the_first_one_stopped(
    small: Journal, tmp_path: Path
) -> None:
    other = Journal(tmp_path / "j", "log")
    assert other.append(b"more").seq == 21
    assert small.verify(other.head()).ok


def test_files_are_private(small: Journal, tmp_path: Path) -> None:
    for path in (tmp_path / "j").iterdir():
        assert path.stat().st_mode & 0o077 == 0, path
    assert (tmp_path / "j").stat().st_mode & 0o077 == 0


def test_a_payload_may_be_large_but_not_huge(journal: Journal) -> None:
    large = os.urandom(3 << 20)
    journal.append(large)
    journal.append(b"after")
    assert payloads(journal) == [large, b"after"]
    with pytest.raises(EntryTooLarge):
        journal.append(bytes(frames.MAX_PAYLOAD_BYTES + 1))
    assert journal.head().seq == 2


def test_equal_payloads_have_digests_that_nobody_can_guess(journal: Journal) -> None:
    assert journal.append(b"yes").digest != journal.append(b"yes").digest
    body_digests = {
        frame.body_digest
        for name in ("a", "b")
        for frame in frames.chain(frames.Point(0, b"\0" * 32, 1, 0), [b"yes"])
        if name
    }
    assert len(body_digests) == 2


@pytest.mark.demand("STORE-5")
def test_a_redacted_payload_leaves_the_disk_and_the_chain_still_verifies(
    small: Journal, tmp_path: Path
) -> None:
    noted = small.head()
    small.redact([3, 17])
    assert payloads(small)[2] is None
    assert payloads(small)[16] is None
    assert payloads(small)[3] == b"entry 4"
    everything = b"".join(path.read_bytes() for path in (tmp_path / "j").iterdir())
    assert b"entry 3" not in everything
    assert b"entry 17" not in everything
    verdict = small.verify(noted)
    assert verdict.ok
    assert (verdict.entries, verdict.redacted) == (20, 2)
    small.append(b"goes on")
    assert small.verify().ok


def test_redacting_again_changes_nothing(small: Journal) -> None:
    small.redact([3])
    head = small.head()
    small.redact([3])
    small.redact([])
    assert small.head() == head


def test_what_is_not_there_cannot_be_redacted(small: Journal) -> None:
    small.redact([20])
    with pytest.raises(NoSuchEntry, match="no entry 99"):
        small.redact([1, 99])
    with pytest.raises(NoSuchEntry):
        small.redact([21])  # the journal's own note about the redaction of 20
    assert payloads(small)[0] == b"entry 1"


def test_a_payload_taken_out_without_a_chained_note_is_named(
    small: Journal, tmp_path: Path
) -> None:
    path = segments(tmp_path)[0]
    data = path.read_bytes()
    start = frames.read_segment_header(data)
    assert start
    taken = [f.without_body() if f.seq == 2 else f for f in frames.walk(data, start)]
    header = data[: frames.SEGMENT_HEADER_BYTES]
    path.write_bytes(header + b"".join(frame.encoded() for frame in taken))
    (problem,) = small.verify().problems
    assert problem.seq == 2
    assert "without a redaction" in problem.what


def test_a_redaction_that_was_cut_off_is_named_and_finished_by_the_next(
    small: Journal, tmp_path: Path
) -> None:
    before = {path: path.read_bytes() for path in segments(tmp_path)}
    small.redact([2])
    path = segments(tmp_path)[0]
    path.write_bytes(before[path])  # as if killed after the note and before the rewriting
    (problem,) = small.verify().problems
    assert (problem.seq, "not finished" in problem.what) == (2, True)
    small.redact([])
    assert small.verify().ok
    assert payloads(small)[1] is None


@pytest.mark.demand("STORE-4")
def test_an_edit_is_named_with_entry_and_file(small: Journal, tmp_path: Path) -> None:
    damage(segments(tmp_path)[0], b"entry 2", b"entry X")
    (problem,) = small.verify().problems
    assert (problem.seq, problem.file) == (2, "log.000001.journal")
    with pytest.raises(JournalDamaged, match="entry 2") as caught:
        list(small.scan())
    assert caught.value.kind is Kind.INTEGRITY


@pytest.mark.demand("STORE-4")
def test_a_removed_segment_is_named(small: Journal, tmp_path: Path) -> None:
    segments(tmp_path)[1].unlink()
    assert any("segment 2 is missing" in problem.what for problem in small.verify().problems)
    with pytest.raises(JournalDamaged):
        list(small.scan())


@pytest.mark.demand("STORE-4")
def test_a_removed_end_is_named(small: Journal, tmp_path: Path) -> None:
    segments(tmp_path)[-1].unlink()
    assert any("missing at the end" in problem.what for problem in small.verify().problems)
    with pytest.raises(JournalDamaged, match="missing at the end"):
        list(small.scan())


@pytest.mark.demand("STORE-4")
def test_swapped_segments_are_named(small: Journal, tmp_path: Path) -> None:
    first, second = segments(tmp_path)[:2]
    one, two = first.read_bytes(), second.read_bytes()
    first.write_bytes(two)
    second.write_bytes(one)
    assert len(small.verify().problems) >= 2


def test_a_journal_that_was_replaced_as_a_whole_does_not_fit_a_noted_head(
    small: Journal, tmp_path: Path
) -> None:
    noted = small.head()
    for path in (tmp_path / "j").iterdir():
        path.unlink()
    for number in range(1, 31):
        small.append(b"forged %d" % number)
    assert small.verify().ok
    (problem,) = small.verify(noted).problems
    assert "noted head" in problem.what


def test_numbers_are_never_given_twice_and_a_loss_stays_told(
    small: Journal, tmp_path: Path
) -> None:
    segments(tmp_path)[-1].unlink()
    survivors = small.verify().entries
    entry = small.append(b"after the loss")
    assert entry.seq > 20
    (loss,) = small.verify().problems
    assert loss.what == f"the entries {survivors + 1} to 20 were lost"
    assert len(payloads(small)) == survivors + 1
    small.append(b"and on")
    assert small.verify().problems == (loss,)


def test_a_loss_that_was_known_when_a_head_was_noted_is_no_news(
    small: Journal, tmp_path: Path
) -> None:
    segments(tmp_path)[-1].unlink()
    small.append(b"after the loss")
    verdict = small.verify(small.head())
    assert verdict.ok
    assert any("were lost" in note.what for note in verdict.notes)


@pytest.mark.parametrize("how", ["damaged", "missing"])
def test_a_head_file_that_is_gone_or_damaged_is_told(
    small: Journal, tmp_path: Path, how: str
) -> None:
    head = tmp_path / "j" / "log.head"
    head.write_bytes(b"rubbish") if how == "damaged" else head.unlink()
    assert not small.verify().ok
    assert small.append(b"goes on").seq == 22  # 21 is the note about it
    (problem,) = small.verify().problems
    assert how in problem.what
    assert payloads(small)[-1] == b"goes on"


def test_an_unfinished_write_is_set_aside_and_told(small: Journal, tmp_path: Path) -> None:
    path = segments(tmp_path)[-1]
    with path.open("ab") as stream:
        stream.write(b"QJF1 half a frame")
    assert payloads(small)[-1] == b"entry 20"
    assert small.verify().ok
    assert "cut off by a crash" in small.verify().notes[0].what
    assert small.append(b"next").seq == 21
    assert path.with_name(f"{path.name}.torn-1").read_bytes() == b"QJF1 half a frame"
    assert small.verify().ok
    assert "set aside" in small.verify().notes[0].what


def test_a_batch_that_was_cut_off_leaves_none_of_its_entries(
    small: Journal, tmp_path: Path
) -> None:
    (tmp_path / "head").write_bytes((tmp_path / "j" / "log.head").read_bytes())
    small.append_all([b"a", b"b", b"c"])
    path = segments(tmp_path)[-1]
    os.truncate(path, path.stat().st_size - 5)
    (tmp_path / "head").replace(tmp_path / "j" / "log.head")
    assert payloads(small)[-1] == b"entry 20"
    assert small.append(b"next").seq == 21
    assert small.verify().ok


@pytest.mark.parametrize("content", [b"", b"\0" * 61, b"rubbish" * 1000, b"\xff" * 10])
def test_a_segment_of_rubbish_is_named(small: Journal, tmp_path: Path, content: bytes) -> None:
    segments(tmp_path)[1].write_bytes(content)
    assert any(p.file == "log.000002.journal" for p in small.verify().problems)
    with pytest.raises(JournalDamaged, match=r"log\.00000[12]"):
        list(small.scan())


def test_other_files_in_the_folder_are_left_alone(small: Journal, tmp_path: Path) -> None:
    (tmp_path / "j" / "log.notes.journal").write_bytes(b"mine")
    (tmp_path / "j" / "other.000001.journal").write_bytes(b"mine")
    assert small.verify().ok
    assert small.append(b"x").seq == 21


def test_a_folder_that_is_a_file_is_told_in_plain_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    journal = Journal(tmp_path / "file", "log")
    with pytest.raises(FileFailure, match="could not"):
        journal.append(b"x")


def test_threads_of_one_process_append_side_by_side(journal: Journal) -> None:
    def work() -> None:
        for _ in range(25):
            journal.append(b"x")

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [entry.seq for entry in journal.scan()] == list(range(1, 101))
    assert journal.verify().ok


def test_a_queue_drops_what_was_dealt_with_and_goes_on_counting(tmp_path: Path) -> None:
    queue = Journal(tmp_path / "j", "log", segment_limit_bytes=600)
    for _ in range(20):
        queue.append(b"x" * 50)
    end = queue.seal()
    queue.append(b"late")
    assert end == 20
    queue.discard(through=end)
    assert payloads(queue) == [b"late"]
    queue.discard(through=queue.seal())
    assert queue.size_bytes() == 0
    assert queue.append(b"next").seq == 22


def test_a_queue_keeps_a_segment_that_still_holds_something(small: Journal) -> None:
    small.seal()
    small.discard(through=1)
    assert payloads(small)[0] == b"entry 1"


def test_what_is_whole_in_a_damaged_queue_is_salvaged(small: Journal, tmp_path: Path) -> None:
    damage(segments(tmp_path)[0], b"entry 2", b"entry X")
    damage(segments(tmp_path)[2], b"QJF1", b"QJFX")
    with small.salvaged() as entries:
        kept = [entry.payload for entry in entries]
    assert len(kept) == 18
    assert b"entry 1" in kept
    assert b"entry 20" in kept
    assert payloads(small) == []
    assert small.append(b"next").seq > 20


def test_a_salvage_that_fails_leaves_the_files_in_place(small: Journal, tmp_path: Path) -> None:
    damage(segments(tmp_path)[0], b"entry 2", b"entry X")
    count = len(segments(tmp_path))
    with pytest.raises(RuntimeError), small.salvaged():
        raise RuntimeError
    assert len(segments(tmp_path)) >= count
