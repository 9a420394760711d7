"""What log, show, why and undo say, and with which status they end."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from quintet.app.home import App
from quintet.platform.record.event import Evidence
from quintet.platform.record.record import Record
from support.process import PYTHON_PATH
from support.terminal import Terminal

Write = Callable[..., str]


@pytest.fixture
def record(terminal: Terminal) -> Record:
    """The record of the user at this terminal."""
    env = {"HOME": str(terminal.home), "PATH": os.environ["PATH"]}
    return App(env, cwd=terminal.home, clock=terminal.clock, rng=terminal.rng).record


@pytest.fixture
def write(record: Record, terminal: Terminal) -> Write:
    def wrote(name: str, content: bytes = b"1", group: str = "code", cause: str = "") -> str:
        with record.action(group, "fix", f"write {name}", cause=cause) as action:
            action.because(f"{name} was asked for", Evidence("value", "42", note="the answer"))
            action.write_file(terminal.home / name, content)
        return action.id[:6]

    return wrote


def test_undo_takes_the_last_action_back_and_then_the_one_before(
    terminal: Terminal, write: Write
) -> None:
    write("a"), write("b")
    assert terminal.ai("undo").status == 0
    assert not (terminal.home / "b").exists()
    assert terminal.ai("undo").status == 0
    assert not (terminal.home / "a").exists()
    assert terminal.ai("undo").status == 1


def test_a_conflict_ends_with_status_1_and_changes_nothing(
    terminal: Terminal, write: Write
) -> None:
    id = write("a")
    (terminal.home / "a").write_bytes(b"mine")
    refused = terminal.ai("undo", "--json")
    assert refused.status == 1
    assert refused.json["error"]["code"] == "undo.conflict"
    assert f"ai undo {id} --skip-conflicts" in refused.json["error"]["hint"]
    assert (terminal.home / "a").read_bytes() == b"mine"


def test_what_is_left_with_skip_conflicts_is_listed_with_status_3(
    terminal: Terminal, record: Record
) -> None:
    with record.action("code", "fix", "x") as action:
        for name in "ab":
            action.write_file(terminal.home / name, b"1")
    (terminal.home / "a").write_bytes(b"mine")
    partly = terminal.ai("undo", "--skip-conflicts")
    assert partly.status == 3
    assert "left as it is" in partly.err
    assert not (terminal.home / "b").exists()


def test_several_actions_want_a_word_where_nobody_can_be_asked(
    terminal: Terminal, write: Write
) -> None:
    first, last = write("a"), write("b")
    refused = terminal.ai("undo", "--since", "1h")
    assert refused.status == 4
    assert f"ai undo {last} {first} --yes" in refused.err
    assert terminal.ai("undo", "--since", "1h", "--yes").status == 0
    assert not (terminal.home / "a").exists()


def test_a_later_action_in_the_way_is_named_and_cascade_takes_it_along(
    terminal: Terminal, write: Write
) -> None:
    first, last = write("a"), write("a", b"2", "video")
    refused = terminal.ai("undo", first)
    assert f"undo {last} first" in refused.err
    assert f"ai undo {first} --cascade" in refused.err
    assert terminal.ai("undo", first, "--cascade", "--yes").status == 0
    assert not (terminal.home / "a").exists()


def test_why_walks_from_group_to_group(terminal: Terminal, record: Record, write: Write) -> None:
    read = write("mail", group="life")
    write("book", group="ops", cause=record.resolve(read).id)
    told = terminal.ai("why").out
    assert "because   book was asked for" in told
    assert "evidence  value 42  the answer  [as it was noted]" in told
    assert f"caused by  {read}  life fix  write mail" in told


def test_show_tells_the_cost_the_rule_and_what_is_unsure(
    terminal: Terminal, record: Record
) -> None:
    from quintet.platform.record.event import Cost

    with pytest.raises(RuntimeError), record.action("code", "fix", "x") as action:
        action.spend(Cost(money_micros=1_500_000, tokens=1200, duration_s=2.5))
        action.decided("the rule")
        raise RuntimeError("it broke")
    told = terminal.ai("show").out
    for words in ("$1.500000, 1,200 tokens, 2.5 s", "the rule", "it broke", "failed"):
        assert words in told


def test_hostile_names_and_words_do_not_reach_the_terminal(
    terminal: Terminal, record: Record
) -> None:
    with record.action("code", "fix", "\x1b]0;title\x07 \u202egnp") as action:
        action.because("\x1b[2J", Evidence("file", "\x1b[31m"))
        action.write_file(terminal.home / "\x1b[2Jname", b"1")
        action.write_file(terminal.home / os.fsdecode(b"\xff"), b"1")
    for words in (["log"], ["show"], ["why"], ["undo", "--dry-run"], ["show", "--json"]):
        told = terminal.ai(*words)
        assert told.status == 0
        assert "\x1b" not in told.out + told.err
        assert "\u202e" not in told.out + told.err or "--json" in words


def test_a_tampered_record_ends_with_status_7(terminal: Terminal, write: Write) -> None:
    write("a")
    assert terminal.ai("log", "verify").status == 0
    (path,) = terminal.home.rglob("record.*.journal")
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    told = terminal.ai("log", "verify")
    assert told.status == 7
    assert "THE RECORD IS NOT WHOLE" in told.out
    assert terminal.ai("log").status == 7
    assert terminal.ai("undo").status == 7


def test_an_anchor_noted_earlier_is_checked(terminal: Terminal, write: Write) -> None:
    write("a")
    anchor = terminal.ai("log", "anchor").out.strip()
    write("b")
    assert terminal.ai("log", "verify", "--against", anchor).status == 0
    other = anchor[:-1] + ("0" if anchor[-1] != "0" else "1")
    assert terminal.ai("log", "verify", "--against", other).status == 7


def test_ids_are_left_for_completion_without_words(terminal: Terminal, write: Write) -> None:
    id = write("a")
    terminal.ai("log")
    (words,) = Path(terminal.home).rglob("complete/action")
    assert id in words.read_text()
    assert "write" not in words.read_text()


@pytest.mark.demand("RECORD-14")
def test_listing_and_taking_back_files_loads_no_database(terminal: Terminal, write: Write) -> None:
    write("a")
    for words in ("log", "show", "why", "undo"):
        script = (
            "import sys; from quintet_cli.boot import main\n"
            f"sys.argv = ['ai', '{words}']\n"
            "try:\n    main()\n"
            "except SystemExit as end:\n    assert not end.code, end.code\n"
            "print(*sys.modules)"
        )
        ended = subprocess.run(
            [sys.executable, "-c", script],
            env={"HOME": str(terminal.home), "PYTHONPATH": PYTHON_PATH, "PATH": os.environ["PATH"]},
            capture_output=True,
            text=True,
            check=True,
        )
        loaded = set(ended.stdout.split())
        assert not loaded & {"duckdb", "cryptography", "httpcore2", "numpy"}, words
