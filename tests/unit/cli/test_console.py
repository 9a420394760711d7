"""The console's promises: safe text, data apart from talk, colour only where wanted."""

import errno
import io
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quintet.errors import Kind, QuintetError
from quintet_cli import exits
from quintet_cli.console import Console, table, wants_colour
from quintet_cli.jsonable import jsonable


class Screen(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def console(out: io.StringIO | None = None, **env: str) -> Console:
    return Console(out or io.StringIO(), io.StringIO(), env)


@pytest.mark.parametrize(
    ("env", "is_terminal", "expected"),
    [
        ({}, True, True),
        ({}, False, False),
        ({"NO_COLOR": "1"}, True, False),
        ({"NO_COLOR": "1", "CLICOLOR_FORCE": "1"}, True, False),
        ({"CLICOLOR_FORCE": "1"}, False, True),
        ({"TERM": "dumb"}, True, False),
    ],
)
def test_colour_follows_the_environment_then_the_terminal(
    env: dict[str, str], is_terminal: bool, expected: bool
) -> None:
    assert wants_colour(env, Screen() if is_terminal else io.StringIO()) is expected


def test_a_result_is_one_json_object_with_a_schema() -> None:
    @dataclass
    class Report:
        at: datetime
        place: Path
        kinds: frozenset[Kind]

    screen = console()
    screen.json = True
    report = Report(datetime(2026, 1, 2, tzinfo=UTC), Path("/x"), frozenset({Kind.BUSY}))
    screen.show("some.report/1", report, "ignored")
    assert json.loads(screen.out.getvalue()) == {  # type: ignore[attr-defined]
        "schema": "ai.some.report/1",
        "at": "2026-01-02T00:00:00+00:00",
        "place": "/x",
        "kinds": ["busy"],
    }


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.text()
        | st.binary().map(lambda b: b.decode("utf-8", "surrogateescape")),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_whatever_is_shown_can_be_encoded(value: object) -> None:
    json.dumps(jsonable(value), ensure_ascii=False).encode("utf-8")


def test_foreign_text_in_an_error_cannot_steer_the_terminal() -> None:
    screen = console()
    screen.failure(QuintetError("no file \x1b[2J\u202egpj.exe", why="line\nbreak"))
    shown = screen.err.getvalue()  # type: ignore[attr-defined]
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert len(shown.splitlines()) == 3


def test_quiet_silences_notes_but_not_results() -> None:
    screen = console()
    screen.quiet = True
    screen.note("chatter")
    screen.show("x/1", {}, "result")
    assert screen.err.getvalue() == ""  # type: ignore[attr-defined]
    assert screen.out.getvalue() == "result\n"  # type: ignore[attr-defined]


def test_a_table_is_tab_separated_where_nobody_watches() -> None:
    assert table(console(), ("a", "b"), [("1", "two\twords"), ("x", "y")]) == "1\ttwo words\nx\ty"


def test_a_table_is_aligned_on_a_terminal_and_fits_it() -> None:
    drawn = table(
        console(Screen(), COLUMNS="40", NO_COLOR="1"), ("name", "text"), [("a", "word " * 20)]
    )
    assert drawn.splitlines()[0].split() == ["name", "text"]
    assert all(len(line) <= 40 for line in drawn.splitlines())


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_of_failure_has_a_status_of_its_own(kind: Kind) -> None:
    assert exits.STATUS[kind] not in (exits.OK, exits.BUG)
    assert list(exits.STATUS.values()).count(exits.STATUS[kind]) == 1


def test_a_failure_says_what_why_and_what_to_do() -> None:
    screen = console()

    def fail() -> int:
        raise QuintetError("it broke", why="a reason", hint="ai doctor")

    assert exits.guarded(fail, screen) == 1
    assert screen.err.getvalue().splitlines() == [  # type: ignore[attr-defined]
        "error: it broke",
        "  why: a reason",
        "   do: ai doctor",
        "   id: failed",
    ]


def test_a_fault_of_ours_keeps_its_trace_in_a_file(tmp_path: Path) -> None:
    screen = console(AI_HOME=str(tmp_path))

    def fail() -> int:
        raise ZeroDivisionError("secret detail")

    assert exits.guarded(fail, screen) == exits.BUG
    shown = screen.err.getvalue()  # type: ignore[attr-defined]
    assert "secret detail" not in shown
    (trace,) = (tmp_path / "state" / "bugs").iterdir()
    assert trace.stem in shown
    assert "secret detail" in trace.read_text()
    assert trace.stat().st_mode & 0o077 == 0


class Failing(io.StringIO):
    """A stream on which writing fails in a given way."""

    def __init__(self, error: OSError) -> None:
        super().__init__()
        self._error = error

    def write(self, text: str) -> int:
        raise self._error


def _guarded(out: io.StringIO, err: io.StringIO, *, json: bool = False) -> int:
    screen = Console(out, err, {}, json=json)

    def act() -> int:
        screen.show("thing/1", {"a": 1}, "thing")
        return exits.OK

    return exits.guarded(act, screen)


@pytest.mark.parametrize("as_json", [True, False])
def test_a_result_that_cannot_be_written_is_told_on_stderr(as_json: bool) -> None:
    err = io.StringIO()
    full = OSError(errno.ENOSPC, "No space left on device")
    assert _guarded(Failing(full), err, json=as_json) == exits.STATUS[Kind.FAILED]
    assert err.getvalue() == (
        "error: the result could not be written to stdout\n"
        "  why: No space left on device\n"
        "   id: output.lost\n"
    )


def test_a_reader_who_went_away_is_no_failure_to_talk_about() -> None:
    err = io.StringIO()
    assert _guarded(Failing(BrokenPipeError()), err) == exits.CLOSED_PIPE
    assert not err.getvalue()


def test_a_lost_stderr_does_not_hinder_the_result() -> None:
    out = io.StringIO()
    screen = Console(out, Failing(OSError(errno.EIO, "")), {})
    screen.note("something to know")
    screen.failure(QuintetError("something went wrong"))
    screen.line("the result")
    assert out.getvalue() == "the result\n"
