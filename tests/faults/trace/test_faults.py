"""Traces where things go wrong: kills, full and foreign disks, many at once."""

import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from quintet.platform.trace.conventions import Kind, Shape
from quintet.platform.trace.spool import Spool
from quintet.platform.trace.told import Told, decode
from support.process import PYTHON_PATH, environment, run_ai
from support.situations import fill, small_disk
from support.sources import ROOT
from support.terminal import Terminal
from support.traces import app_at, line_of, told, traced

_STUCK = """
import sys, time
from pathlib import Path
from quintet.platform.trace import conventions as words
from quintet.platform.trace.span import begin, span
from support.traces import app_at, traced

app = app_at(Path(sys.argv[1]))
with traced(app, "code", "fix"), app.record.action("code", "fix", "get stuck"):
    with span("done before"):
        pass
    with begin(words.execute_tool("stuck")):
        print("stuck", flush=True)
        time.sleep(60)
"""


def python(home: Path, program: str, *arguments: str) -> "subprocess.Popen[bytes]":
    path = os.pathsep.join([PYTHON_PATH, str(ROOT / "tests")])
    return subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        env={**environment(home), "PYTHONPATH": path},
        stdout=subprocess.PIPE,
    )


def spool_of(home: Path) -> Path:
    return home / ".local/share/ai/trace"


@pytest.mark.demand("TRACE-5")
def test_a_run_that_was_killed_shows_what_it_had(tmp_path: Path) -> None:
    home = tmp_path / "home"
    child = python(tmp_path, _STUCK, str(home))
    assert child.stdout is not None
    assert child.stdout.readline() == b"stuck\n"
    child.send_signal(signal.SIGKILL)
    child.wait()
    traces = app_at(home).traces
    spans = {span.name: span for span in traces.run("@-1")}
    assert set(spans) == {"ai code fix", "done before", "execute_tool stuck"}
    assert spans["done before"].ended_ns
    assert not spans["ai code fix"].ended_ns
    assert not spans["execute_tool stuck"].ended_ns
    (run,) = traces.runs(5)
    assert (run.exit_code, run.unfinished) == (None, 2)
    assert traces.page(traces.run("@-1")).count("unfinished") >= 2


@pytest.mark.demand("TRACE-5")
def test_a_torn_line_and_garbage_harm_no_other_run(terminal: Terminal) -> None:
    terminal.ai("life", "brief")
    file = spool_of(terminal.home) / "spans.jsonl"
    whole = file.read_bytes()
    file.write_bytes(b"\x00\xff{}[]\n" + whole + whole.strip()[:-20])
    terminal.clock.advance(1)
    terminal.ai("life", "brief")
    names = [run["name"] for run in terminal.ai("trace", "list", "--json").json["runs"]]
    assert names == ["ai life brief", "ai life brief"]


@pytest.mark.demand("TRACE-6")
def test_processes_that_trace_and_fold_at_once_lose_nothing(tmp_path: Path) -> None:
    home = tmp_path / "home"
    app_at(home)
    program = """
import sys
from pathlib import Path
from quintet.platform.trace.span import span
from support.traces import app_at, traced
for number in range(40):
    app = app_at(Path(sys.argv[1]))
    with traced(app, "code", "many"), span("inside"):
        pass
    if number % 10 == int(sys.argv[2]):
        app.traces.refresh()
"""
    children = [python(tmp_path, program, str(home), str(number)) for number in range(4)]
    assert [child.wait() for child in children] == [0, 0, 0, 0]
    app = app_at(home)
    app.traces.refresh()
    with app.database("trace").read() as connection:
        (row,) = connection.rows("SELECT count(*) AS spans, count(DISTINCT run) AS runs FROM spans")
    assert row == {"spans": 320, "runs": 160}


@pytest.mark.demand("TRACE-6")
def test_a_file_that_is_being_taken_loses_no_line(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "trace", limit_bytes=2_000)
    stop = threading.Event()
    written = [0, 0]

    def write(worker: int) -> None:
        while not stop.is_set() and written[worker] < 10_000:
            number = worker * 100_000 + written[worker] + 1
            spool.write([line_of(told(number))])
            written[worker] += 1

    # Nothing may turn over here: what is turned over twice between two takes is gone by design.
    spool = Spool(tmp_path / "trace")
    threads = [threading.Thread(target=write, args=(worker,)) for worker in range(2)]
    for thread in threads:
        thread.start()
    read: list[bytes] = []
    for _ in range(50):
        with spool.taken() as lines:
            read += lines
    stop.set()
    for thread in threads:
        thread.join()
    with spool.taken() as lines:
        read += lines
    spans = [span for line in read if isinstance(span := decode(line), Told)]
    assert len(spans) == sum(written)
    assert len({span.span_id for span in spans}) == sum(written)


@pytest.mark.demand("TRACE-6")
def test_what_somebody_took_and_did_not_finish_with_is_read_again(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "trace")
    spool.write([b"one"])
    with pytest.raises(RuntimeError), spool.taken() as lines:
        assert list(lines) == [b"one"]
        raise RuntimeError
    spool.write([b"two"])
    with spool.taken() as lines:
        assert list(lines) == [b"one", b"two"]
    with spool.taken() as lines:
        assert list(lines) == []


@pytest.mark.demand("TRACE-6")
def test_a_command_that_a_command_starts_joins_its_run(tmp_path: Path) -> None:
    home = tmp_path / "home"
    app = app_at(home)
    with traced(app, "ops", "run") as root:
        parent = f"00-{root.place.trace_id}-{root.place.span_id}-01"
        env = environment(home, TRACEPARENT=parent)
        run_ai(["log"], env, cwd=home).require_grammar()
        run_ai(["log"], environment(home, TRACEPARENT="nonsense"), cwd=home).require_grammar()
    runs = app.traces.runs(10)
    assert sorted(run.spans for run in runs) == [1, 2]
    assert [span.name for span in app.traces.run("@-2")] == ["ai ops run", "ai log"]


@pytest.mark.demand("TRACE-4")
def test_on_a_full_disk_a_command_does_what_it_would_do_anyway(tmp_path: Path) -> None:
    place = tmp_path / "disk"
    with small_disk(place, "4m"):
        env = environment(tmp_path, AI_HOME=str(place / "home"))
        before = run_ai(["life", "brief"], env, cwd=tmp_path).require_grammar()
        assert before.status == 0
        fill(place)
        for words in (["version"], ["completion", "show", "bash"], ["config", "path"]):
            ended = run_ai(words, env, cwd=tmp_path).require_grammar()
            assert (ended.status, ended.err) == (0, b""), words


@pytest.mark.demand("TRACE-4")
@pytest.mark.parametrize("obstacle", ["a file", "a link", "a folder", "a pipe", "read-only"])
def test_whatever_lies_where_the_spans_go_is_passed_over(
    terminal: Terminal, tmp_path: Path, obstacle: str
) -> None:
    folder = spool_of(terminal.home)
    folder.parent.mkdir(parents=True)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("mine")
    match obstacle:
        case "a file":
            folder.write_text("no folder")
        case "a link":
            folder.mkdir()
            (folder / "spans.jsonl").symlink_to(elsewhere)
        case "a folder":
            (folder / "spans.jsonl").mkdir(parents=True)
        case "a pipe":
            folder.mkdir()
            os.mkfifo(folder / "spans.jsonl")
        case _:
            folder.mkdir(mode=0o500)
    result = terminal.ai("life", "brief")
    assert result.status == 0, result
    assert "trace" not in result.err
    assert elsewhere.read_text() == "mine"
    assert terminal.ai("trace", "list").status in (0, 1)


def test_traces_are_for_their_owner_alone(terminal: Terminal) -> None:
    terminal.ai("life", "brief")
    folder = spool_of(terminal.home)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "spans.jsonl").stat().st_mode & 0o777 == 0o600
    terminal.ai("trace", "list")
    assert all(file.stat().st_mode & 0o077 == 0 for file in folder.iterdir())


def test_a_lock_that_somebody_holds_stops_no_command_for_good(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "trace")
    spool.write([line_of(told(1))])
    with (tmp_path / "trace/spans.jsonl").open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_SH)
        began_s = time.monotonic()
        spool.write([line_of(told(2))])
        assert time.monotonic() - began_s < 1
    with (tmp_path / "trace/spans.jsonl").open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        began_s = time.monotonic()
        spool.write([line_of(told(3))])
        assert time.monotonic() - began_s < 1


@pytest.mark.demand("TRACE-10")
def test_a_span_costs_less_than_a_hundred_microseconds(tmp_path: Path) -> None:
    app = app_at(tmp_path / "home")
    count, costs_us = 2_000, []
    for _ in range(5):
        with traced(app, "code", "many") as root:
            began_s = time.process_time()
            for _ in range(count):
                with root.owner.begun(Shape("work", Kind.STEP, {"ai.count": 3}), root) as span:  # type: ignore[union-attr]
                    span.set("ai.count", 4)
            root.owner.tell()  # type: ignore[union-attr]
            costs_us.append((time.process_time() - began_s) / count * 1e6)
    assert min(costs_us) < 100, costs_us
    lines = (spool_of(tmp_path / "home") / "spans.jsonl").read_bytes().splitlines()
    assert sum(json.loads(line)["n"] == "work" for line in lines if line) >= 5 * count
