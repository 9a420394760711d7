"""Finds the lines to suspect when a project's tests fail, and says why these."""

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from shlex import join
from typing import TYPE_CHECKING

from quintet.engines.code.spectrum import Spectrum, Suspect, traced
from quintet.engines.code.suite import Ending, NoTests, RanTest, SuiteRun, TestSuite
from quintet.engines.code.traceback_text import as_failure, places_in
from quintet.errors import QuintetError
from quintet.platform.files import digest_of, read_bytes
from quintet.platform.record.event import Evidence

if TYPE_CHECKING:
    from quintet.platform.record.record import Action

_FAILING_LIMIT = 200
_EVIDENCE_LIMIT = 10
_NOTHING_COLLECTED = 5
_SOURCE_LIMIT_BYTES = 4 << 20
_OUTPUT_SHOWN = 1500


class Method(StrEnum):
    """What the suspicion rests on."""

    NOTHING_FAILED = "nothing-failed"
    COVERAGE = "coverage"
    TRACEBACK = "traceback"


class NotLocated(QuintetError):
    """The tests fail, and neither they nor their output point into the project."""

    code = "code.not_located"


@dataclass(frozen=True, slots=True)
class Findings:
    """The suspects, most suspicious first, and what the run looked like."""

    method: Method
    suspects: tuple[Suspect, ...]
    failing: tuple[RanTest, ...]
    passing_count: int
    is_timed_out: bool


def locate(suite: TestSuite, *, action: "Action") -> Findings:
    """Run the tests once and weigh the lines that they ran."""
    with suite.run() as run:
        findings = _weigh(run, suite.root)
    action.because(_summary(findings), Evidence("value", join(run.command), f"exit {run.status}"))
    for suspect in findings.suspects[:_EVIDENCE_LIMIT]:
        action.because(f"{suspect.where}: {suspect.why}", _line_evidence(suite.root, suspect))
    return findings


def source_lines(root: Path, suspect: Suspect) -> tuple[str, ...]:
    """The text of a suspect's lines, or nothing where they cannot be read."""
    try:
        data = read_bytes(root / suspect.file, _SOURCE_LIMIT_BYTES)
    except QuintetError:
        return ()
    # Counted as Python counts: a form feed inside a line ends none.
    lines = re.split("\r\n|\r|\n", data.decode("utf-8", "replace"))
    return tuple(lines[suspect.first - 1 : suspect.last])


def _weigh(run: SuiteRun, root: Path) -> Findings:
    spectrum = Spectrum()
    broken: list[RanTest] = []
    for test in run.tests:
        if test.ending is Ending.BROKEN:
            broken.append(_placed(test, root))
        elif test.ending is Ending.PASSED or len(spectrum.failing) < _FAILING_LIMIT:
            spectrum.add(_placed(test, root))
    failing = [*broken, *spectrum.failing]
    if not failing and (run.status != 0 or run.is_timed_out):
        failing = [_judged_by_output(run, root)]
    if not failing:
        return Findings(Method.NOTHING_FAILED, (), (), spectrum.passing_count, run.is_timed_out)
    # A module that cannot be imported is found by its error; its tests never ran.
    by_lines = spectrum.suspects() if spectrum.has_lines else traced(spectrum.failing)
    suspects = [*traced(broken), *by_lines] or traced(failing)
    if not suspects:
        raise _not_located(run)
    method = Method.COVERAGE if spectrum.has_lines else Method.TRACEBACK
    told = tuple(replace(test, lines={}) for test in failing)
    return Findings(method, tuple(suspects), told, spectrum.passing_count, run.is_timed_out)


def _placed(test: RanTest, root: Path) -> RanTest:
    """A failure whose error object told no place may still have printed one."""
    if test.frames or test.ending is Ending.PASSED:
        return test
    return replace(test, frames=places_in(test.message, root))


def _judged_by_output(run: SuiteRun, root: Path) -> RanTest:
    if run.status == _NOTHING_COLLECTED and "pytest" in run.command:
        raise NoTests(
            "the command ran no tests",
            why=join(run.command),
            hint="ai code locate --test 'COMMAND'",
        )
    failure = as_failure(run.output, root)
    if not failure.frames:
        raise _not_located(run)
    return failure


def _not_located(run: SuiteRun) -> NotLocated:
    if run.is_timed_out:
        return NotLocated(
            "the tests did not end in time, and left no trace of where they were",
            why=run.output[-_OUTPUT_SHOWN:].strip() or "they printed nothing",
            hint="ai code locate --timeout 600",
        )
    return NotLocated(
        f"{join(run.command)} failed with status {run.status}, and points at no line of yours",
        why=run.output[-_OUTPUT_SHOWN:].strip() or "it printed nothing",
        hint="ai code locate --test 'COMMAND' with the command that you use",
    )


def _summary(findings: Findings) -> str:
    if findings.method is Method.NOTHING_FAILED:
        return f"{findings.passing_count} tests ran and none failed"
    basis = {
        Method.COVERAGE: "lines are ranked by Ochiai's score over the lines that each test ran",
        Method.TRACEBACK: "lines are ranked by the tracebacks, since coverage was not to be had",
    }
    return (
        f"{len(findings.failing)} failing and {findings.passing_count} passing tests; "
        f"{basis[findings.method]}"
    )


def _line_evidence(root: Path, suspect: Suspect) -> Evidence:
    path = root / suspect.file
    try:
        digest = digest_of(path)
    except QuintetError:
        digest = ""
    return Evidence("line", str(path), str(suspect.first), digest, suspect.why)
