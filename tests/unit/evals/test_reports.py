"""Results as files for others: JUnit XML, Markdown, a baseline."""

from xml.etree import ElementTree as ET

import pytest

from quintet.app.evals import INSTRUMENTS
from quintet.evals.compare import compare
from quintet.evals.junit import junit
from quintet.evals.markdown import markdown
from quintet.evals.results import Attempt, SuiteResult
from quintet.evals.standing import BadBaseline, parse_standing, standing_bytes


def _result(*passed: bool, tries: int = 1) -> SuiteResult:
    attempts = tuple(
        Attempt(f"case-{at}", repeat, () if is_passed else ("exact: is \x00 <not> it | ]]> …",))
        for at, is_passed in enumerate(passed)
        for repeat in range(tries)
    )
    return SuiteResult(
        "k" * 14, "plain & <suite>", "d" * 64, "2026-03-02T09:30:00Z", 0, tries, attempts
    )


def test_junit_counts_what_it_lists_and_takes_any_text() -> None:
    root = ET.fromstring(junit(_result(True, False, False)))
    (suite,) = root
    assert (suite.get("tests"), suite.get("failures")) == ("3", "2")
    cases = suite.findall("testcase")
    assert [case.get("name") for case in cases] == ["case-0", "case-1", "case-2"]
    failures = [case.find("failure") for case in cases]
    assert failures[0] is None
    assert failures[1] is not None
    assert "<not> it | ]]>" in (failures[1].text or "")
    assert suite.get("timestamp") == "2026-03-02T09:30:00"


def test_junit_of_a_comparison_fails_what_became_worse_and_nothing_else() -> None:
    before, now = _result(True, False, tries=20), _result(False, False, tries=20)
    root = ET.fromstring(junit(now, compare(before.standing, now.standing)))
    failed = [c.get("name") for c in root.iter("testcase") if c.find("failure") is not None]
    assert failed == ["case-0"]
    assert root[0].get("failures") == "1"
    assert root[0].get("tests") == "3"


def test_markdown_keeps_foreign_words_from_being_markup() -> None:
    text = markdown(_result(True, False), 0.95).decode()
    rows = [line for line in text.splitlines() if line.startswith("| case-")]
    assert len(rows) == 2
    assert "\\<not\\>" in rows[0]
    assert rows[0].replace("\\|", "").count("|") == 5


def test_a_baseline_is_read_as_it_was_written_and_holds_no_answers() -> None:
    standing = _result(True, False, tries=3).standing
    data = standing_bytes(standing)
    assert parse_standing(data, INSTRUMENTS) == standing
    assert b"not> it" not in data
    assert data.count(b"\n") == 11


@pytest.mark.parametrize(
    "data",
    [b"", b"[]", b"\xff", b"{}", b'{"schema": "ai.eval.baseline/2"}', b"{" * 9999],
    ids=str,
)
def test_what_is_no_baseline_is_refused(data: bytes) -> None:
    with pytest.raises(BadBaseline):
        parse_standing(data, INSTRUMENTS)


@pytest.mark.parametrize("tally", ['{"passed": 2, "tried": 1}', '{"passed": 0, "tried": 0}', "7"])
def test_a_baseline_with_impossible_counts_is_refused(tally: str) -> None:
    data = standing_bytes(_result(True).standing).decode()
    spoiled = data.replace('{"passed": 1, "tried": 1, "steady": false}', tally)
    assert spoiled != data
    with pytest.raises(BadBaseline):
        parse_standing(spoiled.encode(), INSTRUMENTS)
