"""`ai ops trigger`: an event starts a workflow."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from quintet.app.ops import Operations, shipped_workflows
from quintet.platform.policy.plain import plain_text
from quintet.platform.policy.plan import Plan
from quintet_cli.completion.cache import remember
from quintet_cli.consent.asking import asker_for
from quintet_cli.consent.carry import carry
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb


@verb(
    does=Does.CHANGES,
    results={
        "ops.trigger/1": {
            "result": Literal["done", "seen-before"],
            "workflow": str,
            "event": str,
            "action?": str,
            "reasons?": [str],
        }
    },
    examples=(
        "ai ops trigger invoice-received --event @invoice.json",
        'ai ops trigger flow.toml --event \'{"id": "m-1", "vendor": "Acme"}\' --dry-run',
        "cat event.json | ai ops trigger flow.toml --event - --in ~/office",
    ),
)
def trigger(
    session: Session,
    workflow: Annotated[
        str, typer.Argument(metavar="WORKFLOW", help="A workflow's name, or a .toml file.")
    ],
    event: Annotated[
        str, typer.Option("--event", metavar="JSON", help="The event; @FILE reads one, - a pipe.")
    ],
    folder: Annotated[
        Path, typer.Option("--in", metavar="FOLDER", help="Where it acts, and nowhere else.")
    ] = Path(),
) -> None:
    """Carry a workflow out for an event: plan, approval where it asks for one, then the plan.

    The same event is dealt with once. All steps are one action, which `ai undo` takes back.
    """
    operations = Operations(session.app, folder)
    remember(session.app.paths.cache_dir, "WORKFLOW", dict.fromkeys(shipped_workflows(), ""))
    flow = operations.workflow(workflow)
    happened = operations.event(event, flow)
    plan = operations.plan(flow, happened)
    if plan is None:
        session.show(
            "ops.trigger/1",
            {"result": "seen-before", "workflow": flow.name, "event": happened.id},
            plain_text(f"{flow.name} has dealt with event {happened.id} before: nothing to do"),
        )
        return
    if session.flags.dry_run:
        carry(session, plan)
        return
    action = operations.trigger(plan, happened, asker_for(session))
    shown = {
        "result": "done",
        "action": action.id,
        "workflow": flow.name,
        "event": happened.id,
        "reasons": plan.reasons,
    }
    session.show("ops.trigger/1", shown, _human(plan))
    session.done(action, plain_text(plan.summary))


def _human(plan: Plan) -> str:
    return "\n".join(plain_text(reason) for reason in plan.reasons)
