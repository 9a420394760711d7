"""From a file or a line into the encrypted store, once, and out again by undo."""

from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from quintet.app.home import App
from quintet.engines.life.adapters.ics import read_calendar
from quintet.engines.life.adapters.local_zone import local_zone
from quintet.engines.life.add import add, from_line
from quintet.engines.life.agenda import Brief, Hours
from quintet.engines.life.brief import brief, hours_of
from quintet.engines.life.found import Found
from quintet.engines.life.item_store import Difference
from quintet.engines.life.settings import LifeSettings
from quintet.errors import UsageError
from quintet.platform.config.config import BadValue
from quintet.platform.record.effects.row import RowHandler
from quintet.platform.record.undo import Undo
from quintet.platform.record.why import Now, check
from quintet.platform.store.database import Database
from quintet.platform.store.migrations import load_migrations
from support.calendars import calendar, event, task
from support.histories import OneKey, record_at

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HOURS = Hours(time(8), time(20), timedelta(minutes=30))
WORK = (
    event("Standup", ";TZID=Europe/Berlin:20260105T090000", "DURATION:PT30M", "RRULE:FREQ=DAILY"),
    event("Review", ";TZID=Europe/Berlin:20260302T091500", "DURATION:PT1H", "SEQUENCE:2"),
    task("Send report", "DUE;VALUE=DATE:20260301"),
)


class Home:
    """A real record and store in which a person keeps things."""

    def __init__(self, folder: Path, keys: OneKey | None = None) -> None:
        self.folder = folder
        self.record = record_at(folder / "record", keys=keys)
        migrations = load_migrations("quintet.engines.life")
        self.database = Database("life", folder / "store", migrations, keys=keys)
        self.record.register(RowHandler(lambda _: self.database))

    def add(self, found: Found) -> tuple[str, Difference]:
        with self.record.action("life", "add", found.source.name) as action:
            changes = add(found, database=self.database, local=BERLIN, action=action)
        return action.id, changes

    def brief(self, now: datetime = NOW) -> tuple[str, Brief]:
        with self.record.action("life", "brief", "brief") as action:
            told = brief(now, database=self.database, zone=BERLIN, hours=HOURS, action=action)
        return action.id, told

    def undo(self, id: str) -> None:
        event = self.record.history().find(id)
        assert event is not None
        undo = Undo(self.record)
        undo.apply(undo.plan([event]))

    def rows(self) -> list[dict[str, object]]:
        with self.database.read() as connection:
            return connection.rows("SELECT * FROM items ORDER BY id")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def work(*components: str) -> Found:
    return read_calendar(calendar(*(components or WORK)), "work.ics", BERLIN)


@pytest.mark.demand("LIFE-1")
def test_a_calendar_is_taken_in_once(home: Home) -> None:
    _, first = home.add(work())
    assert (len(first.new), len(first.changed), first.unchanged_count) == (3, 0, 0)
    _, second = home.add(work())
    assert (len(second.new), len(second.changed), second.unchanged_count) == (0, 0, 3)
    assert len(home.rows()) == 3


@pytest.mark.demand("LIFE-1")
def test_only_what_changed_is_changed(home: Home) -> None:
    home.add(work())
    before = {row["title"]: row for row in home.rows()}
    later = WORK[1].replace("091500", "141500").replace("SEQUENCE:2", "SEQUENCE:3")
    _, changes = home.add(work(WORK[0], later, WORK[2]))
    assert [item.title for item in changes.changed] == ["Review"]
    after = {row["title"]: row for row in home.rows()}
    assert after["Standup"] == before["Standup"]
    assert after["Review"]["starts"] == "2026-03-02T14:15:00"


@pytest.mark.demand("LIFE-1")
def test_an_older_version_changes_nothing(home: Home) -> None:
    home.add(work())
    older = WORK[1].replace("091500", "141500").replace("SEQUENCE:2", "SEQUENCE:1")
    _, changes = home.add(work(older))
    assert changes.effects == ()


def test_of_several_versions_in_one_file_the_latest_counts(home: Home) -> None:
    later = WORK[1].replace("SUMMARY:Review", "SUMMARY:Late").replace("SEQUENCE:2", "SEQUENCE:9")
    home.add(work(later, WORK[1]))
    assert [row["title"] for row in home.rows()] == ["Late"]


@pytest.mark.demand("LIFE-1")
def test_each_row_says_where_it_comes_from(home: Home) -> None:
    home.add(work())
    row = next(row for row in home.rows() if row["title"] == "Review")
    assert (row["source"], row["source_index"]) == ("work.ics", 2)
    assert row["source_digest"] == work().source.digest


@pytest.mark.demand("LIFE-5")
def test_undo_brings_the_rows_back_as_they_were(home: Home) -> None:
    home.add(work())
    before = home.rows()
    later = WORK[1].replace("091500", "141500").replace("SEQUENCE:2", "SEQUENCE:3")
    id, _ = home.add(work(later, task("new")))
    assert home.rows() != before
    home.undo(id)
    assert home.rows() == before


@pytest.mark.demand("LIFE-4")
def test_the_brief_cites_the_row_and_source_of_every_line(home: Home) -> None:
    home.add(work())
    home.add(from_line("dentist tomorrow 15:00", NOW, BERLIN))
    id, told = home.brief()
    assert [e.item.title for e in told.today.entries] == ["Standup", "Review"]
    assert [e.item.title for e in told.tomorrow.entries] == ["Standup", "dentist"]
    assert [item.title for item in told.overdue] == ["Send report"]
    assert len(told.today.conflicts) == 1
    event = home.record.history().find(id)
    assert event is not None
    cited = {evidence.ref for evidence in event.evidence}
    items = [*(e.item for d in (told.today, told.tomorrow) for e in d.entries), *told.overdue]
    assert cited == {f'life.items {{"id":"{item.id}"}}' for item in items}
    assert all(evidence.where for evidence in event.evidence)
    assert {check(home.record.effects, event, e) for e in event.evidence} == {Now.SAME}


def test_an_occurrence_that_was_moved_far_away_frees_its_time(home: Home) -> None:
    moved = event(
        "Elsewhere",
        ";TZID=Europe/Berlin:20260901T090000",
        "RECURRENCE-ID;TZID=Europe/Berlin:20260302T090000",
        uid="Standup",
    )
    home.add(work(WORK[0], moved))
    _, told = home.brief()
    assert told.today.entries == ()
    assert len(told.tomorrow.entries) == 1


def test_an_empty_store_gives_an_empty_brief(home: Home) -> None:
    _, told = home.brief()
    assert told.today.entries == ()
    assert told.overdue == ()


@pytest.mark.demand("LIFE-3")
def test_the_same_line_twice_is_one_item_and_its_reading_is_on_record(home: Home) -> None:
    id, _ = home.add(from_line("dentist tomorrow 15:00", NOW, BERLIN))
    _, again = home.add(from_line("dentist  tomorrow 15:00", NOW, BERLIN))
    assert again.effects == ()
    event = home.record.history().find(id)
    assert event is not None
    assert "no end was given: one hour" in event.reasons


@pytest.mark.parametrize("line", ["", "   ", "x" * 3000, "x 2026-02-30"])
def test_a_line_that_makes_no_sense_is_refused_with_an_example(line: str) -> None:
    with pytest.raises(UsageError) as caught:
        from_line(line, NOW, BERLIN)
    assert caught.value.hint.startswith("ai life add ")


@pytest.mark.demand("LIFE-6")
def test_nothing_that_was_added_is_on_disk_in_the_clear(tmp_path: Path) -> None:
    home = Home(tmp_path, OneKey("life"))
    marker = "Heliotrope"
    home.add(work(event(f"{marker} meeting", ":20260302T090000Z")))
    home.add(from_line(f"{marker} tomorrow 15:00", NOW, BERLIN))
    home.brief()
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files
    assert [path for path in files if marker.encode() in path.read_bytes()] == []


def test_the_zone_is_that_of_the_settings_then_of_the_environment(tmp_path: Path) -> None:
    link = tmp_path / "localtime"
    link.symlink_to("/usr/share/zoneinfo/Asia/Tokyo")
    assert str(local_zone("Europe/Paris", {"TZ": "America/Lima"}, link)) == "Europe/Paris"
    assert str(local_zone("", {"TZ": "America/Lima"}, link)) == "America/Lima"
    assert str(local_zone("", {}, link)) == "Asia/Tokyo"
    assert local_zone("", {"TZ": "Nowhere"}, tmp_path / "missing") is UTC
    with pytest.raises(UsageError):
        local_zone("Mars/Base", {})


def test_a_day_that_ends_before_it_starts_is_named() -> None:
    with pytest.raises(UsageError) as caught:
        hours_of(LifeSettings(day_starts="20:00", day_ends="08:00"))
    assert "ai config set life." in caught.value.hint


@pytest.mark.parametrize(
    "setting", ["time_zone=Mars/Base", "day_starts=8", "day_ends=25:00", "day_starts="]
)
def test_a_setting_that_is_no_zone_or_time_of_day_is_refused(tmp_path: Path, setting: str) -> None:
    app = App({"HOME": str(tmp_path)}, given=[f"life.{setting}"])
    with pytest.raises(BadValue, match=setting.partition("=")[0]):
        app.config.section("life", LifeSettings)
