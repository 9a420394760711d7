"""A run as it is looked at: in the terminal and as a page."""

import io
from html.parser import HTMLParser

import pytest

from quintet.platform.trace.conventions import Kind
from quintet.platform.trace.page import page
from quintet.platform.trace.parent import run_id
from quintet.platform.trace.told import Told
from quintet.platform.trace.waterfall import length, rows_of
from quintet_cli.console import Console
from quintet_cli.session import Flags, Session
from quintet_cli.trace.drawing import drawn
from support.terminal import Terminal
from support.traces import told

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&\x1b[31m\u202egnp.exe\x00"


class Screen(io.StringIO):
    """A terminal that keeps what was drawn."""

    def __init__(self, encoding: str = "utf-8") -> None:
        super().__init__()
        self._encoding = encoding

    @property
    def encoding(self) -> str:
        return self._encoding

    def isatty(self) -> bool:
        return True


def seen(spans: list[Told], width: int = 80, encoding: str = "utf-8", colour: str = "1") -> str:
    env = {"COLUMNS": str(width), "NO_COLOR": colour}
    console = Console(Screen(encoding), Screen(), env)
    return drawn(Session(None, console, Flags()), rows_of(spans))  # type: ignore[arg-type]


RUN = [
    told(1, name="ai ops run", kind=Kind.COMMAND, began_ns=0, ended_ns=100_000_000),
    told(2, 1, name="chat m", kind=Kind.MODEL, began_ns=10_000_000, ended_ns=60_000_000),
    told(3, 2, name="POST", kind=Kind.HTTP, began_ns=20_000_000, ended_ns=60_000_000),
    told(4, 1, name="make", kind=Kind.SUBPROCESS, began_ns=60_000_000, ended_ns=0),
]


def test_a_waterfall_shows_who_waited_for_whom() -> None:
    assert seen(RUN, width=60).splitlines() == [
        f"ai ops run   run {run_id(RUN[0].trace_id)[:6]}   1970-01-01 00:00:00 UTC",
        "ai ops run    100 ms  ██████████████████████████",
        "  chat m       50 ms     █████████████",
        "    POST       40 ms       ██████████",
        "  make         40 ms                  ██████████  unfinished",
    ]


@pytest.mark.parametrize("width", [1, 20, 40, 79, 200])
def test_no_line_is_wider_than_the_screen_where_it_is_one(width: int) -> None:
    lines = seen(RUN, width=width).splitlines()
    assert len(lines) == 5
    assert all(len(line) <= max(width, 60) for line in lines[1:])


def test_a_screen_that_knows_only_ascii_gets_bars_all_the_same() -> None:
    assert "====" in seen(RUN, encoding="ascii")
    assert "█" not in seen(RUN, encoding="ascii")


@pytest.mark.demand("TRACE-9")
def test_hostile_names_stay_text_on_a_screen() -> None:
    spans = [told(1, name=HOSTILE, kind=Kind.HTTP, server__address=HOSTILE, error__type=HOSTILE)]
    shown = seen(spans)
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "\x00" not in shown


class Tags(HTMLParser):
    """What a browser would make of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: dict[str, list[str]] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            self.attributes.setdefault(name, []).append(value or "")


@pytest.mark.demand("TRACE-9")
def test_a_page_needs_nothing_else_and_hostile_names_stay_text() -> None:
    hostile = told(5, 1, name=HOSTILE, kind=Kind.HTTP, server__address=HOSTILE, x=HOSTILE)
    text = page([*RUN, hostile])
    read = Tags()
    read.feed(text)
    assert set(read.tags) <= {
        *("html", "head", "meta", "title", "style", "body", "header", "h1", "p", "span", "div"),
        *("main", "details", "summary", "dl", "dt", "dd", "footer", "code", "i", "b"),
    }
    assert not {"src", "href", "onerror", "onload"} & set(read.attributes)
    assert "default-src 'none'; style-src 'unsafe-inline'" in read.attributes["content"]
    for outside in ("http://", "https://", "url(", "@import", "\x1b", "\u202e", "\x00"):
        assert outside not in text
    assert "prefers-color-scheme: dark" in text
    assert "&lt;script&gt;" in text
    assert read.tags.count("details") == 5


def test_a_page_is_written_as_an_action_that_undo_takes_away(terminal: Terminal) -> None:
    terminal.ai("life", "brief")
    planned = terminal.ai("trace", "show", "--html", "run.html", "--dry-run")
    assert "would write" in planned.out
    assert not (terminal.home / "run.html").exists()
    assert terminal.ai("trace", "show", "--html", "run.html", "--json").json["action"]
    assert (terminal.home / "run.html").read_text().startswith("<!doctype html>")
    assert terminal.ai("trace", "show", "--html", "-").out.startswith("<!doctype html>")
    terminal.ai("undo", "--yes")
    assert not (terminal.home / "run.html").exists()


@pytest.mark.parametrize("place", ["no/such/folder/x\0y.html", "/proc/run.html", "/"])
def test_a_page_that_cannot_be_written_is_told(terminal: Terminal, place: str) -> None:
    terminal.ai("life", "brief")
    result = terminal.ai("trace", "show", "--html", place)
    assert result.status in (1, 2), result
    assert "error:" in result.err


@pytest.mark.parametrize(
    ("duration_ms", "told"),
    [
        (0, "0"),
        (0.0123, "12 µs"),
        (1.5, "1.5 ms"),
        (999.9, "1 s"),
        (1500, "1.5 s"),
        (99_000, "99 s"),
        (125_000, "2 min 5 s"),
        (36_000_000, "10 h"),
    ],
)
def test_a_duration_is_put_in_words(duration_ms: float, told: str) -> None:
    assert length(duration_ms) == told
