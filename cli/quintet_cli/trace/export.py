"""`ai trace export`: send what was seen to a collector."""

from typing import Annotated

import typer

from quintet.errors import Kind
from quintet_cli.exits import OK, STATUS
from quintet_cli.record.moment import moment_of
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb


@verb(
    does=Does.READS,
    results={"trace.export/1": {"sent": int, "endpoint": str, "withheld": int, "failure": str}},
    examples=(
        "ai trace export",
        "ai trace export k7f3q9",
        "ai trace export --since 2026-03-01",
    ),
)
def export(
    session: Session,
    run: Annotated[
        str, typer.Argument(metavar="[RUN|ACTION]", help="Only this run, also if it was sent.")
    ] = "",
    since: Annotated[str, typer.Option("--since", help="Only what began since then.")] = "",
) -> int:
    """Send spans over OTLP/HTTP to the collector in `trace.endpoint`.

    Without a RUN, all that no collector has taken yet. What is sent has to be allowed by a rule:
    `ai policy allow HOST --port PORT --purpose trace --data private`.
    """
    moment = moment_of(since, session.app.clock.now()) if since else None
    outcome = session.app.traces.export(run, moment)
    if outcome.failure is not None and not outcome.sent:
        session.console.note("nothing is lost: the spans wait here for the next `ai trace export`")
        raise outcome.failure
    human = f"sent {outcome.sent} spans to {outcome.endpoint}" if outcome.sent else ""
    code = outcome.failure.code if outcome.failure else ""
    told = {"sent": outcome.sent, "endpoint": outcome.endpoint, "withheld": outcome.withheld}
    session.show("trace.export/1", {**told, "failure": code}, human)
    if not outcome.sent:
        session.console.note("every span was sent already")
    if outcome.withheld:
        session.console.note(f"{outcome.withheld} went without their content: it came from outside")
    if outcome.failure is not None:
        session.console.note("the rest waits for the next `ai trace export`:")
        session.console.failure(outcome.failure)
        return STATUS[Kind.PARTIAL]
    return OK
