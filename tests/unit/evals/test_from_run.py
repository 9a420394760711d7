"""Recorded actions become cases that do the same again, or it is said why they cannot."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.suites import write_suite
from support.terminal import Result, Terminal

_CALENDAR = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:a@x\r\n"
    "DTSTAMP:20260301T000000Z\r\nDTSTART:20260302T090000\r\nSUMMARY:Stand-up\r\nEND:VEVENT\r\n"
    "END:VCALENDAR\r\n"
)
_EVENT = {"id": "m-1", "vendor": "Acme", "number": "117", "date": "2026-02-27", "amount": 420.5}


@pytest.fixture
def recording(terminal: Terminal) -> Iterator[Terminal]:
    """A terminal of somebody who keeps runs."""
    assert terminal.ai("config", "set", "record.freezable", "true").status == 0
    yield terminal


def _freeze(terminal: Terminal, *words: str, action: str = "@-1") -> Result:
    return terminal.ai("eval", "from-run", action, "--yes", "--json", *words)


def _passes(terminal: Terminal, suite: str) -> bool:
    return terminal.ai("eval", "run", suite, "--json").status == 0


def test_a_frozen_action_does_the_same_again(recording: Terminal) -> None:
    (recording.home / "team.ics").write_text(_CALENDAR, newline="")
    recording.ai("life", "add", "team.ics")
    frozen = _freeze(recording, "--private", "--into", "kept.jsonl", action="@life-1")
    assert frozen.status == 0, frozen.out
    (case,) = [
        json.loads(line) for line in (recording.home / "kept.jsonl").read_text().splitlines()
    ]
    assert case["run"] == ["life", "add", "team.ics"]
    assert case["files"] == {"team.ics": _CALENDAR}
    assert "private" in case["note"]
    assert any(check.get("equals") == "Stand-up" for check in case["assert"])
    assert _passes(recording, "kept.jsonl")
    assert recording.ai("eval", "check", "kept.jsonl").status == 0


def test_files_are_frozen_as_they_were_before_the_action_changed_them(recording: Terminal) -> None:
    (recording.home / "ledger.csv").write_text("date,vendor,number,amount\n")
    words = ("ops", "trigger", "invoice-received", "--event", json.dumps(_EVENT))
    assert recording.ai(*words).status == 0
    (recording.home / "ledger.csv").write_text("something else since\n")
    frozen = _freeze(recording, "--into", "kept.jsonl", action="@ops-1")
    assert frozen.status == 0, frozen.out
    case = json.loads((recording.home / "kept.jsonl").read_text())
    assert case["files"] == {"ledger.csv": "date,vendor,number,amount\n"}
    assert _passes(recording, "kept.jsonl")


def test_what_will_be_written_is_shown_first(recording: Terminal) -> None:
    recording.ai("edge", "fit")
    recording.ai("life", "add", "call the plumber")
    shown = recording.ai("eval", "from-run", "@life-1", "--private", "--dry-run")
    assert shown.status == 0
    assert "the words: ai life add call the plumber" in shown.out
    assert "labelled mine, private" in shown.out
    assert not list(recording.home.glob("*.jsonl"))
    asked = recording.ai("eval", "from-run", "@life-1", "--private", "--no-input")
    assert asked.status == 4


def test_a_private_action_is_refused_unless_that_is_meant(recording: Terminal) -> None:
    recording.ai("life", "add", "call the plumber")
    refused = _freeze(recording, action="@life-1")
    assert refused.status == 5
    assert "is private" in refused.out


def test_undo_takes_a_frozen_case_away(recording: Terminal) -> None:
    recording.ai("life", "add", "call the plumber")
    frozen = _freeze(recording, "--private", "--into", "kept.jsonl", action="@life-1").json
    recording.ai("undo", frozen["action"][:6], "--yes")
    assert not (recording.home / "kept.jsonl").exists()


def test_cases_are_added_to_a_suite_and_not_twice(recording: Terminal) -> None:
    for line in ("call the plumber", "pay rent 2026-12-01"):
        recording.ai("life", "add", line)
        assert _freeze(recording, "--private", "--into", "kept.jsonl", action="@life-1").status == 0
    assert len((recording.home / "kept.jsonl").read_text().splitlines()) == 2
    again = _freeze(recording, "--private", "--into", "kept.jsonl", action="@life-1")
    assert again.status == 2
    assert "is there twice" in again.out
    assert _passes(recording, "kept.jsonl")


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda home: (home / "team.ics").write_text("changed"), "as it was is not kept"),
        (lambda home: (home / "team.ics").unlink(), "it does not exist"),
    ],
)
def test_a_file_that_is_not_what_it_was_cannot_be_frozen(
    recording: Terminal, spoil: object, told: str
) -> None:
    (recording.home / "team.ics").write_text(_CALENDAR, newline="")
    recording.ai("life", "add", "team.ics")
    assert callable(spoil)
    spoil(recording.home)
    frozen = _freeze(recording, "--private", action="@life-1")
    assert frozen.status == 1
    assert told in frozen.out


def test_an_action_whose_words_were_not_kept_says_how_to_keep_them(terminal: Terminal) -> None:
    terminal.ai("life", "add", "call the plumber")
    frozen = _freeze(terminal, "--private")
    assert frozen.status == 1
    assert "ai config set record.freezable true" in frozen.out


def test_what_depends_on_the_users_own_store_is_not_frozen(recording: Terminal) -> None:
    recording.ai("life", "add", "dentist today 15:00")
    recording.ai("life", "brief")
    frozen = _freeze(recording, "--private", action="@life-1")
    assert frozen.status == 1
    assert "came out otherwise" in frozen.out
    assert "stored rows" in frozen.out


@pytest.mark.demand("EVAL-10")
def test_models_answer_from_the_tape_of_the_run(recording: Terminal) -> None:
    script = recording.home / "answers.jsonl"
    script.write_text('{"text": "four"}\n')
    ask = {"prompt": "two and two?", "model": "scripted:answers.jsonl"}
    write_suite(
        recording.home / "quiz.jsonl", {"id": "q", "ask": ask, "assert": [{"exact": "four"}]}
    )
    assert recording.ai("eval", "run", "quiz.jsonl").status == 0
    script.unlink()
    frozen = _freeze(recording, "--into", "kept.jsonl", action="@eval-1")
    assert frozen.status == 0, frozen.out
    names = sorted(Path(file).name for file in frozen.json["files"])
    assert names[1] == "kept.jsonl"
    assert names[0].endswith(".tape")
    assert _passes(recording, "kept.jsonl")


def test_without_its_tape_a_run_that_asked_a_model_is_not_frozen(recording: Terminal) -> None:
    (recording.home / "answers.jsonl").write_text('{"text": "four"}\n')
    ask = {"prompt": "two and two?", "model": "scripted:answers.jsonl"}
    write_suite(
        recording.home / "quiz.jsonl", {"id": "q", "ask": ask, "assert": [{"exact": "four"}]}
    )
    recording.ai("eval", "run", "quiz.jsonl")
    for tape in (recording.home / ".local/share/ai/record/tapes").iterdir():
        tape.unlink()
    frozen = _freeze(recording, action="@eval-1")
    assert "what the model answered is not kept" in frozen.out
