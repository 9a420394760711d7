"""Servers of somebody else: pinned whole, started bare, and never believed."""

import contextlib
import shutil
import subprocess
import sys
import time
from collections.abc import Generator
from pathlib import Path

import pytest

from support.mcp_peers import free_port, wait_for
from support.sources import ROOT
from support.terminal import Result, Terminal

pytestmark = [pytest.mark.real, pytest.mark.slow, pytest.mark.timeout(180)]
SCRIPT = ROOT / "tests/support/foreign_server.py"


def starting(home: Path, mode: str) -> tuple[str, ...]:
    """A command whose second word decides how the server is: the pinned command stays the same."""
    wrapper = home / "server.sh"
    if not wrapper.exists():
        wrapper.write_text(f'#!/bin/sh\nexec {sys.executable} {SCRIPT} "$(cat {home}/mode)"\n')
        wrapper.chmod(0o700)
    (home / "mode").write_text(mode)
    return (str(wrapper),)


def add(terminal: Terminal, mode: str = "good", *flags: str) -> Result:
    return terminal.ai("mcp", "add", "them", "--yes", *flags, "--", *starting(terminal.home, mode))


@pytest.fixture
def known(terminal: Terminal) -> Terminal:
    """A user who knows an honest server."""
    result = add(terminal)
    assert result.status == 0, result.err
    return terminal


def test_a_server_is_added_shown_called_and_removed(known: Terminal) -> None:
    assert known.ai("mcp", "list").out.startswith("them\t5\t")
    assert "echo\tSays it again." in known.ai("mcp", "show", "them").out
    assert known.ai("mcp", "tools", "them").status == 0
    assert known.ai("mcp", "call", "them", "echo", '{"text": "hello"}').out == "hello\n"
    counted = known.ai("mcp", "call", "them", "count", '{"text": "hello"}', "--json").json
    assert counted["structured"] == {"count": 5}
    assert known.ai("mcp", "remove", "them", "--yes").status == 0
    assert "no server" in known.ai("mcp", "list").out
    assert known.ai("undo", "--yes").status == 0
    assert known.ai("mcp", "call", "them", "echo", '{"text": "hello"}').out == "hello\n"


def test_the_plan_shows_what_starts_and_every_tool_with_their_hash(terminal: Terminal) -> None:
    shown = add(terminal, "good", "--dry-run").out
    assert "it runs " in shown
    assert "5 tools, sha256 " in shown
    assert "tool echo: Says it again." in shown
    assert "no server" in terminal.ai("mcp", "list").out
    command = starting(terminal.home, "good")
    assert terminal.ai("mcp", "add", "them", "--no-input", "--", *command).status == 4


@pytest.mark.demand("MCP-10")
@pytest.mark.parametrize(
    ("mode", "told"),
    [
        ("renamed", "renamed: echo is now echo2"),
        ("changed", "changed: echo: description was 'Says it again.', is 'Says it again. Also"),
        ("added", "added: extra"),
        ("removed", "removed: environment"),
        ("reordered", "the order of the tools is another"),
    ],
)
def test_a_changed_tool_set_fails_closed_with_the_difference(
    known: Terminal, mode: str, told: str
) -> None:
    calls = known.home / "calls"
    known.extra_env = {"CALLS": str(calls)}
    starting(known.home, mode)
    for words in (("call", "them", "count", '{"text": "x"}'), ("tools", "them")):
        result = known.ai("mcp", *words)
        assert result.status == 7
        assert told in result.err
        assert "ai mcp pin them" in result.err
    assert not calls.exists()
    shown = known.ai("mcp", "pin", "them", "--dry-run")
    assert told in shown.out
    assert known.ai("mcp", "pin", "them", "--yes").status == 0
    assert known.ai("mcp", "call", "them", "count", '{"text": "x"}').out == "1\n"


@pytest.mark.demand("MCP-10")
def test_a_changed_program_is_not_even_started(known: Terminal) -> None:
    started = known.home / "started"
    wrapper = known.home / "server.sh"
    wrapper.write_text(f"#!/bin/sh\ntouch {started}\n")
    result = known.ai("mcp", "call", "them", "echo", '{"text": "x"}')
    assert result.status == 7
    assert "mcp.program_changed" in result.err
    assert not started.exists()


@pytest.mark.demand("MCP-11")
@pytest.mark.parametrize(
    ("mode", "status", "told"),
    [
        ("hang", 9, "did not answer in time"),
        ("garbage", 9, "did not answer in time"),
        ("long", 1, "too long"),
        ("dies", 1, "no licence was found"),
        ("endless", 1, "too many tools"),
    ],
)
def test_a_server_that_misbehaves_is_ended_and_named(
    terminal: Terminal, mode: str, status: int, told: str
) -> None:
    begun = time.monotonic()
    patience_s = 3 if status == 9 else 25
    result = add(terminal, mode, "--config", f"mcp.call_timeout_s={patience_s}")
    assert result.status == status, result.err
    assert told in result.err
    assert "Traceback" not in result.err
    assert time.monotonic() - begun < 30
    assert not running(str(SCRIPT))


@pytest.mark.demand("MCP-11")
def test_a_tool_that_lies_about_its_results_is_not_believed(terminal: Terminal) -> None:
    assert add(terminal, "liar").status == 0
    result = terminal.ai("mcp", "call", "them", "count", '{"text": "x"}')
    assert result.status == 1
    assert "Invalid structured content" in result.err


@pytest.mark.demand("MCP-11")
def test_a_call_that_takes_too_long_is_ended(known: Terminal) -> None:
    result = known.ai("mcp", "call", "them", "slow", "--config", "mcp.call_timeout_s=3")
    assert result.status == 9
    assert not running(str(SCRIPT))


@pytest.mark.demand("MCP-12")
def test_a_server_sees_hardly_any_of_the_environment(terminal: Terminal) -> None:
    terminal.extra_env = {"SECRET": "1", "ALLOWED": "2", "AI_KEY_FILE": "3"}
    assert add(terminal, "good", "--env", "ALLOWED").status == 0
    seen = terminal.ai("mcp", "call", "them", "environment").out.split()
    assert set(seen) - {"PWD", "OLDPWD", "SHLVL", "_", "LC_CTYPE"} == {
        "ALLOWED", "HOME", "PATH", "TZ",
    }  # fmt: skip


@pytest.mark.demand("MCP-14")
def test_a_call_is_recorded_and_its_words_are_made_safe(known: Terminal) -> None:
    failed = known.ai("mcp", "call", "them", "fail")
    assert failed.status == 1
    assert failed.out == "\\x1b[31mit\\u202e broke\\x1b[0m\n"
    event = known.ai("show", "@mcp-1", "--json").json["action"]
    assert event["summary"] == "call fail of them"
    assert event["labels"] == ["untrusted"]
    assert any("tools must be as pinned" in reason for reason in event["reasons"])


@contextlib.contextmanager
def http_peer(mode: str) -> Generator[str]:
    port = free_port()
    process = subprocess.Popen([sys.executable, SCRIPT, mode, "--http", str(port)])
    try:
        wait_for(port, process)
        yield f"http://127.0.0.1:{port}/mcp"
    finally:
        process.kill()
        process.wait()


@pytest.mark.demand("MCP-13")
def test_a_remote_server_is_reached_through_the_egress_rules(terminal: Terminal) -> None:
    with http_peer("good") as url:
        refused = terminal.ai("mcp", "add", "far", url, "--yes")
        assert refused.status == 5
        assert "ai policy allow" in refused.err
        port = url.split(":")[2].partition("/")[0]
        allow = ("127.0.0.1", "--port", port, "--purpose", "mcp", "--data", "mine", "--yes")
        assert terminal.ai("policy", "allow", *allow).status == 0
        added = terminal.ai("mcp", "add", "far", url, "--yes")
        assert added.status == 0, added.err
        assert terminal.ai("mcp", "call", "far", "echo", '{"text": "hello"}').out == "hello\n"
        attempts = terminal.ai("policy", "log", "--json").json["attempts"]
        assert {attempt["purpose"] for attempt in attempts} == {"mcp"}
    gone = terminal.ai("mcp", "call", "far", "echo", '{"text": "hello"}')
    assert gone.status in (1, 9)
    assert "Traceback" not in gone.err


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        (("add", "Bad Name", "--", "true"), 2, "cannot be the name"),
        (("add", "../x", "--", "true"), 2, "cannot be the name"),
        (("add", "x", "--", "no-such-program"), 9, "no program that can be run"),
        (("add", "x", "--", "/etc/passwd"), 9, "no program that can be run"),
        (("add", "x", "http://127.0.0.1:1/mcp", "more"), 2, "stands alone"),
        (("show", "x"), 1, "no MCP server called"),
        (("call", "x", "y"), 1, "no MCP server called"),
        (("pin", "x"), 1, "no MCP server called"),
        (("remove", "x"), 1, "no MCP server called"),
    ],
)
def test_wrong_words_are_said_plainly(
    terminal: Terminal, words: tuple[str, ...], status: int, told: str
) -> None:
    result = terminal.ai("mcp", *words)
    assert (result.status, told in result.err) == (status, True), result.err


@pytest.mark.parametrize("arguments", ["{", "[]", "1", "[" * 100_000])
def test_arguments_that_are_no_object_are_refused(known: Terminal, arguments: str) -> None:
    result = known.ai("mcp", "call", "them", "echo", arguments)
    assert result.status == 2


@pytest.mark.parametrize("content", ["", "{", "[]", '{"tools": 1}', '{"tools": [{}]}', "\0"])
def test_a_broken_file_of_a_server_is_named(known: Terminal, content: str) -> None:
    (place,) = known.home.rglob("servers/them.json")
    place.write_text(content)
    result = known.ai("mcp", "show", "them")
    assert result.status == 7
    assert str(place) in result.err


def running(word: str) -> list[str]:
    ps = shutil.which("ps")
    assert ps
    listed = subprocess.run([ps, "-eo", "args"], capture_output=True, text=True, check=True).stdout
    return [line for line in listed.splitlines() if word in line]
