"""`ai eval` from end to end, on verbs in homes of their own and on scripted models."""

import json
from pathlib import Path
from typing import Any

import pytest

from support.suites import case, write_suite
from support.terminal import Result, Terminal

_NOTE = {
    "id": "note",
    "run": ["life", "add", "call the plumber"],
    "assert": [
        {"path": "$.sources[0].items[0].title", "equals": "call the plumber"},
        {"trajectory": ["action:life.add", "effect:row life.items"], "match": "exact"},
    ],
}


def _asks(id: str, checks: list[Any], **more: Any) -> dict[str, Any]:
    ask = {"prompt": f"the {id}?", "model": "scripted:answers.jsonl"}
    return {"id": id, "ask": {**ask, **more.pop("ask", {})}, "assert": checks, **more}


def _script(folder: Path, *lines: Any) -> None:
    (folder / "answers.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))


def _run(terminal: Terminal, *cases: Any, words: tuple[str, ...] = ()) -> Result:
    write_suite(terminal.home / "suite.jsonl", *cases)
    return terminal.ai("eval", "run", "suite.jsonl", "--json", *words)


@pytest.mark.demand("EVAL-8")
def test_a_verb_is_tried_in_a_home_of_its_own_with_the_files_of_its_case(
    terminal: Terminal,
) -> None:
    calendar = "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\nEND:VCALENDAR\n"
    reads = case(
        id="file",
        run=["life", "add", "own.ics"],
        files={"own.ics": calendar},
        **{"assert": [{"path": "$.sources[0].source", "contains": "own.ics"}]},
    )
    ran = _run(terminal, _NOTE, reads)
    assert ran.status == 0, ran.out
    assert ran.json["rate"]["value"] == 1.0
    # Nothing of it is the user's: no note, no calendar, no key.
    assert [row.split("\t")[2] for row in terminal.ai("log").out.splitlines()] == ["eval run"]
    assert not (terminal.home / ".config/ai/ai.key").exists()


def test_a_case_that_fails_says_why_and_the_run_ends_with_1(terminal: Terminal) -> None:
    wrong = {**_NOTE, "assert": [{"contains": "barber"}]}
    ran = _run(terminal, wrong)
    assert ran.status == 1
    (told,) = ran.json["cases"][0]["problems"]
    assert told.startswith("contains: the answer lacks 'barber'")


def test_what_goes_before_a_case_must_succeed(terminal: Terminal) -> None:
    ran = _run(terminal, {**_NOTE, "before": [["life", "add", "gone.ics"]]})
    assert "`ai life add gone.ics` goes before: it ended with status" in ran.out


@pytest.mark.demand("EVAL-6")
def test_the_same_cases_and_seed_give_the_same_result(terminal: Terminal) -> None:
    _script(terminal.home, {"text": "four", "when": "sum"})
    cases = (_NOTE, _asks("sum", [{"exact": "four"}]), _asks("gap", [{"contains": "x"}]))
    told: list[Any] = []
    for jobs in ("1", "4"):
        ran = _run(terminal, *cases, words=("--seed", "3", "-n", "2", "--jobs", jobs)).json
        told.append([ran["cases"], ran["rate"], ran["seed"]])
    assert told[0] == told[1]


def test_a_prompt_is_asked_of_a_model_with_schema_tools_and_messages(terminal: Terminal) -> None:
    _script(
        terminal.home,
        {"json": {"total": 4}, "when": "sum"},
        {"tool_calls": [{"name": "search", "arguments": {"q": "x"}}], "when": "tool"},
        {"text": "Bonjour", "when": "hello"},
    )
    schema = {"type": "object", "required": ["total"], "properties": {"total": {"type": "integer"}}}
    tool = {"name": "search", "description": "finds", "parameters": {"type": "object"}}
    messages = [{"role": "system", "content": "French"}, {"role": "user", "content": "hello"}]
    ran = _run(
        terminal,
        _asks("sum", [{"path": "$.total", "equals": 4}], ask={"schema": schema}),
        _asks("tool", [{"trajectory": ["tool:search"], "match": "exact"}], ask={"tools": [tool]}),
        {
            **_asks("hello", [{"exact": "Bonjour"}]),
            "ask": {"messages": messages, "model": "scripted:answers.jsonl"},
        },
    )
    assert ran.status == 0, ran.out
    assert all(one["steady"] for one in ran.json["cases"])


def test_a_model_that_gives_nothing_fails_the_case_and_not_the_run(terminal: Terminal) -> None:
    _script(terminal.home, {"fails": "out of order", "when": "first"}, {"text": "yes"})
    ran = _run(terminal, _asks("first", [{"exact": "yes"}]), _asks("second", [{"exact": "yes"}]))
    assert [one["passed"] for one in ran.json["cases"]] == [0, 1]
    assert "out of order" in ran.out


def test_a_model_that_is_not_there_ends_the_run_with_words(terminal: Terminal) -> None:
    ran = _run(terminal, case(run=None, ask={"prompt": "hello"}))
    assert ran.status == 9
    assert "no model is chosen" in ran.out


@pytest.mark.demand("EVAL-9")
def test_a_limit_on_what_it_may_cost_is_kept(terminal: Terminal) -> None:
    price = ["[[price]]", 'host = "127.0.0.1"', 'model = "dear"', "prompt = 10_000_000"]
    price += ["completion = 10_000_000", "as_of = 2026-01-01"]
    config = terminal.home / ".config/ai"
    config.mkdir(parents=True)
    (config / "prices.toml").write_text("\n".join(price))
    terminal.ai("budget", "set", "day_usd", "5.00")
    ask = {"prompt": "hello", "model": "openai:dear@http://127.0.0.1:9/v1", "max_tokens": 2000}
    ran = _run(terminal, case(run=None, ask=ask), words=("--budget", "0.0001"))
    assert ran.status == 6, ran.out
    assert _run(terminal, case(run=None, ask=ask)).status in (5, 9)


def test_a_run_is_compared_with_its_baseline(terminal: Terminal) -> None:
    _script(terminal.home, {"text": "yes", "again": True})
    cases = [_asks(f"q{at}", [{"exact": "yes"}]) for at in range(3)]
    first = _run(terminal, *cases, words=("--save-baseline", "base.json"))
    assert first.status == 0
    same = _run(terminal, *cases, words=("--baseline", "base.json"))
    assert same.status == 0
    assert same.json["comparison"]["verdict"] == "no change seen"
    _script(
        terminal.home, {"text": "no", "when": "q1", "again": True}, {"text": "yes", "again": True}
    )
    worse = _run(terminal, *cases, words=("--baseline", "base.json", "--junit", "report.xml"))
    assert worse.status == 1
    assert [one["case"] for one in worse.json["comparison"]["changes"] if one["is_worse"]] == ["q1"]
    assert (terminal.home / "report.xml").read_text().count("<failure") == 1
    runs = [one["id"] for one in terminal.ai("eval", "show", "--json").json["runs"]]
    compared = terminal.ai("eval", "compare", "base.json", worse.json["run"][:6], "--json")
    assert compared.status == 1
    assert len(runs) == 3


def test_files_that_a_run_wrote_are_taken_back_by_undo(terminal: Terminal) -> None:
    _script(terminal.home, {"text": "yes", "again": True})
    ran = _run(terminal, _asks("q", [{"exact": "yes"}]), words=("--save-baseline", "base.json"))
    assert (terminal.home / "base.json").exists()
    assert terminal.ai("undo", ran.json["action"][:6], "--yes").status == 0
    assert not (terminal.home / "base.json").exists()


def test_a_share_may_be_asked_for_instead_of_everything(terminal: Terminal) -> None:
    _script(
        terminal.home, {"text": "yes", "when": "q0", "again": True}, {"text": "no", "again": True}
    )
    cases = [_asks(f"q{at}", [{"exact": "yes"}]) for at in range(2)]
    assert _run(terminal, *cases, words=("--need", "0.5")).status == 0
    assert _run(terminal, *cases, words=("--need", "0.6")).status == 1


@pytest.mark.demand("EVAL-2")
def test_a_case_that_cannot_fail_fails_the_check_and_is_noted_in_a_run(terminal: Terminal) -> None:
    write_suite(
        terminal.home / "suite.jsonl", _NOTE, {**_NOTE, "id": "weak", "assert": [{"status": 0}]}
    )
    checked = terminal.ai("eval", "check", "suite.jsonl", "--json")
    assert checked.status == 1
    assert {one["id"]: one["sound"] for one in checked.json["cases"]} == {
        "note": True,
        "weak": False,
    }
    ran = terminal.ai("eval", "run", "suite.jsonl")
    assert ran.status == 0
    assert "note: weak: catches 0 of" in ran.err


def test_one_case_can_be_run_alone(terminal: Terminal) -> None:
    ran = _run(terminal, _NOTE, {**_NOTE, "id": "other"}, words=("--case", "other"))
    assert [one["id"] for one in ran.json["cases"]] == ["other"]
    assert _run(terminal, _NOTE, words=("--case", "gone")).status == 1


def test_the_users_own_home_is_used_when_that_is_asked_for(terminal: Terminal) -> None:
    ran = _run(terminal, _NOTE, words=("--own-home",))
    assert ran.status == 0, ran.out
    assert not ran.json["cases"][0]["steady"]
    (life,) = terminal.ai("log", "--group", "life", "--json").json["actions"]
    assert life["cause"] == ran.json["action"]


def test_the_shipped_suite_is_sound(terminal: Terminal) -> None:
    ran = terminal.ai(
        "eval", "run", "everyday", "--json", "--case", "note", "--case", "no-such-day"
    )
    assert ran.status == 0, ran.out
    assert not ran.json["toothless"]


@pytest.mark.slow
def test_the_whole_shipped_suite_passes_and_can_fail(terminal: Terminal) -> None:
    ran = terminal.ai("eval", "run", "everyday", "--json")
    assert ran.status == 0, ran.out
    assert ran.json["rate"]["value"] == 1.0
    assert not ran.json["toothless"]
