"""A run as JUnit XML, which build servers read: one `testcase` a case, failures in words."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from quintet.evals.compare import Comparison, Verdict
from quintet.evals.results import CaseResult, SuiteResult

# What XML 1.0 cannot hold, escaped or not.
_UNSPEAKABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(result: SuiteResult, comparison: Comparison | None = None) -> bytes:
    """With a comparison a case fails where it became worse; without one, where a try failed."""
    worse = {change.case for change in comparison.worse_cases} if comparison else set[str]()
    failing = {
        name
        for name, case in result.cases.items()
        if (name in worse if comparison else not case.is_passed)
    }
    is_whole_worse = bool(comparison and comparison.verdict is Verdict.WORSE and not worse)
    figures = {
        "tests": str(len(result.cases) + bool(comparison)),
        "failures": str(len(failing) + is_whole_worse),
        "errors": "0",
        "time": _seconds(sum(attempt.latency_s for attempt in result.attempts)),
    }
    root = ET.Element("testsuites", {"name": "ai eval", **figures})
    suite = ET.SubElement(
        root,
        "testsuite",
        {"name": _clean(result.suite), **figures, "skipped": "0", "timestamp": result.at[:19]},
    )
    _properties(suite, {"run": result.id, "seed": result.seed, "repeats": result.repeats})
    for name, case in result.cases.items():
        _case(suite, result.suite, case, is_failing=name in failing)
    if comparison:
        _whole(suite, result.suite, comparison, is_failing=is_whole_worse)
    ET.indent(root)
    return ET.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n"


def _properties(parent: ET.Element, values: dict[str, object]) -> None:
    holder = ET.SubElement(parent, "properties")
    for name, value in values.items():
        ET.SubElement(holder, "property", {"name": name, "value": _clean(str(value))})


def _case(suite: ET.Element, name: str, case: CaseResult, *, is_failing: bool) -> None:
    seconds = sum(attempt.latency_s for attempt in case.attempts)
    fields = {"classname": _clean(name), "name": _clean(case.case), "time": _seconds(seconds)}
    element = ET.SubElement(suite, "testcase", fields)
    rate = f"{case.passed} of {case.tried} tries passed"
    text = "\n".join((rate, *case.problems))
    if is_failing:
        first = case.problems[0] if case.problems else rate
        failure = ET.SubElement(element, "failure", {"message": _clean(first), "type": "assertion"})
        failure.text = _clean(text)
    elif not case.is_passed or case.tried > 1:
        ET.SubElement(element, "system-out").text = _clean(text)


def _whole(suite: ET.Element, name: str, comparison: Comparison, *, is_failing: bool) -> None:
    """The suite as a whole is one more case: it can be worse where no single one is."""
    fields = {"classname": _clean(name), "name": "the suite as a whole", "time": "0"}
    element = ET.SubElement(suite, "testcase", fields)
    text = f"{comparison.verdict}: {100 * comparison.difference.value:+.1f} points"
    if is_failing:
        ET.SubElement(element, "failure", {"message": text, "type": "regression"}).text = text
    else:
        ET.SubElement(element, "system-out").text = text


def _seconds(value: float) -> str:
    return f"{value:.3f}"


def _clean(text: str) -> str:
    return _UNSPEAKABLE.sub("\ufffd", text)
