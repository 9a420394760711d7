"""Whatever is changed in the record is found, also its end, and also what makes no sense."""

from pathlib import Path

import pytest

from quintet.errors import UsageError
from quintet.platform.record.lines import Line, LineCodec, LineKind
from quintet.platform.record.record import Record
from quintet.platform.record.undo import Undo
from quintet.platform.record.verify import anchor_of, verify
from support.histories import OneKey, record_at

_AT = "2026-01-01T00:00:00.000000Z"
_ID = "b" * 14


@pytest.fixture
def record(tmp_path: Path) -> Record:
    return record_at(tmp_path / "record")


def act(record: Record, path: Path, group: str = "code") -> str:
    with record.action(group, "fix", "x") as action:
        action.because("asked")
        action.write_file(path, b"1")
    return action.id


def segment(tmp_path: Path) -> Path:
    (found,) = (tmp_path / "record").glob("record.*.journal")
    return found


def test_a_record_that_nobody_touched_is_whole(record: Record, tmp_path: Path) -> None:
    id = act(record, tmp_path / "f")
    undo = Undo(record)
    undo.apply(undo.plan([record.resolve(id)]))
    found = verify(record)
    assert found.is_whole
    assert found.actions == 2
    assert found.notes == ()


def test_an_empty_record_is_whole(record: Record) -> None:
    assert verify(record).is_whole


@pytest.mark.demand("RECORD-8")
def test_every_changed_byte_is_found(record: Record, tmp_path: Path) -> None:
    act(record, tmp_path / "f")
    path = segment(tmp_path)
    whole = path.read_bytes()
    for place in range(0, len(whole), 7):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert not verify(record).is_whole, place
    path.write_bytes(whole)
    assert verify(record).is_whole


@pytest.mark.demand("RECORD-8")
def test_every_cut_at_the_end_is_found(record: Record, tmp_path: Path) -> None:
    act(record, tmp_path / "f")
    path = segment(tmp_path)
    whole = path.read_bytes()
    for length in range(0, len(whole), 7):
        path.write_bytes(whole[:length])
        assert not verify(record).is_whole, length


def test_a_record_rolled_back_whole_is_found_by_its_anchor(record: Record, tmp_path: Path) -> None:
    act(record, tmp_path / "f")
    earlier = {p: p.read_bytes() for p in (tmp_path / "record").glob("record.*") if p.is_file()}
    act(record, tmp_path / "g")
    anchor = anchor_of(record)
    for path, data in earlier.items():
        path.write_bytes(data)
    assert verify(record).is_whole
    assert not verify(record, anchor).is_whole


def test_an_anchor_holds_while_the_record_grows(record: Record, tmp_path: Path) -> None:
    act(record, tmp_path / "f")
    anchor = anchor_of(record)
    act(record, tmp_path / "g")
    assert verify(record, anchor).is_whole


@pytest.mark.parametrize("anchor", ["x", "1:", ":abc", "1:" + "g" * 64, "-1:" + "a" * 64])
def test_what_is_no_anchor_is_a_usage_error(record: Record, anchor: str) -> None:
    with pytest.raises(UsageError):
        verify(record, anchor)


def line(kind: LineKind, **body: object) -> Line:
    return Line(kind=kind, id=_ID, group="code", at=_AT, body=body)


_EFFECT = {
    "kind": "file",
    "target": "/x",
    "before": None,
    "after": None,
    "reversal": "reversible",
    "note": "",
}


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ([line(LineKind.DONE)], "never began"),
        ([line(LineKind.BEGUN), line(LineKind.BEGUN)], "begins twice"),
        ([line(LineKind.BEGUN), line(LineKind.APPLIED, effects=[0])], "never intended"),
        ([line(LineKind.BEGUN), line(LineKind.DONE), line(LineKind.DONE)], "after its end"),
        (
            [line(LineKind.BEGUN), line(LineKind.DONE), line(LineKind.INTENT, effect=_EFFECT)],
            "after its end",
        ),
        ([line(LineKind.BEGUN), line(LineKind.INTENT)], "not a line"),
        (
            [line(LineKind.BEGUN), Line(LineKind.UNDONE, _ID, "code", _AT, {"by": "c" * 14})],
            "undone by one that never began",
        ),
    ],
)
def test_steps_that_make_no_sense_are_found(record: Record, lines: list[Line], found: str) -> None:
    codec: LineCodec = record.codec
    record.journal.append_all([codec.encode(one) for one in lines])
    (problem,) = verify(record).problems
    assert found in problem.what
    record.events()


@pytest.mark.parametrize("payload", [b"", b"not json", b"[]", b"{}", b"\xff", b"1" * 100_000])
def test_entries_that_are_no_lines_are_found_and_reading_goes_on(
    record: Record, tmp_path: Path, payload: bytes
) -> None:
    first = act(record, tmp_path / "f")
    record.journal.append(payload)
    last = act(record, tmp_path / "g")
    assert [event.id for event in record.events()] == [last, first]
    assert len(verify(record).problems) == 1


def test_a_lying_index_is_built_anew_and_told(record: Record, tmp_path: Path) -> None:
    act(record, tmp_path / "f")
    record.events()
    index = tmp_path / "record" / "index"
    index.write_bytes(index.read_bytes().replace(b"code", b"life"))
    assert "index" in verify(record).notes[0].what
    assert verify(record).notes == ()


def test_a_sealed_record_is_checked_without_its_key(tmp_path: Path) -> None:
    keys = OneKey("life")
    act(record_at(tmp_path / "record", keys=keys), tmp_path / "f", "life")
    keys.locked = True
    assert verify(record_at(tmp_path / "record", keys=keys)).is_whole
