"""`ai policy explain`: what the rules say about a place."""

from typing import Annotated

import typer

from quintet.platform.policy.destination import normal_host
from quintet.platform.policy.egress import allow_command
from quintet.platform.policy.rule import Decision, Request, Verdict
from quintet_cli.policy.wording import labels_of
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb


@verb(
    does=Does.READS,
    results={"policy.explain/1": Decision},
    examples=("ai policy explain api.example.com --port 443 --purpose model --data private",),
)
def explain(
    session: Session,
    destination: Annotated[str, typer.Argument(metavar="PLACE", help="A host or an address.")],
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Which port.")] = 443,
    purpose: Annotated[str, typer.Option("--purpose", help="What for, in one word.")] = "model",
    data: Annotated[str, typer.Option("--data", metavar="LABELS", help="What would go.")] = "",
) -> None:
    """What the rules say about a place. Nothing is sent, and no attempt is noted."""
    request = Request(normal_host(destination), port, purpose, labels_of(data))
    decision = session.app.egress.explain(
        request.host, port, purpose=purpose, labels=request.labels
    )
    lines = [f"{session.console.style(decision.verdict.value, 'bold')}: {decision.why}"]
    if decision.verdict is Verdict.DENIED and decision.rule is None:
        lines.append(f"to allow it: {allow_command(request)}")
    session.show("policy.explain/1", decision, "\n".join(lines))
