"""Finding actions: the latest, those of a group or a time, and one by a short name."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from quintet.errors import NotFound, UsageError
from quintet.platform.clock import FakeClock
from quintet.platform.record.event import Outcome
from quintet.platform.record.reading import AmbiguousId, Query
from quintet.platform.record.record import Record
from quintet.platform.record.undo import Undo
from support.histories import record_at


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def record(tmp_path: Path, clock: FakeClock) -> Record:
    return record_at(tmp_path / "record", clock=clock)


def act(record: Record, group: str = "code", verb: str = "fix") -> str:
    with record.action(group, verb, f"{verb} something") as action:
        pass
    return action.id


def test_an_empty_record_has_no_events(record: Record) -> None:
    assert record.events() == []


def test_the_newest_actions_come_first_and_no_more_than_asked(record: Record) -> None:
    ids = [act(record) for _ in range(30)]
    assert [event.id for event in record.events(Query(limit=3))] == ids[:-4:-1]
    assert len(record.events(Query(limit=None))) == 30


def test_actions_are_found_by_group_verb_time_and_outcome(record: Record, clock: FakeClock) -> None:
    old = act(record, "life", "add")
    clock.advance(3600)
    new = act(record, "code", "locate")
    with pytest.raises(RuntimeError), record.action("code", "fix", "x"):
        raise RuntimeError
    middle = clock.now() - timedelta(seconds=1)
    assert [e.id for e in record.events(Query(group="life"))] == [old]
    assert [e.id for e in record.events(Query(verb="locate"))] == [new]
    assert [e.id for e in record.events(Query(until=middle))] == [old]
    assert old not in [e.id for e in record.events(Query(since=middle))]
    assert len(record.events(Query(outcome=Outcome.FAILED))) == 1


def test_a_moment_before_the_epoch_of_everything_is_no_trouble(tmp_path: Path) -> None:
    clock = FakeClock(datetime(1970, 1, 1, tzinfo=UTC))
    record = record_at(tmp_path / "record", clock=clock)
    id = act(record)
    assert record.events(Query(since=datetime(1970, 1, 1, tzinfo=UTC)))[0].id == id


def test_an_action_is_named_by_the_beginning_of_its_id(record: Record) -> None:
    id = act(record)
    assert record.resolve(id[:6]).id == id
    assert record.resolve(id).id == id


def test_an_action_is_named_by_its_place(record: Record) -> None:
    first, life, last = act(record), act(record, "life"), act(record)
    assert record.resolve("@-1").id == last
    assert record.resolve("@").id == last
    assert record.resolve("@-3").id == first
    assert record.resolve("@life-1").id == life
    assert record.resolve("@life").id == life


def test_an_ambiguous_beginning_lists_what_it_fits(record: Record) -> None:
    ids = [act(record) for _ in range(60)]
    shared = next(id[0] for id in ids if sum(other[0] == id[0] for other in ids) > 1)
    with pytest.raises(AmbiguousId):
        record.resolve(shared)


def test_an_unknown_id_is_answered_with_the_nearest_one(record: Record) -> None:
    id = act(record)
    wrong = id[:5] + ("b" if id[5] != "b" else "c")
    with pytest.raises(NotFound) as missing:
        record.resolve(wrong)
    assert missing.value.hint == f"did you mean {id[:6]}?"


@pytest.mark.parametrize("name", ["", "hello world", "../x", "@x-y", "aeiou"])
def test_what_cannot_be_an_id_is_a_usage_error(record: Record, name: str) -> None:
    with pytest.raises(UsageError):
        record.resolve(name)


@pytest.mark.parametrize("name", ["@-9", "@life-1"])
def test_a_place_that_the_record_does_not_reach_is_not_found(record: Record, name: str) -> None:
    act(record)
    with pytest.raises(NotFound):
        record.resolve(name)


@pytest.mark.demand("RECORD-15")
def test_the_index_follows_what_was_undone_and_redone(record: Record, tmp_path: Path) -> None:
    with record.action("code", "fix", "x") as action:
        action.write_file(tmp_path / "f", b"1")
    undo = Undo(record)
    for outcome in (Outcome.DONE, Outcome.UNDONE, Outcome.DONE, Outcome.UNDONE):
        event = record.resolve(action.id)
        assert event.outcome is outcome
        assert record.events(Query(limit=None))[-1].outcome is outcome
        target = record.resolve(event.undone_by) if event.undone_by else event
        undo.apply(undo.plan([target]))


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"garbage",
        b"b 1 zzzz code 2026\n# 1 0000000000000000\n",
        b"# 999999 0000000000000000\n",
        b"# x y\n",
        b"\xff\xfe\n# 1 0\n",
    ],
)
def test_a_damaged_index_is_built_anew(record: Record, tmp_path: Path, damage: bytes) -> None:
    ids = [act(record) for _ in range(3)]
    record.events()
    (tmp_path / "record" / "index").write_bytes(damage)
    assert [event.id for event in record.events()] == ids[::-1]


def test_an_index_of_another_journal_is_built_anew(tmp_path: Path) -> None:
    one, other = record_at(tmp_path / "one"), record_at(tmp_path / "other", seed=2)
    act(one), act(one)
    id = act(other)
    one.events()
    (tmp_path / "other" / "index").write_bytes((tmp_path / "one" / "index").read_bytes())
    assert [event.id for event in other.events()] == [id]


def test_a_record_that_cannot_be_written_can_be_read(record: Record, tmp_path: Path) -> None:
    id = act(record)
    (tmp_path / "record" / "index").mkdir()
    assert [event.id for event in record.events()] == [id]


def test_a_named_cause_is_taken_from_the_environment_only_if_it_is_an_id(tmp_path: Path) -> None:
    from quintet.platform.store.journal import Journal

    for cause, kept in (("b" * 14, "b" * 14), ("$(rm -rf /)", "")):
        folder = tmp_path / str(len(cause))
        record = Record(Journal(folder, "record"), folder, cause=cause)
        act(record)
        assert record.events()[0].cause == kept


def test_a_child_is_told_its_cause_and_the_cause_is_on_disk_by_then(record: Record) -> None:
    with record.action("ops", "run", "x") as action:
        assert action.for_child() == {"AI_CAUSE": action.id}
        assert record.resolve(action.id).outcome is Outcome.OPEN
