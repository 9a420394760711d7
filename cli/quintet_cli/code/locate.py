"""`ai code locate`: the lines to suspect when tests fail."""

from pathlib import Path
from typing import Annotated

import typer

from quintet.app.code import Located, locate_faults
from quintet.engines.code.locate import Method
from quintet_cli.duration import seconds_of
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb

_SHOWN = 10
_LINES_SHOWN = 6


@verb(
    does=Does.CHANGES,
    results={
        "code.locate/1": {
            "action": str,
            "root": Path,
            "method": Method,
            "failing": [str],
            "passing": int,
            "timed_out": bool,
            "suspects": [{"where": str, "score": float, "why": str, "source": [str]}],
        }
    },
    unless=("--test",),
    examples=(
        "ai code locate",
        "ai code locate tests/test_api.py",
        "ai code locate --test 'make test'",
    ),
)
def locate(
    session: Session,
    path: Annotated[
        Path, typer.Argument(metavar="[FILE]", help="A project, or the tests to run.")
    ] = Path(),
    test: Annotated[
        str, typer.Option("--test", metavar="COMMAND", help="How the tests are run.")
    ] = "",
    timeout: Annotated[
        str, typer.Option("--timeout", metavar="TIME", help="How long they may take.")
    ] = "5m",
) -> None:
    """Run the tests and rank the lines to suspect, each with its reason.

    Uses the project's own Python. Nothing in the project is changed.
    """
    located = locate_faults(session.app, path, test, seconds_of(timeout))
    findings = located.findings
    shown = {
        "action": located.action,
        "root": located.root,
        "method": findings.method,
        "failing": [test.name for test in findings.failing],
        "passing": findings.passing_count,
        "timed_out": findings.is_timed_out,
        "suspects": [
            {
                "where": one.where,
                "score": round(one.score, 4),
                "why": one.why,
                "source": located.source_of(one),
            }
            for one in findings.suspects
        ],
    }
    session.show("code.locate/1", shown, _human(session, located))
    session.console.detail(f"why: ai why {located.action[:6]}")


def _source(session: Session, first: int, lines: tuple[str, ...]) -> list[str]:
    numbered = [f"{number:>9}  {text}" for number, text in enumerate(lines[:_LINES_SHOWN], first)]
    left = len(lines) - _LINES_SHOWN
    shown = [session.console.style(line, "cyan") for line in numbered]
    return [*shown, *([f"           and {left} more lines"] if left > 0 else [])]


def _human(session: Session, located: Located) -> str:
    findings = located.findings
    if findings.method is Method.NOTHING_FAILED:
        return f"{findings.passing_count} tests ran and none failed"
    head = f"{len(findings.failing)} failing, {findings.passing_count} passing"
    lines = [f"{head}{', stopped after the time given' if findings.is_timed_out else ''}"]
    lines += [f"  failed: {test.name}" for test in findings.failing[:_SHOWN]]
    for suspect in findings.suspects[:_SHOWN]:
        where = session.console.style(suspect.where, "bold")
        lines += ["", f"{suspect.score:.2f}  {where}  {suspect.why}"]
        lines += _source(session, suspect.first, located.source_of(suspect))
    left = len(findings.suspects) - _SHOWN
    return "\n".join([*lines, *([f"\nand {left} more: --json lists them"] if left > 0 else [])])
