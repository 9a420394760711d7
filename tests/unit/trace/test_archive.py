"""Traces in the database: folded once, pruned by age and size, found by the start of an id."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from quintet.errors import NotFound, UsageError
from quintet.platform.clock import FakeClock
from quintet.platform.store.database import Database
from quintet.platform.store.migrations import load_migrations
from quintet.platform.trace.archive import Archive, RunAmbiguous
from quintet.platform.trace.conventions import Kind
from quintet.platform.trace.parent import Parent, parent_of, run_id
from quintet.platform.trace.settings import TraceSettings
from quintet.platform.trace.spool import Spool
from quintet.platform.trace.told import Told
from support.terminal import Terminal
from support.traces import line_of, told

DAY_NS = 86_400 * 10**9


class Home:
    """A spool and the database behind it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "trace"
        self.clock = FakeClock()
        self.spool = Spool(self.folder)
        self.now_ns = int(self.clock.now().timestamp()) * 10**9

    def archive(self, **settings: int) -> Archive:
        database = Database("trace", self.folder, load_migrations("quintet.platform.trace"))
        return Archive(self.spool, database, TraceSettings(**settings), self.clock)

    def write(self, *spans: Told) -> None:
        self.spool.write([line_of(span) for span in spans])

    def run(self, number: int, age_days: float = 0, **changes: object) -> Told:
        began_ns = self.now_ns - int(age_days * DAY_NS)
        span = told(1, name=f"ai run {number}", kind=Kind.COMMAND, process__exit__code=0)
        span = replace(span, trace_id=f"{number:032x}", began_ns=began_ns, ended_ns=began_ns + 1000)
        return replace(span, **changes)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def names(archive: Archive) -> list[str]:
    archive.fold()
    return [run.name for run in archive.runs(100)]


def test_what_was_written_is_folded_once_and_the_spool_is_empty_then(home: Home) -> None:
    archive = home.archive()
    home.write(home.run(1), home.run(2))
    assert sorted(names(archive)) == ["ai run 1", "ai run 2"]
    assert list(home.folder.glob("*.jsonl")) == []
    assert sorted(names(archive)) == ["ai run 1", "ai run 2"]


def test_a_span_that_ended_stays_so_in_whatever_order_its_lines_come(home: Home) -> None:
    archive = home.archive()
    ended, opened = home.run(1), home.run(1, ended_ns=0)
    for lines in ((opened,), (ended, opened), (opened,)):
        home.write(*lines)
        archive.fold()
    (run,) = archive.runs(1)
    assert (run.unfinished, run.exit_code) == (0, 0)


def test_a_run_that_has_not_ended_says_so(home: Home) -> None:
    home.write(home.run(1, ended_ns=0, attributes={}))
    archive = home.archive()
    archive.fold()
    (run,) = archive.runs(1)
    assert (run.unfinished, run.exit_code) == (1, None)


@pytest.mark.demand("TRACE-11")
def test_old_runs_go_by_age(home: Home) -> None:
    home.write(home.run(1, 31), home.run(2, 29), home.run(3))
    assert names(home.archive(keep_days=30)) == ["ai run 3", "ai run 2"]
    home.clock.advance(timedelta(days=2).total_seconds())
    home.write(home.run(4))
    assert names(home.archive(keep_days=30)) == ["ai run 3", "ai run 4"]


@pytest.mark.demand("TRACE-11")
def test_runs_go_by_size_the_oldest_first(home: Home) -> None:
    home.write(*(home.run(number, number / 100) for number in range(1, 9)))
    size = len(line_of(home.run(1, 0.01)))
    assert names(home.archive(keep_bytes=3 * size)) == ["ai run 1", "ai run 2", "ai run 3"]
    home.write(home.run(9, 1))
    assert names(home.archive(keep_bytes=0)) == []


@pytest.mark.demand("TRACE-11")
def test_what_nobody_asks_for_does_not_grow_without_end(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.spool = Spool(home.folder, limit_bytes=10_000)
    for number in range(1, 301):
        home.write(home.run(number, number / 1000))
    files = list(home.folder.glob("*.jsonl"))
    assert len(files) == 2
    assert sum(file.stat().st_size for file in files) < 25_000
    kept = names(home.archive())
    assert "ai run 300" in kept
    assert 30 < len(kept) < 300


@pytest.mark.parametrize(
    "name", ["nothing", "@", "@0", "@x", "@-", "@-x", "", "a b", "%", "ß", "/"]
)
def test_a_name_that_is_no_run_is_told(home: Home, name: str) -> None:
    with pytest.raises((NotFound, UsageError)):
        home.archive().resolve(name)
    home.write(home.run(1))
    archive = home.archive()
    archive.fold()
    if name:
        with pytest.raises((NotFound, UsageError)):
            archive.resolve(name)


def test_a_run_is_named_by_the_beginning_of_its_id_of_its_trace_or_of_an_action(home: Home) -> None:
    first, second = home.run(1, 1), home.run(2)
    first = replace(first, attributes={"ai.action.ids": ("k7f3q9bcdfghjk",)})
    home.write(first, second)
    archive = home.archive()
    archive.fold()
    for name in (run_id(first.trace_id), first.trace_id, "k7f3q9", "K7F3Q9BC", "@-2"):
        assert archive.resolve(name) == first.trace_id
    assert archive.resolve("@-1") == second.trace_id
    with pytest.raises(RunAmbiguous):
        archive.resolve("0000")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "00-0-0-0",
        f"00-{'0' * 32}-{'1' * 16}-01",
        f"00-{'1' * 32}-{'0' * 16}-01",
        f"ff-{'1' * 32}-{'1' * 16}-01",
        f"00-{'1' * 32}-{'1' * 16}-01-more",
        f"00-{'A' * 32}-{'1' * 16}-01",
        f"00-{'1' * 32}-{'1' * 16}-01\n",
    ],
)
def test_a_parent_that_is_none_starts_a_run_of_its_own(text: str) -> None:
    assert parent_of({"TRACEPARENT": text}) is None


def test_a_parent_of_any_program_is_joined() -> None:
    parent = Parent("1" * 32, "2" * 16)
    assert parent_of({"TRACEPARENT": parent.as_text()}) == parent
    assert parent_of({"TRACEPARENT": f"01-{'1' * 32}-{'2' * 16}-03-later"}) == parent


def test_the_tables_can_be_asked_in_sql(terminal: Terminal) -> None:
    terminal.ai("life", "brief")
    ask: Callable[[str], list[list[object]]] = lambda sql: terminal.ai(  # noqa: E731
        "store", "sql", "trace", sql, "--json"
    ).json["rows"]
    assert ask("SELECT name, exit_code, unfinished FROM runs LIMIT 1") == [["ai life brief", 0, 0]]
    assert ask("SELECT count(*) FROM model_calls") == [[0]]
    (row,) = ask("SELECT attributes ->> '$.\"ai.group\"' FROM spans WHERE name = 'ai life brief'")
    assert row == ["life"]
