"""Wrong answers are put to a case: one that takes them for right is named."""

from typing import Any

import pytest

from quintet.app.evals import INSTRUMENTS
from quintet.evals.known_bad import wrong_answers
from quintet.evals.observation import Observation, answer_of
from quintet.evals.teeth import Teeth, teeth_of
from support.suites import case, suite_of

pytestmark = pytest.mark.demand("EVAL-2")

_TEXT = "The invoice 1042 of Northwind Paper is over 240.50 dollars."
_VALUE = {"vendor": "Northwind Paper", "number": "1042", "amount": 240.5, "paid": False}


def _teeth(**fields: Any) -> Teeth:
    other = case(id="other", expect="Paris is the capital of France.")
    return teeth_of(suite_of(case(**fields), other), INSTRUMENTS)[0]


@pytest.mark.parametrize(
    "checks",
    [
        [{"exact": _TEXT}],
        [{"contains": ["1042", "240.50", "Northwind Paper"]}],
        [{"regex": "invoice 1042 of Northwind.*240\\.50"}],
    ],
    ids=str,
)
def test_a_case_that_looks_at_the_answer_catches_what_is_wrong(checks: list[Any]) -> None:
    teeth = _teeth(expect=_TEXT, **{"assert": checks})
    assert teeth.is_sound, teeth
    assert teeth.tried >= 6


@pytest.mark.parametrize(
    "checks",
    [
        [{"status": 0}],
        [{"latency_s": 10}, {"cost_usd": 1}],
        [{"regex": ".*"}],
        [{"lacks": "Traceback"}],
        [{"path": "$.nothing", "exists": False}],
    ],
    ids=str,
)
def test_a_case_that_passes_whatever_is_answered_is_toothless(checks: list[Any]) -> None:
    teeth = _teeth(expect=_TEXT, **{"assert": checks})
    assert teeth.is_toothless
    assert set(teeth.survived) >= {"empty", "refused", "another case's answer", "truncated"}


def test_a_shape_alone_does_not_tell_right_values_from_wrong_ones() -> None:
    schema = {"type": "object", "required": ["vendor"], "properties": {"vendor": {}}}
    teeth = _teeth(expect=_VALUE, **{"assert": [{"schema": schema}]})
    assert {"a wrong number", "valid JSON with its texts mixed up"} <= set(teeth.survived)
    sound = _teeth(expect=_VALUE, **{"assert": [{"path": "$", "equals": _VALUE}]})
    assert not sound.survived


def test_one_wrong_answer_of_its_author_that_passes_is_enough() -> None:
    checks = [{"contains": ["1042", "240.50"]}]
    teeth = _teeth(expect=_TEXT, bad=["Not 1042, not 240.50."], **{"assert": checks})
    assert teeth.given_survived == 1
    assert teeth.is_toothless


def test_a_right_answer_that_is_not_taken_is_said() -> None:
    teeth = _teeth(expect="Something else.", **{"assert": [{"contains": "1042"}]})
    assert not teeth.is_sound
    assert "lacks '1042'" in teeth.rejects[0]


def test_a_case_may_watch_what_is_done_and_not_what_is_said() -> None:
    steps = ("action:life.add", "effect:row life.items")
    suite = suite_of(case(**{"assert": [{"trajectory": list(steps), "match": "exact"}]}))
    seen = {"one": Observation("said", steps=steps)}
    (teeth,) = teeth_of(suite, INSTRUMENTS, seen)
    assert teeth.is_sound
    assert teeth.tried == 3


def test_steps_that_anything_fits_are_toothless() -> None:
    suite = suite_of(case(**{"assert": [{"never": ["effect:file *"]}]}))
    seen = {"one": Observation("said", steps=("action:life.add", "effect:row life.items"))}
    (teeth,) = teeth_of(suite, INSTRUMENTS, seen)
    assert teeth.is_toothless


def test_without_a_right_answer_only_plainly_wrong_ones_are_tried() -> None:
    teeth = _teeth(**{"assert": [{"contains": "1042"}]})
    assert not teeth.has_reference
    assert teeth.is_sound
    assert _teeth(**{"assert": [{"status": 0}]}).is_toothless


def test_an_answer_is_spoiled_in_the_same_way_every_time() -> None:
    def spoiled(seed: str) -> list[Any]:
        return [(one.how, one.seen.text) for one in wrong_answers(answer_of(_VALUE), [], seed)]

    assert spoiled("a") == spoiled("a")
    assert all(text != answer_of(_VALUE).text for _, text in spoiled("a"))
