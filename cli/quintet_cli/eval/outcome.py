"""Results of evals as the terminal shows them, and as scripts read them."""

import shlex
import sys
from typing import Any

from quintet.evals.case import Subject, Suite, VerbSubject
from quintet.evals.compare import Comparison
from quintet.evals.interval import Interval
from quintet.evals.results import SuiteResult
from quintet.evals.teeth import Teeth
from quintet.evals.wording import compared, headline
from quintet_cli.session import Session

# The program that a case's verb runs in; `-P`, so that no module of the folder is taken for ours.
CHILD = (sys.executable, "-P", "-m", "quintet_cli.eval.child")
MICROS = 1_000_000
RESULT_SHAPE: dict[str, Any] = {
    "run": str,
    "suite": str,
    "suite_digest": str,
    "at": str,
    "seed": int,
    "repeats": int,
    "missing": int,
    "confidence": float,
    "rate": Interval,
    "cost_usd": float,
    "tokens": int,
    "cases": [
        {
            "id": str,
            "passed": int,
            "tried": int,
            "rate": Interval,
            "steady": bool,
            "problems": [str],
        }
    ],
}
CASES_SHAPE: dict[str, Any] = {
    "suite": str,
    "repeats": int,
    "cases": [{"id": str, "kind": str, "subject": str}],
}
TEETH_SHAPE: dict[str, Any] = {
    "id": str,
    "sound": bool,
    "tried": int,
    "survived": [str],
    "given_survived": int,
    "rejects": [str],
    "has_reference": bool,
}

RUN_SHAPE: dict[str, Any] = {
    **RESULT_SHAPE,
    "action": str,
    "toothless": [TEETH_SHAPE],
    "comparison": (Comparison, None),
}


def result_json(result: SuiteResult, confidence: float) -> dict[str, Any]:
    """One run, every case with its share and interval."""
    whole = result.interval(confidence)
    return {
        "run": result.id,
        "suite": result.suite,
        "suite_digest": result.suite_digest,
        "at": result.at,
        "seed": result.seed,
        "repeats": result.repeats,
        "missing": result.missing,
        "confidence": confidence,
        "rate": whole,
        "cost_usd": result.money_micros / MICROS,
        "tokens": result.tokens,
        "cases": [
            {
                "id": case.case,
                "passed": case.passed,
                "tried": case.tried,
                "rate": case.interval(confidence),
                "steady": case.is_steady,
                "problems": case.problems,
            }
            for case in result.cases.values()
        ],
    }


def teeth_json(one: Teeth) -> dict[str, Any]:
    return {
        "id": one.case,
        "sound": one.is_sound,
        "tried": one.tried,
        "survived": one.survived,
        "given_survived": one.given_survived,
        "rejects": one.rejects,
        "has_reference": one.has_reference,
    }


def show_cases(session: Session, suite: Suite, repeats: int) -> None:
    """What would be tried: every command line and every model, with nothing run yet."""
    rows = [(case.id, *_subject(case.subject)) for case in suite.cases]
    cases = [{"id": id, "kind": kind, "subject": subject} for id, kind, subject in rows]
    shown = {"suite": suite.name, "repeats": repeats, "cases": cases}
    session.show("eval.cases/1", shown, session.table(("case", "kind", "subject"), rows))
    session.console.note(f"nothing was run; it would be {len(cases)} cases, {repeats} tries each")


def _subject(subject: Subject) -> tuple[str, str]:
    if isinstance(subject, VerbSubject):
        lines = (*subject.before, subject.words)
        return "run", "; ".join(f"ai {shlex.join(words)}" for words in lines)
    return "ask", subject.model or "the model that you chose"


def case_lines(session: Session, result: SuiteResult) -> str:
    """The cases that did not always pass, or with --verbose all of them."""
    style = session.console.style
    lines: list[str] = []
    for case in result.cases.values():
        if case.is_passed and not session.flags.verbose:
            continue
        word = style("passed", "green") if case.is_passed else style("failed", "red")
        share = "" if case.tried == 1 else f"  {case.passed} of {case.tried}"
        lines.append(f"{word}  {style(case.case, 'bold')}{share}")
        lines += [f"        {style(problem)}" for problem in case.problems[:5]]
    return "\n".join(lines)


def told(session: Session, result: SuiteResult, comparison: Comparison | None, sure: float) -> str:
    """A run for a person: what failed, the suite in one line, the comparison."""
    style = session.console.style
    parts = [case_lines(session, result), style(headline(result, sure))]
    if comparison:
        parts += [style(line) for line in compared(comparison)]
    return "\n".join(part for part in parts if part)
