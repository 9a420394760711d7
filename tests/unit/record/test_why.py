"""Why: the chain of causes across groups, the evidence as it stands now, and what came of it."""

from pathlib import Path

import pytest

from quintet.platform.crypto import digest_hex
from quintet.platform.record.effects.row import RowHandler, RowTarget
from quintet.platform.record.event import Evidence
from quintet.platform.record.record import Record
from quintet.platform.record.undo import Undo
from quintet.platform.record.why import Now, explain, row_digest
from support.histories import OneKey, record_at
from support.rows import things_at


@pytest.fixture
def record(tmp_path: Path) -> Record:
    return record_at(tmp_path / "record")


def act(record: Record, group: str = "code", cause: str = "", *evidence: Evidence) -> str:
    with record.action(group, "do", f"in {group}", cause=cause) as action:
        action.because("asked", *evidence)
    return action.id


@pytest.mark.demand("RECORD-9")
def test_causes_are_walked_to_the_root_across_groups(record: Record) -> None:
    read = act(record, "life")
    booked = act(record, "ops", read)
    cut = act(record, "video", booked)
    explained = explain(record, record.resolve(cut))
    assert [event.id for event in explained.causes] == [booked, read]
    assert explained.missing_cause == ""


def test_the_walk_goes_through_a_sealed_action(tmp_path: Path) -> None:
    keys = OneKey("life")
    open_record = record_at(tmp_path / "record", keys=keys)
    root = act(open_record, "ops")
    sealed = act(open_record, "life", root)
    last = act(open_record, "video", sealed)
    keys.locked = True
    record = record_at(tmp_path / "record", keys=keys)
    causes = explain(record, record.resolve(last)).causes
    assert [(event.id, event.sealed) for event in causes] == [(sealed, True), (root, False)]


def test_a_cause_that_is_not_on_record_is_named(record: Record) -> None:
    id = act(record, "code", "z" * 14)
    explained = explain(record, record.resolve(id))
    assert explained.causes == ()
    assert explained.missing_cause == "z" * 14


def test_a_circle_of_causes_ends(record: Record) -> None:
    first = act(record)
    last = act(record, "code", first)
    assert len(explain(record, record.resolve(last)).causes) == 1


def test_evidence_is_looked_at_again(record: Record, tmp_path: Path) -> None:
    for name in ("same", "changed", "gone"):
        (tmp_path / name).write_bytes(b"then")
    digest = digest_hex(b"then")
    names = ("same", "changed", "gone")
    evidence = [Evidence("file", str(tmp_path / name), digest=digest) for name in names]
    unchecked = [
        Evidence("line", str(tmp_path / "same"), where="3"),
        Evidence("value", "42", digest=digest),
        Evidence("file", str(tmp_path), digest=digest),
    ]
    id = act(record, "code", "", *evidence, *unchecked)
    (tmp_path / "changed").write_bytes(b"now")
    (tmp_path / "gone").unlink()
    checked = explain(record, record.resolve(id)).evidence
    expected = [Now.SAME, Now.CHANGED, Now.GONE, Now.UNCHECKED, Now.UNCHECKED, Now.GONE]
    assert [one.now for one in checked] == expected


def test_a_relative_name_is_meant_from_where_the_action_ran(record: Record, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(b"x")
    id = act(record, "code", "", Evidence("line", "a.py", "1", digest_hex(b"x")))
    assert explain(record, record.resolve(id)).evidence[0].now is Now.SAME


def test_a_row_as_evidence_is_looked_at_again(record: Record, tmp_path: Path) -> None:
    handler = RowHandler(lambda _: things_at(tmp_path / "store"))
    record.register(handler)
    target = RowTarget("life", "things", {"id": "a"})
    with record.action("life", "add", "x") as action:
        action.apply(handler.change(target, {"name": "then"}))
    digest = row_digest(handler.state(str(target)))
    id = act(record, "code", "", Evidence("row", str(target), digest=digest))
    assert explain(record, record.resolve(id)).evidence[0].now is Now.SAME
    with record.action("life", "edit", "x") as action:
        action.apply(handler.change(target, {"name": "now"}))
    assert explain(record, record.resolve(id)).evidence[0].now is Now.CHANGED


def test_what_came_of_an_action_is_told_with_how(record: Record, tmp_path: Path) -> None:
    with record.action("code", "fix", "x") as action:
        action.write_file(tmp_path / "f", b"1")
    id = action.id
    caused = act(record, "ops", id)
    relied = act(record, "life", "", Evidence("event", id))
    read = act(record, "edge", "", Evidence("file", str(tmp_path / "f")))
    with record.action("video", "cut", "x") as action:
        action.write_file(tmp_path / "f", b"2")
    changed = action.id
    act(record, "life")
    work = Undo(record)
    work.apply(work.plan([record.resolve(changed), record.resolve(id)]))
    undone = record.resolve(id).undone_by
    explained = explain(record, record.resolve(id))
    assert {one.event.id: one.how for one in explained.consequences} == {
        caused: "was caused by it",
        relied: "relied on it",
        read: "relied on what it changed",
        changed: "changed the same things later",
        undone: "undid it",
    }
