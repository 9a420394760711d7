"""Undo brings back what was there, or says why not and touches nothing."""

import os
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from quintet.platform.record.effects.row import RowHandler, RowTarget
from quintet.platform.record.event import Effect, Event, Outcome, Reversal
from quintet.platform.record.record import AlreadyUndone, Record
from quintet.platform.record.settings import RecordSettings
from quintet.platform.record.undo import PlanOutdated, Undo, UndoConflict
from quintet.platform.record.undo_plan import Standing
from support.histories import OneKey, record_at, tree_of
from support.rows import rows_of, things_at


@pytest.fixture
def record(tmp_path: Path) -> Record:
    return record_at(tmp_path / "record")


@pytest.fixture
def work(tmp_path: Path) -> Path:
    (tmp_path / "work").mkdir()
    return tmp_path / "work"


def event_of(record: Record, id: str) -> Event:
    event = record.history().find(id)
    assert event is not None
    return event


def undo(record: Record, *ids: str, cascade: bool = False, skip_conflicts: bool = False) -> str:
    work = Undo(record)
    plan = work.plan([event_of(record, id) for id in ids], cascade=cascade)
    return work.apply(plan, skip_conflicts=skip_conflicts)[0].by


@pytest.mark.demand("RECORD-2")
def test_everything_that_an_action_does_to_files_is_taken_back(record: Record, work: Path) -> None:
    (work / "old").write_bytes(b"old content")
    (work / "old").chmod(0o640)
    (work / "gone").write_bytes(b"untracked")
    (work / "d").mkdir()
    (work / "d" / "inside").write_bytes(b"1")
    (work / "points").symlink_to("old")
    (work / os.fsdecode(b"\xff")).write_bytes(b"odd name")
    before = tree_of(work)
    changes = record.effects.changes("code")
    with record.action("code", "fix", "many things") as action:
        action.write_file(work / "old", b"new content")
        action.write_file(work / "old", b"newer content")
        action.write_file(work / "a" / "b" / "c", b"deep")
        action.delete_file(work / "gone")
        action.delete_file(work / "points")
        action.apply_all(changes.linking(work / "points", "elsewhere"))
        action.delete_file(work / os.fsdecode(b"\xff"))
        action.move_file(work / "d", work / "a" / "moved")
        action.write_file(work / "a" / "moved" / "inside", b"2")
        action.move_file(work / "a" / "b" / "c", work / "a" / "moved" / "inside")
        action.apply(changes.setting_mode(work / "old", 0o600))
        action.apply(changes.removing_folder(work / "a" / "b"))
        action.apply_all(changes.making_folder(work / "new"))
    after = tree_of(work)
    assert after != before
    by = undo(record, action.id)
    assert tree_of(work) == before
    assert event_of(record, action.id).outcome is Outcome.UNDONE
    assert event_of(record, action.id).undone_by == by
    again = undo(record, by)
    assert tree_of(work) == after
    assert event_of(record, action.id).outcome is Outcome.DONE
    undo(record, again)
    assert tree_of(work) == before


@pytest.mark.demand("RECORD-3")
def test_a_file_changed_since_is_a_conflict_and_nothing_is_touched(
    record: Record, work: Path
) -> None:
    with record.action("code", "fix", "two files") as action:
        action.write_file(work / "a", b"1")
        action.write_file(work / "b", b"2")
    (work / "a").write_bytes(b"mine")
    before = tree_of(work)
    with pytest.raises(UndoConflict, match="a: it was changed since"):
        undo(record, action.id)
    assert tree_of(work) == before
    undo(record, action.id, skip_conflicts=True)
    assert tree_of(work).keys() == {"a"}
    assert event_of(record, action.id).outcome is Outcome.DONE


def test_what_a_later_action_built_on_has_to_be_undone_first(record: Record, work: Path) -> None:
    with record.action("code", "fix", "first") as first:
        first.write_file(work / "a", b"1")
    with record.action("video", "cut", "second") as second:
        second.write_file(work / "a", b"2")
    with pytest.raises(UndoConflict, match=f"undo {second.id[:6]} first"):
        undo(record, first.id)
    undo(record, first.id, cascade=True)
    assert tree_of(work) == {}
    assert event_of(record, second.id).outcome is Outcome.UNDONE


def test_a_moved_folder_takes_later_work_inside_it_into_account(record: Record, work: Path) -> None:
    (work / "d").mkdir()
    with record.action("code", "mv", "move") as moved:
        moved.move_file(work / "d", work / "e")
    with record.action("code", "fix", "write inside") as inside:
        inside.write_file(work / "e" / "f", b"1")
    with pytest.raises(UndoConflict, match=inside.id[:6]):
        undo(record, moved.id)
    undo(record, moved.id, inside.id)
    assert tree_of(work).keys() == {"d"}


def test_a_folder_that_others_use_by_now_is_left(record: Record, work: Path) -> None:
    with record.action("code", "fix", "x") as action:
        action.write_file(work / "d" / "f", b"1")
    (work / "d" / "mine").write_bytes(b"keep")
    undo(record, action.id)
    assert tree_of(work).keys() == {"d", "d/mine"}


def test_a_folder_that_is_gone_is_made_again_for_what_comes_back(
    record: Record, work: Path
) -> None:
    (work / "d" / "e").mkdir(parents=True)
    (work / "d" / "e" / "f").write_bytes(b"1")
    with record.action("code", "rm", "x") as action:
        action.delete_file(work / "d" / "e" / "f")
    (work / "d" / "e").rmdir()
    (work / "d").rmdir()
    by = undo(record, action.id)
    assert (work / "d" / "e" / "f").read_bytes() == b"1"
    undo(record, by)
    assert tree_of(work) == {}


def test_undoing_an_undone_action_says_how_to_bring_it_back(record: Record, work: Path) -> None:
    with record.action("code", "fix", "x") as action:
        action.write_file(work / "a", b"1")
    by = undo(record, action.id)
    with pytest.raises(AlreadyUndone) as refused:
        undo(record, action.id)
    assert by[:6] in refused.value.hint


def test_what_the_user_took_back_by_hand_is_left_alone(record: Record, work: Path) -> None:
    with record.action("code", "fix", "x") as action:
        action.write_file(work / "a", b"1")
        action.write_file(work / "a", b"2")
    (work / "a").unlink()
    undo(record, action.id)
    assert event_of(record, action.id).outcome is Outcome.UNDONE


def test_a_plan_that_the_world_has_overtaken_is_refused(record: Record, work: Path) -> None:
    with record.action("code", "fix", "x") as action:
        action.write_file(work / "a", b"1")
    plan = Undo(record).plan([event_of(record, action.id)])
    (work / "a").write_bytes(b"mine")
    with pytest.raises(PlanOutdated):
        Undo(record).apply(plan)
    assert (work / "a").read_bytes() == b"mine"


def test_a_plan_changes_nothing_and_shows_the_literal_effects(record: Record, work: Path) -> None:
    with record.action("code", "fix", "x") as action:
        action.write_file(work / "a", b"1")
    plan = Undo(record).plan([event_of(record, action.id)]).as_plan()
    assert [(effect.target, effect.after) for effect in plan.effects] == [(str(work / "a"), None)]
    assert (work / "a").exists()


@pytest.mark.demand("RECORD-4")
def test_restoring_never_goes_through_a_link(record: Record, work: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (work / "d").mkdir()
    (work / "d" / "f").write_bytes(b"secret")
    with record.action("code", "rm", "x") as action:
        action.delete_file(work / "d" / "f")
    (work / "d").rmdir()
    (work / "d").symlink_to(outside)
    with pytest.raises(UndoConflict):
        undo(record, action.id)
    assert list(outside.iterdir()) == []


def test_a_link_put_where_a_file_was_is_a_conflict(
    record: Record, work: Path, tmp_path: Path
) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"victim")
    (work / "f").write_bytes(b"old")
    with record.action("code", "fix", "x") as action:
        action.write_file(work / "f", b"new")
    (work / "f").unlink()
    (work / "f").symlink_to(victim)
    with pytest.raises(UndoConflict):
        undo(record, action.id)
    assert victim.read_bytes() == b"victim"


@pytest.mark.demand("RECORD-5")
def test_a_file_too_large_to_keep_says_so_before_and_after(tmp_path: Path, work: Path) -> None:
    record = record_at(tmp_path / "record", settings=RecordSettings(copy_limit_bytes=10))
    (work / "huge").write_bytes(b"x" * 11)
    described = record.effects.changes("video").deleting(work / "huge")
    if described.reversal is Reversal.REVERSIBLE:
        pytest.skip("this file system shares blocks")
    assert "larger than 10 bytes" in described.note
    with record.action("video", "rm", "x") as action:
        action.apply(described)
    with pytest.raises(UndoConflict, match="larger than 10 bytes"):
        undo(record, action.id)


def test_a_large_file_is_moved_and_moved_back_without_a_copy(tmp_path: Path, work: Path) -> None:
    record = record_at(tmp_path / "record", settings=RecordSettings(copy_limit_bytes=10))
    (work / "huge").write_bytes(b"x" * 11)
    with record.action("video", "mv", "x") as action:
        action.move_file(work / "huge", work / "renamed")
    undo(record, action.id)
    assert (work / "huge").read_bytes() == b"x" * 11
    assert record.vault.usage().contents == 0


def test_a_failed_action_can_be_undone(record: Record, work: Path) -> None:
    with pytest.raises(RuntimeError), record.action("code", "fix", "x") as action:
        action.write_file(work / "a", b"1")
        raise RuntimeError("halfway")
    undo(record, action.id)
    assert tree_of(work) == {}


def test_kept_content_that_was_changed_on_disk_is_not_restored(record: Record, work: Path) -> None:
    (work / "a").write_bytes(b"old")
    with record.action("code", "fix", "x") as action:
        action.write_file(work / "a", b"new")
    for kept in record.vault._contents():  # pyright: ignore[reportPrivateUsage]
        kept.write_bytes(b"evil")
    from quintet.platform.record.shelf import ContentLost

    with pytest.raises(ContentLost):
        undo(record, action.id)
    assert (work / "a").read_bytes() == b"new"


class Letters:
    """Letters can be written off, but not unsent; a wrong one is followed by an apology."""

    kind = "letter"

    def __init__(self) -> None:
        self.sent: list[str] = []

    def apply(self, effect: Effect) -> None:
        self.sent.append(effect.target)

    def state(self, target: str) -> object:
        if f"sorry:{target}" in self.sent:
            return None
        return "sent" if target in self.sent else None

    def revert(self, effect: Effect) -> None:
        self.sent.append(f"sorry:{effect.target}")


def test_an_irreversible_effect_refuses_with_its_reason(record: Record, work: Path) -> None:
    letters = Letters()
    record.register(letters)
    sent = Effect("letter", "bob", None, "sent", Reversal.IRREVERSIBLE, note="it is in the post")
    with record.action("ops", "send", "x") as action:
        action.write_file(work / "copy", b"1")
        action.apply(sent)
    with pytest.raises(UndoConflict, match="it is in the post"):
        undo(record, action.id)
    assert (work / "copy").exists()


def test_a_compensable_effect_is_compensated(record: Record) -> None:
    letters = Letters()
    record.register(letters)
    with record.action("ops", "send", "x") as action:
        action.apply(Effect("letter", "bob", None, "sent", Reversal.COMPENSABLE))
    undo(record, action.id)
    assert letters.sent == ["bob", "sorry:bob"]


def test_an_irreversible_effect_that_never_happened_does_not_block(
    record: Record, work: Path
) -> None:
    class Broken(Letters):
        def apply(self, effect: Effect) -> None:
            raise RuntimeError("no post office")

    record.register(Broken())
    with pytest.raises(RuntimeError), record.action("ops", "send", "x") as action:
        action.write_file(work / "copy", b"1")
        action.apply(Effect("letter", "bob", None, "sent", Reversal.IRREVERSIBLE))
    undo(record, action.id)
    assert tree_of(work) == {}


@pytest.mark.demand("RECORD-12")
def test_rows_are_inserted_changed_deleted_and_all_taken_back(
    record: Record, tmp_path: Path
) -> None:
    things = things_at(tmp_path / "store")
    handler = RowHandler(lambda name: things)
    record.register(handler)
    with things.write("seed") as connection:
        connection.execute(
            "INSERT INTO things VALUES ('a', 'old', 1.50, '2020-01-02 03:04:05', ['x'], 'raw')"
        )
        connection.execute("INSERT INTO things (id) VALUES ('b')")
    before = rows_of(things)

    def row(id: str) -> RowTarget:
        return RowTarget("life", "things", {"id": id})

    with record.action("life", "edit", "rows") as action:
        values = {"name": "new", "amount": Decimal("2.5"), "seen": datetime(2026, 1, 2)}
        changes = [
            handler.change(row("a"), values),
            handler.change(row("b"), None),
            handler.change(row("c"), {"tags": ["p", "q"], "raw": b"\x00\xff"}),
        ]
        action.apply_all(changes)
        action.apply(handler.change(row("c"), {"name": "third"}))
    after = rows_of(things)
    assert [(r["id"], r["name"]) for r in after] == [("a", "new"), ("c", "third")]
    by = undo(record, action.id)
    assert rows_of(things) == before
    undo(record, by)
    assert rows_of(things) == after


def test_a_row_changed_since_is_a_conflict(record: Record, tmp_path: Path) -> None:
    things = things_at(tmp_path / "store")
    handler = RowHandler(lambda name: things)
    record.register(handler)
    with record.action("life", "add", "row") as action:
        action.apply(handler.change(RowTarget("life", "things", {"id": "a"}), {"name": "x"}))
    with things.write("edit") as connection:
        connection.execute("UPDATE things SET name = 'y'")
    with pytest.raises(UndoConflict):
        undo(record, action.id)
    assert rows_of(things)[0]["name"] == "y"


def test_steps_tell_how_each_effect_stands(record: Record, work: Path) -> None:
    with record.action("code", "fix", "x") as action:
        action.write_file(work / "a", b"1")
        action.write_file(work / "b", b"1")
        action.write_file(work / "c", b"1")
    (work / "b").unlink()
    (work / "c").write_bytes(b"mine")
    plan = Undo(record).plan([event_of(record, action.id)])
    assert [step.standing for step in plan.steps] == [
        Standing.CHANGED,
        Standing.REVERTED,
        Standing.STANDS,
    ]


def test_what_a_later_action_took_away_again_still_waits_for_that_one(
    record: Record, work: Path
) -> None:
    with record.action("code", "fix", "first") as first:
        first.write_file(work / "a", b"1")
    with record.action("code", "rm", "second") as second:
        second.delete_file(work / "a")
    with pytest.raises(UndoConflict, match=f"undo {second.id[:6]} first"):
        undo(record, first.id)


def test_a_chain_of_moves_that_somebody_took_back_is_recognized(record: Record, work: Path) -> None:
    (work / "d").mkdir()
    (work / "d" / "f").write_bytes(b"1")
    (work / "other").write_bytes(b"1")
    with record.action("code", "mv", "x") as action:
        action.write_file(work / "other", b"2")
        action.move_file(work / "d", work / "e")
        action.write_file(work / "e" / "f", b"2")
    (work / "e").rename(work / "d")
    (work / "d" / "f").write_bytes(b"1")
    undo(record, action.id)
    assert (work / "other").read_bytes() == b"1"
    assert event_of(record, action.id).outcome is Outcome.UNDONE


def test_an_irreversible_effect_that_may_have_happened_is_looked_at(record: Record) -> None:
    class HalfBroken(Letters):
        def apply(self, effect: Effect) -> None:
            super().apply(effect)
            raise RuntimeError("no receipt")

    record.register(HalfBroken())
    with pytest.raises(RuntimeError), record.action("ops", "send", "x") as action:
        action.apply(Effect("letter", "bob", None, "sent", Reversal.IRREVERSIBLE))
    assert event_of(record, action.id).uncertain == (0,)
    with pytest.raises(UndoConflict, match="cannot be taken back"):
        undo(record, action.id)


def test_a_large_file_in_a_foreign_plan_becomes_irreversible_before_it_is_gone(
    tmp_path: Path, work: Path
) -> None:
    (work / "huge").write_bytes(b"x" * 11)
    planned = record_at(tmp_path / "plain").effects.changes("life").deleting(work / "huge")
    keys = OneKey("life")
    limits = RecordSettings(copy_limit_bytes=10)
    record = record_at(tmp_path / "record", keys=keys, settings=limits)
    with record.action("life", "rm", "x") as action:
        action.apply(planned)
    (effect,) = event_of(record, action.id).effects
    assert effect.reversal is Reversal.IRREVERSIBLE
    assert "larger than 10 bytes" in effect.note


def test_an_effect_of_an_unknown_kind_is_a_conflict_and_keeps_nothing_else_from_undo(
    record: Record, tmp_path: Path, work: Path
) -> None:
    with record.action("code", "fix", "x") as before:
        before.write_file(work / "a", b"1")
    record.register(Letters())
    with record.action("ops", "send", "x") as action:
        action.apply(Effect("letter", "bob", None, "sent"))
    elsewhere = record_at(tmp_path / "record", seed=2)
    with pytest.raises(UndoConflict, match="unknown here"):
        undo(elsewhere, action.id)
    undo(elsewhere, before.id)
    assert tree_of(work) == {}
