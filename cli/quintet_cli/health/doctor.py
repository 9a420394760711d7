"""`ai doctor`: how everything stands, and the command that helps."""

from pathlib import Path
from typing import Annotated

import typer

from quintet.app.doctor.finding import Finding, State
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb

_MARKS = {
    State.GOOD: ("✓", "ok", "green"),
    State.LACKING: ("!", "!", "yellow"),
    State.BROKEN: ("✗", "x", "red"),
}


def _line(session: Session, finding: Finding) -> str:
    sign, plain_sign, colour = _MARKS[finding.state]
    encoding = (session.console.out.encoding or "ascii").lower()
    mark = sign if encoding.startswith("utf") else plain_sign
    line = f"{session.console.style(mark, colour)} {finding.name:<18} {finding.what}"
    if finding.hint and finding.state is not State.GOOD:
        line += f"\n    do: {finding.hint}"
    return line


@verb(
    does=Does.READS,
    results={
        "doctor/1": {
            "healthy": bool,
            "mended": [str],
            "findings": [{"name": str, "state": State, "what": str, "hint": str}],
        }
    },
    unless=("--fix", "--bundle"),
    examples=("ai doctor", "ai doctor --fix", "ai doctor --bundle report.zip"),
)
def doctor(
    session: Session,
    fix: Annotated[
        bool, typer.Option("--fix", help="Carry out the repairs that are safe.")
    ] = False,
    bundle: Annotated[
        Path | None,
        typer.Option("--bundle", metavar="FILE", help="Write a report without private data."),
    ] = None,
) -> int:
    """What works here, what does not, and the command that helps.

    Ends with 0 when nothing is broken, with 1 when something needs you.
    """
    from quintet.app.doctor.examination import examine_all, mend, write_bundle

    findings = examine_all(session.app)
    mended = mend(findings) if fix and not session.flags.dry_run else []
    if mended:
        findings = examine_all(session.app)
    if bundle:
        write_bundle(session.app, findings, bundle)
        session.console.note(f"wrote {bundle}; look inside before you send it to anybody")
    broken = [finding for finding in findings if finding.state is State.BROKEN]
    shown = {
        "healthy": not broken,
        "mended": mended,
        "findings": [
            {"name": f.name, "state": f.state, "what": f.what, "hint": f.hint} for f in findings
        ],
    }
    session.show("doctor/1", shown, "\n".join(_line(session, finding) for finding in findings))
    return 1 if broken else 0
