"""Assertions: each holds where it should, and says what it saw where it does not."""

import json
import time
from typing import Any

import pytest

from quintet.app.evals import INSTRUMENTS
from quintet.evals.case import problems_of
from quintet.evals.observation import Observation, answer_of
from support.suites import case, suite_of


def _problem(assertion: dict[str, Any], seen: Observation) -> str:
    (one,) = suite_of(case(**{"assert": [assertion]})).cases
    return "; ".join(problems_of(one, seen, INSTRUMENTS))


_NOTES = {"notes.txt": b"one\ntwo words here\nthree\n", "bin": b"\xff\xfe\n"}
_ANSWER = {
    "title": "dentist",
    "price": 19.99,
    "empty": None,
    "tags": ["a", "b"],
    "odd key": {"x": True},
    "items": [{"n": 1, "t": "first"}, {"n": 2, "t": "second"}],
    "cites": [{"file": "notes.txt", "where": "2", "quote": "two  words"}],
}
_SEEN = Observation(
    json.dumps(_ANSWER),
    _ANSWER,
    steps=("action:life.add", "effect:row life.items", "tool:search"),
    money_micros=1500,
    tokens=80,
    latency_s=0.5,
    read_file=_NOTES.get,
)


@pytest.mark.parametrize(
    "assertion",
    [
        {"path": "$.title", "exact": "dentist"},
        {"contains": ["dentist", "19.99"]},
        {"path": "$.tags[*]", "contains": "b"},
        {"lacks": "barber"},
        {"regex": "d.*t"},
        {"path": "$.title", "regex": "^dentist$"},
        {"path": "$.price", "equals": 19.99},
        {"path": "$.items[0].n", "equals": 1.0},
        {"path": "$.items[-1].t", "equals": "second"},
        {"path": "$.items[*].n", "equals": 2},
        {"path": "$['odd key'].x", "equals": True},
        {"path": "$.empty", "equals": None},
        {"path": "$.empty", "exists": True},
        {"path": "$.nothing", "exists": False},
        {"path": "$.items[*]", "count": 2},
        {"path": "$.items[9]", "count": 0},
        {"path": "$.price", "near": 20, "within": 0.02},
        {"path": "$.items[*]", "schema": {"type": "object", "required": ["n"]}},
        {"path": "$.cites[*]", "citation": True},
        {"trajectory": ["action:life.add", "tool:*"]},
        {"trajectory": ["tool:search", "action:life.add"], "match": "any"},
        {"trajectory": ["action:life.add", "effect:row *", "tool:search"], "match": "exact"},
        {"never": ["effect:file *", "tool:send"]},
        {"status": 0},
        {"cost_usd": 0.0015},
        {"tokens": 80},
        {"latency_s": 0.5},
    ],
    ids=str,
)
def test_an_assertion_holds(assertion: dict[str, Any]) -> None:
    assert _problem(assertion, _SEEN) == ""


@pytest.mark.parametrize(
    ("assertion", "told"),
    [
        ({"path": "$.title", "exact": "dentist "}, "is not 'dentist '"),
        ({"contains": ["dentist", "barber"]}, "lacks 'barber'"),
        ({"lacks": "dentist"}, "holds 'dentist'"),
        ({"path": "$.title", "regex": "^ent"}, "does not match"),
        ({"path": "$.price", "equals": "19.99"}, "not '19.99'"),
        ({"path": "$['odd key'].x", "equals": 1}, "is 'true', not '1'"),
        ({"path": "$.nothing", "equals": None}, "nothing stands at $.nothing"),
        ({"path": "$.title", "exists": False}, "something stands"),
        ({"path": "$.items[*]", "count": 3}, "2 things"),
        ({"path": "$.price", "near": 21, "within": 1}, "not within 1 of 21"),
        ({"path": "$.title", "near": 1, "within": 1}, "no number"),
        ({"path": "$['odd key'].x", "near": 1, "within": 1}, "no number"),
        ({"path": "$.items[*]", "schema": {"required": ["t", "z"]}}, "does not fit"),
        ({"path": "$.nothing", "schema": {}}, "nothing stands"),
        ({"trajectory": ["tool:search", "action:life.add"]}, "the step action:life.add is missing"),
        ({"trajectory": ["action:*"], "match": "exact"}, "the steps were"),
        ({"trajectory": ["tool:search", "tool:search"], "match": "any"}, "is missing"),
        ({"never": ["effect:row *"]}, "effect:row life.items was taken"),
        ({"status": 2}, "status 0, not 2"),
        ({"cost_usd": 0.001}, "0.0015 USD, over 0.001"),
        ({"tokens": 79}, "80 tokens"),
        ({"latency_s": 0.1}, "0.5 s"),
    ],
    ids=str,
)
def test_an_assertion_that_does_not_hold_says_what_it_saw(
    assertion: dict[str, Any], told: str
) -> None:
    assert told in _problem(assertion, _SEEN)


@pytest.mark.parametrize(
    ("cited", "told"),
    [
        ("notes.txt:2", ""),
        ("notes.txt:1-3", ""),
        ("notes.txt", ""),
        ({"file": "notes.txt", "where": "4:7", "quote": "two"}, ""),
        ({"where": "notes.txt:2-3", "quote": ["two words here", "three"]}, ""),
        ({"file": "bin", "where": "1", "quote": "\ufffd"}, ""),
        ("notes.txt:4", "has no span '4'"),
        ("notes.txt:0", "has no span"),
        ({"file": "notes.txt", "where": "3-2"}, "has no span"),
        ({"file": "notes.txt", "where": "9:99"}, "has no span"),
        ({"file": "notes.txt", "where": "page 3"}, "has no span"),
        ({"file": "notes.txt", "where": "1", "quote": "two"}, "does not say 'two'"),
        ("gone.txt:1", "is not there"),
        ({"quote": "two"}, "names no file"),
        (7, "names no file"),
    ],
    ids=str,
)
def test_a_citation_holds_only_where_its_words_stand(cited: Any, told: str) -> None:
    seen = Observation(json.dumps([cited]), [cited], read_file=_NOTES.get)
    problem = _problem({"path": "$[*]", "citation": True}, seen)
    assert (told in problem) if told else not problem


def test_every_citation_must_hold_and_there_must_be_one() -> None:
    several = ["notes.txt:1", "notes.txt:9"]
    seen = Observation("", several, read_file=_NOTES.get)
    assert "has no span" in _problem({"path": "$[*]", "citation": True}, seen)
    assert "nothing stands" in _problem({"path": "$[*]", "citation": True}, answer_of([]))


def test_a_case_that_says_nothing_of_the_status_wants_success() -> None:
    assert _problem({"contains": "x"}, Observation("x", status=1)) == (
        "status: it ended with status 1, not 0"
    )
    assert _problem({"contains": "x"}, Observation("x", ended="it hung")) == "status: it hung"
    assert _problem({"status": 2}, Observation("x", status=2)) == ""


def test_an_answer_that_is_no_json_has_no_places() -> None:
    assert "is not JSON" in _problem({"path": "$.a", "equals": 1}, answer_of("a: 1"))
    assert _problem({"path": "$.a", "exists": False}, answer_of("a: 1")) == ""


@pytest.mark.demand("EVAL-5")
@pytest.mark.parametrize("pattern", ["^(a+)+$", "(a|aa)+b", "(a*)*c", "(.*b){40}", "a{0,1000}b"])
def test_a_hostile_pattern_is_answered_in_time(pattern: str) -> None:
    began_s = time.monotonic()
    assert _problem({"regex": pattern}, answer_of("a" * 3000 + "!"))
    assert _problem({"regex": pattern}, answer_of("a" * 3_000_000))
    assert time.monotonic() - began_s < 20
