"""Kept content: once, private, verified, sealed where the group is, and let go in time."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from quintet.errors import QuintetError
from quintet.platform.clock import FakeClock
from quintet.platform.record.event import Outcome
from quintet.platform.record.reading import Query
from quintet.platform.record.record import Record
from quintet.platform.record.settings import RecordSettings
from quintet.platform.record.shelf import ContentLost
from quintet.platform.record.undo import Undo, UndoConflict
from support.histories import OneKey, record_at

_LONG_AGO = 1_000_000_000


def overwrite(record: Record, path: Path, data: bytes, group: str = "code") -> str:
    with record.action(group, "fix", "x") as action:
        action.write_file(path, data)
    return action.id


def undo(record: Record, id: str) -> None:
    work = Undo(record)
    work.apply(work.plan([record.resolve(id)]))


def files_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and path.name != "lock"]


def age_content(record: Record) -> None:
    for path in files_below(record.directory / "vault"):
        os.utime(path, (_LONG_AGO, _LONG_AGO))


def test_the_same_content_is_kept_once(tmp_path: Path) -> None:
    record = record_at(tmp_path / "record")
    for name in "abc":
        (tmp_path / name).write_bytes(b"same")
        overwrite(record, tmp_path / name, b"new")
    assert record.vault.usage().contents == 1


def test_kept_content_is_private(tmp_path: Path) -> None:
    record = record_at(tmp_path / "record")
    (tmp_path / "a").write_bytes(b"old")
    overwrite(record, tmp_path / "a", b"new")
    for path in (tmp_path / "record" / "vault").rglob("*"):
        assert path.stat().st_mode & 0o077 == 0


@pytest.mark.demand("RECORD-13")
def test_a_sealed_groups_content_and_words_are_nowhere_in_the_clear(tmp_path: Path) -> None:
    record = record_at(tmp_path / "record", keys=OneKey("life"))
    (tmp_path / "diary").write_bytes(b"planted marker one" * 100_000)
    with record.action("life", "note", "planted marker two") as action:
        action.because("planted marker three")
        action.write_file(tmp_path / "diary", b"planted marker four")
    record.events()
    for path in files_below(tmp_path / "record"):
        assert b"planted" not in path.read_bytes(), path
    undo(record, action.id)
    assert (tmp_path / "diary").read_bytes() == b"planted marker one" * 100_000


def test_without_the_key_a_sealed_action_is_listed_and_tells_nothing(tmp_path: Path) -> None:
    keys = OneKey("life")
    id = overwrite(record_at(tmp_path / "record", keys=keys), tmp_path / "a", b"1", "life")
    keys.locked = True
    locked = record_at(tmp_path / "record", keys=keys)
    event = locked.resolve(id)
    assert (event.group, event.sealed, event.verb, event.effects) == ("life", True, "", ())
    assert event.outcome is Outcome.DONE
    with pytest.raises(QuintetError, match="is sealed"):
        Undo(locked).plan([event])


def test_a_locked_group_does_not_act(tmp_path: Path) -> None:
    keys = OneKey("life", locked=True)
    with pytest.raises(LookupError):
        overwrite(record_at(tmp_path / "record", keys=keys), tmp_path / "a", b"1", "life")
    assert not (tmp_path / "a").exists()


def test_history_stays_readable_when_the_data_key_is_rotated(tmp_path: Path) -> None:
    keys = OneKey("life")
    record = record_at(tmp_path / "record", keys=keys)
    id = overwrite(record, tmp_path / "a", b"1", "life")
    new = OneKey("life", generation=1)
    record.group_keys.rewrap("life", new.data_key("life"))
    assert record_at(tmp_path / "record", keys=new).resolve(id).verb == "fix"
    assert record_at(tmp_path / "record", keys=keys).resolve(id).sealed


def test_content_kept_before_a_group_was_sealed_can_still_be_restored(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    id = overwrite(record_at(tmp_path / "record"), tmp_path / "a", b"new", "life")
    undo(record_at(tmp_path / "record", keys=OneKey("life"), seed=2), id)
    assert (tmp_path / "a").read_bytes() == b"old"


@pytest.mark.parametrize("cut", [0, 10, 100, -1, -40])
def test_sealed_content_that_was_cut_or_changed_is_refused(tmp_path: Path, cut: int) -> None:
    record = record_at(tmp_path / "record", keys=OneKey("life"))
    (tmp_path / "a").write_bytes(b"old" * 1000)
    id = overwrite(record, tmp_path / "a", b"new", "life")
    (kept,) = files_below(tmp_path / "record" / "vault")
    kept.write_bytes(kept.read_bytes()[:cut])
    with pytest.raises(QuintetError):
        undo(record, id)
    assert (tmp_path / "a").read_bytes() == b"new"


def test_lost_content_is_found_out_when_undo_is_planned(tmp_path: Path) -> None:
    record = record_at(tmp_path / "record")
    (tmp_path / "a").write_bytes(b"old")
    id = overwrite(record, tmp_path / "a", b"new")
    for path in files_below(tmp_path / "record" / "vault"):
        path.unlink()
    with pytest.raises(UndoConflict, match="no longer kept"):
        undo(record, id)


def test_changed_content_is_found_out_when_it_is_read(tmp_path: Path) -> None:
    record = record_at(tmp_path / "record")
    (tmp_path / "a").write_bytes(b"old")
    id = overwrite(record, tmp_path / "a", b"new")
    for path in files_below(tmp_path / "record" / "vault"):
        path.write_bytes(b"evil")
    with pytest.raises(ContentLost):
        undo(record, id)
    assert (tmp_path / "a").read_bytes() == b"new"


class Aging:
    """A record whose actions are a day apart."""

    def __init__(self, folder: Path, **settings: int) -> None:
        self.clock = FakeClock()
        self.folder = folder
        limits = RecordSettings(**{"keep_last": 1, **settings})
        self.record = record_at(folder / "record", clock=self.clock, settings=limits)

    def days(self, count: int) -> list[str]:
        ids: list[str] = []
        for day in range(count):
            self.clock.advance(timedelta(days=1).total_seconds())
            ids.append(overwrite(self.record, self.folder / "a", b"%03d" % day))
        age_content(self.record)
        return ids


@pytest.mark.demand("RECORD-6")
def test_actions_beyond_their_days_expire_and_their_content_goes(tmp_path: Path) -> None:
    aging = Aging(tmp_path, keep_days=3)
    ids = aging.days(6)
    aging.record.tidy()
    expired = [e.id for e in aging.record.events(Query(limit=None)) if e.expired]
    assert expired == ids[2::-1] or expired == ids[1::-1]
    assert aging.record.vault.usage().contents == len(ids) - len(expired)
    with pytest.raises(UndoConflict, match="time of undoing is over"):
        undo(aging.record, ids[0])


def test_what_is_within_the_limits_can_be_undone_after_tidying(tmp_path: Path) -> None:
    aging = Aging(tmp_path, keep_days=3)
    ids = aging.days(6)
    aging.record.tidy()
    for id in reversed(ids[3:]):
        undo(aging.record, id)
    assert (tmp_path / "a").read_bytes() == b"002"


def test_the_oldest_gives_way_when_the_bytes_are_used_up(tmp_path: Path) -> None:
    aging = Aging(tmp_path, keep_bytes=9)
    aging.days(6)
    assert aging.record.retained().undoable == 3
    aging.record.tidy()
    assert aging.record.vault.usage().size_bytes == 9


def test_the_last_actions_can_be_undone_however_old_they_are(tmp_path: Path) -> None:
    aging = Aging(tmp_path, keep_days=3, keep_last=2)
    ids = aging.days(3)
    aging.clock.advance(timedelta(days=400).total_seconds())
    aging.record.tidy()
    undo(aging.record, ids[2])
    undo(aging.record, ids[1])
    with pytest.raises(UndoConflict):
        undo(aging.record, ids[0])


def test_content_that_came_in_lately_stays_without_being_wanted(tmp_path: Path) -> None:
    record = record_at(tmp_path / "record")
    record.vault.shelf("code").keep_bytes(b"for a plan that waits")
    record.tidy()
    assert record.vault.usage().contents == 1
    age_content(record)
    record.tidy()
    assert record.vault.usage().contents == 0


def test_content_of_a_locked_group_is_never_swept(tmp_path: Path) -> None:
    keys = OneKey("life")
    record = record_at(tmp_path / "record", keys=keys)
    (tmp_path / "a").write_bytes(b"old")
    id = overwrite(record, tmp_path / "a", b"new", "life")
    age_content(record)
    keys.locked = True
    record_at(tmp_path / "record", keys=keys).tidy()
    keys.locked = False
    undo(record_at(tmp_path / "record", keys=keys, seed=3), id)
    assert (tmp_path / "a").read_bytes() == b"old"


def test_tidying_happens_by_itself_once_a_day(tmp_path: Path) -> None:
    aging = Aging(tmp_path, keep_days=3)
    aging.days(6)
    aging.days(1)
    assert any(event.expired for event in aging.record.events())


@pytest.mark.demand("RECORD-7")
def test_a_forgotten_action_is_nowhere_on_disk_and_the_chain_still_holds(tmp_path: Path) -> None:
    from quintet.platform.record.verify import verify

    record = record_at(tmp_path / "record")
    (tmp_path / "a").write_bytes(b"planted old content")
    keep = overwrite(record, tmp_path / "b", b"other")
    with record.action("life", "note", "planted words") as action:
        action.write_file(tmp_path / "a", b"new")
    assert record.forget([action.id]) > 0
    for path in files_below(tmp_path / "record"):
        assert b"planted" not in path.read_bytes(), path
    assert [event.id for event in record.events()] == [keep]
    assert verify(record).is_whole


def test_a_lost_record_key_leaves_a_sealed_history_that_says_nothing(tmp_path: Path) -> None:
    keys = OneKey("life")
    id = overwrite(record_at(tmp_path / "record", keys=keys), tmp_path / "a", b"1", "life")
    (tmp_path / "record" / "keys" / "life.key").unlink()
    assert record_at(tmp_path / "record", keys=keys).resolve(id).sealed


def test_a_sealed_line_moved_to_another_action_does_not_open(tmp_path: Path) -> None:
    import json

    record = record_at(tmp_path / "record", keys=OneKey("life"))
    overwrite(record, tmp_path / "a", b"1", "life")
    first = next(record.journal.scan()).payload
    assert first is not None
    moved = {**json.loads(first), "id": "b" * 14}
    assert record.codec.decode(first).body is not None
    assert record.codec.decode(json.dumps(moved).encode()).body is None


def test_a_line_of_a_newer_version_says_so(tmp_path: Path) -> None:
    import json

    record = record_at(tmp_path / "record")
    overwrite(record, tmp_path / "a", b"1")
    first = next(record.journal.scan()).payload
    assert first is not None
    record.journal.append(json.dumps({**json.loads(first), "v": 2}).encode())
    with pytest.raises(QuintetError, match="newer version"):
        record.events()


@pytest.mark.parametrize("group", ["", "../x", "Life", "a" * 40, "a b"])
def test_a_group_cannot_be_a_path(tmp_path: Path, group: str) -> None:
    record = record_at(tmp_path / "record", keys=OneKey(group))
    with pytest.raises(QuintetError, match="not a group"), record.action(group, "x", "x"):
        pass


def test_old_content_that_is_needed_again_is_safe_from_a_sweep_that_did_not_see_it(
    tmp_path: Path,
) -> None:
    record = record_at(tmp_path / "record")
    record.vault.shelf("code").keep_bytes(b"old")
    age_content(record)
    (tmp_path / "a").write_bytes(b"old")
    id = overwrite(record, tmp_path / "a", b"new")
    record.vault.sweep(wanted=())
    undo(record, id)
    assert (tmp_path / "a").read_bytes() == b"old"


def test_a_clock_that_went_back_ages_nothing(tmp_path: Path) -> None:
    aging = Aging(tmp_path, keep_days=3)
    first = aging.days(1)[0]
    aging.clock.advance(-50 * 365 * 86_400)
    overwrite(aging.record, tmp_path / "a", b"from 1976")
    aging.clock.advance(50 * 365 * 86_400)
    overwrite(aging.record, tmp_path / "a", b"back again")
    age_content(aging.record)
    aging.record.tidy()
    assert not aging.record.resolve(first).expired
