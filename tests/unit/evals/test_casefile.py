"""The file of cases: what is read from it, and how each mistake is told."""

import json
from typing import Any

import pytest

from quintet.app.evals import INSTRUMENTS
from quintet.evals.case import PromptSubject, VerbSubject
from quintet.evals.casefile import LINE_LIMIT_BYTES, parse_suite
from quintet.evals.fields import BadCase
from support.suites import case, lines_of, suite_of

pytestmark = pytest.mark.demand("EVAL-1")


def _refused(data: bytes) -> str:
    with pytest.raises(BadCase) as caught:
        parse_suite(data, "suite", INSTRUMENTS)
    return f"{caught.value} {caught.value.hint}"


def test_a_suite_has_its_cases_in_their_order_and_the_name_of_its_header() -> None:
    suite = suite_of({"evals": 1, "suite": "notes"}, case(id="b"), case(id="a"))
    assert suite.name == "notes"
    assert [one.id for one in suite.cases] == ["b", "a"]
    assert len(suite.digest) == 64


def test_a_verb_is_named_with_or_without_the_word_ai() -> None:
    suite = suite_of(case(run=["ai", "life", "brief"], files={"a/b.txt": "x"}, stdin="y"))
    subject = suite.cases[0].subject
    assert isinstance(subject, VerbSubject)
    assert subject.words == ("life", "brief")
    assert subject.files == {"a/b.txt": b"x"}
    assert subject.stdin == "y"


def test_a_file_may_hold_any_bytes() -> None:
    subject = suite_of(case(files={"x": {"base64": "/wA="}})).cases[0].subject
    assert isinstance(subject, VerbSubject)
    assert subject.files["x"] == b"\xff\x00"


def test_a_prompt_has_messages_a_schema_and_limits() -> None:
    ask = {"prompt": "two and two?", "system": "count", "schema": {"type": "integer"}}
    subject = suite_of(case(run=None, ask={**ask, "max_tokens": 5})).cases[0].subject
    assert isinstance(subject, PromptSubject)
    assert [turn.role for turn in subject.turns] == ["system", "user"]
    assert subject.max_tokens == 5


def test_marks_at_the_beginning_and_line_ends_of_other_systems_change_nothing() -> None:
    plain = lines_of(case(id="a"), case(id="b"))
    other = b"\xef\xbb\xbf" + plain.replace(b"\n", b"\r\n") + b"\r\n\r\n"
    read = [parse_suite(data, "suite", INSTRUMENTS).cases for data in (plain, other)]
    assert read[0] == read[1]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "it is empty"),
        (b"\n\n  \n", "it is empty"),
        (b"{}\n", "line 1: a case has no 'id'"),
        (b"[1]\n", "line 1: a case is not an object"),
        (b'{"id": \n', "line 1: it is not JSON"),
        (b'{"id": NaN}\n', "line 1: it is not JSON"),
        (lines_of(case()) + b"\xff\xfe\n", "line 2: it is not UTF-8"),
        (b'{"id": "\\ud800"}\n', "line 1: it is not JSON"),
        (b"[" * 100_000, "line 1: it is not JSON"),
        (b'"' + b"x" * (LINE_LIMIT_BYTES + 1) + b'"', "line 1: it is too long"),
        (lines_of(case(), case()), "line 2: the id 'one' is there twice: line 1 has it too"),
        (lines_of({"evals": 2}), "it has version 2"),
        (lines_of({"evals": 1, "siute": "x"}), "did you mean 'suite'?"),
        (lines_of({"evals": 1}), "it is empty"),
    ],
)
def test_a_broken_file_is_refused_with_its_line(data: bytes, told: str) -> None:
    assert told in _refused(data)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"id": "../x"}, "cannot be an id"),
        ({"id": 7}, "'id' of a case must be a text"),
        ({"asert": []}, "did you mean 'assert'?"),
        ({"assert": []}, "asserts nothing"),
        ({"assert": [{}]}, "exactly one operator"),
        ({"assert": [{"exact": "a", "contains": "b"}]}, "exactly one operator"),
        ({"assert": [{"contians": "a"}]}, "did you mean 'contains'?"),
        ({"assert": [{"contains": ""}]}, "not empty"),
        ({"assert": [{"regex": "(a"}]}, "cannot be used"),
        ({"assert": [{"regex": "(?=a)"}]}, "cannot be used"),
        ({"assert": [{"path": "x", "equals": 1}]}, "a path begins with $"),
        ({"assert": [{"path": "$.a[?(@.b)]", "equals": 1}]}, "is no path"),
        ({"assert": [{"near": 1}]}, "has no 'within'"),
        ({"assert": [{"near": 10**400, "within": 1}]}, "too large"),
        ({"assert": [{"near": True, "within": 1}]}, "must be a number"),
        ({"assert": [{"schema": {"type": "strnig"}}]}, "not usable"),
        ({"assert": [{"status": 0, "path": "$"}]}, "does not go with"),
        ({"assert": [{"count": 1}]}, "needs a path"),
        ({"assert": [{"trajectory": ["a"], "match": "some"}]}, "'match' is one of"),
        ({"assert": [{"latency_s": -1}]}, "at least 0"),
        ({"run": []}, "'run' has no words"),
        ({"run": ["ai"]}, "'run' has no words"),
        ({"run": "version"}, "must be texts"),
        ({"run": ["a\0b"]}, "'run' has no words"),
        ({"ask": {"prompt": "x"}}, "either 'run' or 'ask'"),
        ({"run": None}, "either 'run' or 'ask'"),
        ({"files": {"/etc/passwd": "x"}}, "below a folder"),
        ({"files": {"../x": "x"}}, "below a folder"),
        ({"files": {"a//b": "x"}}, "below a folder"),
        ({"files": {"x": {"base64": "%"}}}, "not base64"),
        ({"files": {"x": 1}}, "not an object"),
        ({"tape": "/tape"}, "below a folder"),
        ({"now": "yesterday"}, "no moment"),
        ({"timeout_s": 0}, "at least 0.01"),
        ({"run": None, "ask": {}}, "either 'prompt' or 'messages'"),
        ({"run": None, "ask": {"messages": []}}, "'messages' is empty"),
        ({"run": None, "ask": {"messages": [{"role": "god", "content": ""}]}}, "a role is one of"),
        ({"run": None, "ask": {"prompt": "x"}, "files": {}}, "goes with 'run'"),
        ({"run": None, "ask": {"prompt": "x", "schema": {"type": 1}}}, "not usable"),
    ],
)
def test_a_wrong_case_is_refused_and_the_mistake_named(fields: dict[str, Any], told: str) -> None:
    refused = _refused(lines_of(case(id="fine"), case(**fields)))
    assert refused.startswith("line 2: ")
    assert told in refused


def test_a_header_stands_at_the_top_or_nowhere() -> None:
    assert "unknown key 'evals'" in _refused(lines_of(case(), {"evals": 1}))


def test_a_moment_without_a_zone_is_in_utc() -> None:
    subject = suite_of(case(now="2026-03-02T09:30:00")).cases[0].subject
    assert isinstance(subject, VerbSubject)
    assert subject.now == "2026-03-02T09:30:00+00:00"
    assert json.dumps(subject.now)
