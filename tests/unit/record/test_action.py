"""An action tells what it did, also when it fails, and nothing happens that is not told first."""

import os
from pathlib import Path

import pytest

from quintet.errors import QuintetError
from quintet.platform.clock import FakeClock
from quintet.platform.files import FileFailure
from quintet.platform.policy.label import Label
from quintet.platform.record.effects.port import UnknownEffect, WorldChanged
from quintet.platform.record.event import Cost, Effect, Evidence, Outcome, Reversal
from quintet.platform.record.record import Record
from quintet.platform.store.journal import Entry, Journal
from support.histories import record_at


@pytest.fixture
def record(tmp_path: Path) -> Record:
    return record_at(tmp_path / "record")


@pytest.fixture
def work(tmp_path: Path) -> Path:
    (tmp_path / "work").mkdir()
    return tmp_path / "work"


def test_an_event_tells_everything_that_the_action_said(record: Record, work: Path) -> None:
    seen = Evidence("file", "a.py", where="3:5", digest="ab" * 32, note="the call")
    with record.action(
        "code", "fix", "fix the call", actor="model:x", cause="c" * 14, labels=[Label.MINE]
    ) as action:
        action.because("it crashed", seen)
        action.decided("rule: own files")
        action.spend(Cost(money_micros=5, tokens=10, duration_s=0.5))
        action.spend(Cost(money_micros=2))
        action.write_file(work / "a.py", b"new")
    (event,) = record.history().events()
    assert (event.id, event.group, event.verb) == (action.id, "code", "fix")
    assert (event.summary, event.actor, event.cause) == ("fix the call", "model:x", "c" * 14)
    assert event.reasons == ("it crashed",)
    assert event.evidence == (seen,)
    assert event.policy == "rule: own files"
    assert event.cost == Cost(7, 10, 0.5)
    assert event.labels == ("mine",)
    assert event.run == record.run
    assert event.outcome is Outcome.DONE
    assert event.uncertain == ()
    assert event.effects[0].target == str(work / "a.py")


def test_a_failed_action_keeps_its_error_and_what_was_applied(record: Record, work: Path) -> None:
    with pytest.raises(ValueError), record.action("code", "fix", "x") as action:
        action.write_file(work / "a", b"1")
        raise ValueError("no such luck")
    (event,) = record.history().events()
    assert event.outcome is Outcome.FAILED
    assert event.error == "no such luck"
    assert len(event.effects) == 1


def test_an_action_without_effects_costs_one_append(tmp_path: Path) -> None:
    journal = CountingJournal(tmp_path / "record", "record")
    record = Record(journal, tmp_path / "record", clock=FakeClock())
    with record.action("code", "locate", "look") as action:
        action.because("asked")
    assert journal.appends == 1


def test_an_action_with_one_effect_costs_two_appends(tmp_path: Path, work: Path) -> None:
    journal = CountingJournal(tmp_path / "record", "record")
    record = Record(journal, tmp_path / "record", clock=FakeClock())
    with record.action("code", "fix", "write") as action:
        action.because("asked")
        action.write_file(work / "a", b"1")
    assert journal.appends == 2


@pytest.mark.demand("RECORD-1")
def test_what_cannot_be_journaled_does_not_happen(tmp_path: Path, work: Path) -> None:
    journal = FullJournal(tmp_path / "record", "record")
    record = Record(journal, tmp_path / "record")
    with pytest.raises(FileFailure), record.action("code", "fix", "write") as action:
        action.write_file(work / "a", b"1")
    assert list(work.iterdir()) == []


def test_missing_folders_are_effects_of_their_own(record: Record, work: Path) -> None:
    with record.action("code", "fix", "x") as action:
        action.write_file(work / "a" / "b" / "c", b"1")
    (event,) = record.history().events()
    assert [effect.target for effect in event.effects] == [
        str(work / "a"),
        str(work / "a" / "b"),
        str(work / "a" / "b" / "c"),
    ]


def test_writing_what_is_there_already_is_no_effect(record: Record, work: Path) -> None:
    (work / "a").write_bytes(b"same")
    with record.action("code", "fix", "x") as action:
        action.write_file(work / "a", b"same")
    assert record.history().events()[0].effects == ()


def test_a_rewritten_file_keeps_its_mode(record: Record, work: Path) -> None:
    (work / "run.sh").write_bytes(b"old")
    (work / "run.sh").chmod(0o750)
    with record.action("code", "fix", "x") as action:
        action.write_file(work / "run.sh", b"new")
    assert (work / "run.sh").stat().st_mode & 0o777 == 0o750


def test_a_link_is_followed_when_written_and_stays_a_link(record: Record, work: Path) -> None:
    (work / "real").write_bytes(b"old")
    (work / "link").symlink_to("real")
    with record.action("code", "fix", "x") as action:
        action.write_file(work / "link", b"new")
    assert (work / "link").is_symlink()
    assert (work / "real").read_bytes() == b"new"


def test_names_that_are_not_utf8_are_recorded(record: Record, work: Path) -> None:
    odd = work / os.fsdecode(b"caf\xe9")
    with record.action("code", "fix", "x") as action:
        action.write_file(odd, b"1")
    assert record.history().events()[0].effects[0].target == str(odd)


def test_a_planned_effect_is_refused_when_the_world_changed(record: Record, work: Path) -> None:
    (work / "a").write_bytes(b"planned on this")
    planned = record.effects.changes("code").deleting(work / "a")
    (work / "a").write_bytes(b"but now it is this")
    with pytest.raises(WorldChanged), record.action("code", "rm", "x") as action:
        action.apply(planned)
    assert (work / "a").read_bytes() == b"but now it is this"


def test_an_unknown_kind_of_effect_is_refused_before_anything_happens(record: Record) -> None:
    with pytest.raises(UnknownEffect), record.action("ops", "send", "x") as action:
        action.apply(Effect("pigeon", "home", None, "sent"))


def test_an_irreversible_effect_is_durable_as_soon_as_it_happened(record: Record) -> None:
    record.register(Pigeon())
    with record.action("ops", "send", "x") as action:
        action.apply(Effect("pigeon", "home", None, "sent", Reversal.IRREVERSIBLE))
        (event,) = record.history().events()
        assert event.outcome is Outcome.OPEN
        assert event.uncertain == ()


def test_a_folder_cannot_be_written_or_deleted_as_a_file(record: Record, work: Path) -> None:
    (work / "d").mkdir()
    for refused in ("write", "delete"):
        with pytest.raises(FileFailure), record.action("code", refused, "x") as action:
            if refused == "write":
                action.write_file(work / "d", b"1")
            else:
                action.delete_file(work / "d")
    assert (work / "d").is_dir()


def test_a_file_that_may_not_be_read_is_not_overwritten(record: Record, work: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    (work / "a").write_bytes(b"secret")
    (work / "a").chmod(0o200)
    with pytest.raises(QuintetError), record.action("code", "fix", "x") as action:
        action.write_file(work / "a", b"1")
    (work / "a").chmod(0o600)
    assert (work / "a").read_bytes() == b"secret"


class CountingJournal(Journal):
    """Counts syncs."""

    appends = 0

    def append_all(self, payloads: list[bytes]) -> list[Entry]:
        self.appends += 1
        return super().append_all(payloads)


class FullJournal(Journal):
    """A disk without space."""

    def append_all(self, payloads: list[bytes]) -> list[Entry]:
        raise FileFailure("could not write the record", why="the disk is full")


class Pigeon:
    """An effect that nobody can call back."""

    kind = "pigeon"

    def apply(self, effect: Effect) -> None: ...

    def state(self, target: str) -> object: ...

    def revert(self, effect: Effect) -> None: ...


def test_a_file_that_appeared_since_the_plan_is_not_overwritten(record: Record, work: Path) -> None:
    (planned,) = record.effects.changes("code").writing(work / "a", b"planned")
    record.vault.shelf("code").keep_bytes(b"planned")
    (work / "a").write_bytes(b"mine")
    with pytest.raises(WorldChanged), record.action("code", "fix", "x") as action:
        action.apply(planned)
    assert (work / "a").read_bytes() == b"mine"
