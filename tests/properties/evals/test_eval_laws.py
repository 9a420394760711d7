"""Laws of suites: any bytes are read or refused, any answer is judged, any counts are compared."""

import json
import random
from collections.abc import Callable
from importlib.resources import files
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quintet.app.evals import INSTRUMENTS
from quintet.errors import QuintetError
from quintet.evals.case import problems_of
from quintet.evals.casefile import parse_suite
from quintet.evals.compare import Verdict, compare
from quintet.evals.interval import suite_interval, wilson
from quintet.evals.jsonpath import parse_path, select
from quintet.evals.junit import junit
from quintet.evals.known_bad import wrong_answers
from quintet.evals.observation import answer_of
from quintet.evals.paired import Pair, tails
from quintet.evals.power import smallest_visible
from quintet.evals.results import Attempt, SuiteResult
from quintet.evals.standing import Standing, Tally, parse_standing, standing_bytes
from support.suites import case, suite_of

_SEED = (files("quintet.evals") / "suites" / "everyday.jsonl").read_bytes()
_PARSERS: list[Callable[[bytes], object]] = [
    lambda data: parse_suite(data, "suite", INSTRUMENTS),
    lambda data: parse_standing(data, INSTRUMENTS),
]
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "b", "c d"]), inner, max_size=3)
    ),
    max_leaves=8,
)
TALLIES = st.tuples(st.integers(0, 12), st.integers(1, 12)).map(lambda t: (min(t), t[1]))
PAIRS = st.lists(st.tuples(TALLIES, TALLIES), min_size=1, max_size=12)


def _pairs(counts: list[tuple[tuple[int, int], tuple[int, int]]]) -> list[Pair]:
    return [Pair(*before, *now) for before, now in counts]


def _standing(counts: list[tuple[int, int]]) -> Standing:
    tallies = {str(at): Tally(*one) for at, one in enumerate(counts)}
    return Standing("a" * 14, "s", "d", "2026-01-01", tallies)


@pytest.mark.demand("EVAL-1")
@given(st.binary(max_size=300) | st.integers(0, 2**32).map(lambda seed: _mutated(_SEED, seed)))
def test_any_bytes_are_read_or_refused_in_plain_words(data: bytes) -> None:
    for parse in _PARSERS:
        try:
            parse(data)
        except QuintetError as error:
            assert error.what


def _mutated(data: bytes, seed: int) -> bytes:
    chance = random.Random(seed)
    out = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(out))
        out[at : at + chance.randrange(4)] = chance.randbytes(chance.randrange(4))
    return bytes(out)


@pytest.mark.demand("EVAL-1")
@given(st.dictionaries(st.sampled_from(["id", "run", "ask", "assert", "files", "now"]), JSON))
def test_any_fields_make_a_case_or_are_refused(fields: dict[str, Any]) -> None:
    try:
        suite_of(case(**fields))
    except QuintetError as error:
        assert error.what.startswith("line 1") or "no case" in error.what


@given(JSON, st.lists(st.sampled_from([".a", '["c d"]', "[0]", "[-1]", "[*]", ".*"]), max_size=4))
def test_a_path_leads_somewhere_or_nowhere_and_never_fails(value: Any, steps: list[str]) -> None:
    found = select(value, parse_path("$" + "".join(steps)))
    assert isinstance(found, list)
    assert select(value, parse_path("$")) == [value]


@given(JSON, JSON)
def test_every_assertion_judges_every_answer(wanted: Any, answer: Any) -> None:
    checks: list[Any] = [
        {"path": "$.a", "equals": wanted},
        {"contains": "x"},
        {"path": "$[*]", "citation": True},
        {"path": "$.b", "near": 1, "within": 1},
        {"path": "$", "schema": {"type": "object"}},
        {"regex": "a+b"},
    ]
    (one,) = suite_of(case(**{"assert": checks})).cases
    assert all(isinstance(text, str) for text in problems_of(one, answer_of(answer), INSTRUMENTS))


@given(JSON)
def test_a_case_that_wants_exactly_one_value_takes_it_and_no_spoiled_one(value: Any) -> None:
    (one,) = suite_of(case(**{"assert": [{"path": "$", "equals": value}]})).cases
    right = answer_of(value)
    if isinstance(value, str):
        return
    assert not problems_of(one, right, INSTRUMENTS)
    for wrong in wrong_answers(right, [], "seed"):
        assert problems_of(one, wrong.seen, INSTRUMENTS), wrong.how


@given(st.integers(0, 200), st.integers(1, 200), st.floats(0.5, 0.999))
def test_an_interval_holds_its_share_and_stays_within_0_and_1(k: int, n: int, sure: float) -> None:
    found = wilson(min(k, n), n, sure)
    assert 0 <= found.low <= found.value <= found.high <= 1
    assert found.low < 1
    assert found.high > 0


@given(st.lists(TALLIES, min_size=1, max_size=10))
def test_more_confidence_is_a_wider_interval(counts: list[tuple[int, int]]) -> None:
    less, more = suite_interval(counts, 0.8), suite_interval(counts, 0.99)
    assert more.low <= less.low <= less.high <= more.high


@given(PAIRS)
def test_the_tails_are_probabilities_that_sum_to_one(counts: Any) -> None:
    found = tails(_pairs(counts))
    assert 0 <= found.worse <= 1
    assert found.worse + found.better == pytest.approx(1)


@given(PAIRS)
def test_better_and_worse_are_each_others_mirror(counts: Any) -> None:
    here = tails(_pairs(counts))
    there = tails([Pair(*now, *before) for before, now in counts])
    assert here.worse == pytest.approx(there.better)


@given(PAIRS)
def test_a_run_is_no_worse_than_itself(counts: Any) -> None:
    standing = _standing([now for _, now in counts])
    assert compare(standing, standing).verdict is Verdict.SAME


@given(PAIRS)
def test_losing_one_more_try_never_looks_better(counts: Any) -> None:
    pairs = _pairs(counts)
    before = tails(pairs).worse
    for at, pair in enumerate(pairs):
        if pair.passed_now:
            fallen = Pair(
                pair.passed_before, pair.tried_before, pair.passed_now - 1, pair.tried_now
            )
            # Another total is another distribution; a sure pass may become an unsure one.
            changed = tails([*pairs[:at], fallen, *pairs[at + 1 :]]).worse
            assert changed <= before + 0.5


@given(st.lists(TALLIES, min_size=1, max_size=8), st.integers(1, 3))
def test_more_tries_see_smaller_drops(counts: list[tuple[int, int]], times: int) -> None:
    few = [Pair(k, n, k, n) for k, n in counts]
    many = [Pair(k * 4 * times, n * 4 * times, k * 4 * times, n * 4 * times) for k, n in counts]
    little, much = smallest_visible(few, 0.005), smallest_visible(many, 0.005)
    assert little is None or (much is not None and much <= little + 1e-6)


@given(st.lists(TALLIES, min_size=1, max_size=6))
def test_a_baseline_is_read_as_it_was_written(counts: list[tuple[int, int]]) -> None:
    standing = _standing(counts)
    assert parse_standing(standing_bytes(standing), INSTRUMENTS) == standing


@settings(max_examples=50)
@given(st.lists(st.text(max_size=20), min_size=1, max_size=4))
def test_junit_is_well_formed_whatever_was_answered(problems: list[str]) -> None:
    attempts = tuple(Attempt(f"c{at}", 0, (text,)) for at, text in enumerate(problems))
    result = SuiteResult("k" * 14, problems[0], "d", "2026-01-01T00:00:00Z", 0, 1, attempts)
    root = ET.fromstring(junit(result))
    assert len(root.findall(".//failure")) == len(problems)
    assert json.dumps(root[0].get("name")) is not None
