"""Progress comes late, stays on its line, and leaves nothing behind."""

import io

import pytest

from quintet.platform.progress import SilentProgress
from quintet_cli import progress
from quintet_cli.console import Console
from quintet_cli.progress import TerminalProgress, progress_for


class Screen(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def console(monkeypatch: pytest.MonkeyPatch) -> Console:
    monkeypatch.setattr(progress, "_PATIENCE_S", 0.0)
    monkeypatch.setattr(progress, "_INTERVAL_S", 0.0)
    return Console(Screen(), Screen(), {"COLUMNS": "30"})


def _drawn(console: Console) -> str:
    assert isinstance(console.err, io.StringIO)
    return console.err.getvalue()


def test_a_line_is_drawn_over_itself_and_cleared_before_the_result(console: Console) -> None:
    TerminalProgress(console).report("reading", 1, 4)
    assert _drawn(console) == "\r\x1b[Kreading  25%\r"
    console.line("the result")
    assert _drawn(console).endswith("\r\x1b[K")
    console.note("a note")
    assert _drawn(console).endswith("\r\x1b[Ka note\n")


def test_a_long_line_is_cut_at_the_edge_of_the_screen(console: Console) -> None:
    TerminalProgress(console).report("x" * 100)
    assert _drawn(console) == f"\r\x1b[K{'x' * 29}\r"


def test_what_is_reported_cannot_steer_the_terminal(console: Console) -> None:
    TerminalProgress(console).report("evil\x1b[2J\n")
    assert _drawn(console).count("\x1b") == 1
    assert "\n" not in _drawn(console)


def test_short_work_draws_nothing() -> None:
    console = Console(Screen(), Screen(), {})
    TerminalProgress(console).report("reading")
    assert not _drawn(console)


@pytest.mark.parametrize("quiet", [True, False])
@pytest.mark.parametrize("json", [True, False])
@pytest.mark.parametrize("term", ["dumb", "xterm"])
def test_progress_is_drawn_only_where_it_can_be_seen_and_is_wanted(
    quiet: bool, json: bool, term: str
) -> None:
    console = Console(Screen(), Screen(), {"TERM": term}, json=json, quiet=quiet)
    is_drawn = not quiet and not json and term != "dumb"
    assert isinstance(progress_for(console), TerminalProgress if is_drawn else SilentProgress)
    unseen = Console(Screen(), io.StringIO(), {"TERM": "xterm"})
    assert isinstance(progress_for(unseen), SilentProgress)
