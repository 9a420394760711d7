"""`ai apply`: carry out a plan exactly as it was shown."""

from typing import Annotated

import typer

from quintet.platform.policy.apply import carry_out
from quintet.platform.record.event import Reversal
from quintet_cli.consent.asking import asker_for, plan_lines
from quintet_cli.consent.carry import plan_body
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb


@verb(
    does=Does.DESTROYS,
    results={"apply/1": {"plan": str, "action": str}},
    examples=("ai apply 268b55", "ai apply 268b55 --yes", "ai apply 268b55 --dry-run"),
)
def apply(
    session: Session,
    plan_id: Annotated[str, typer.Argument(metavar="PLAN", help="Its id, or the beginning of it.")],
) -> None:
    """Carry out a plan exactly as it was shown.

    It is refused when anything that it touches has changed since.
    """
    gate = session.app.gate
    plan = gate.take_down(plan_id)
    if session.flags.dry_run:
        session.show("plan/1", plan_body(plan), "\n".join(plan_lines(plan)))
        return
    action = carry_out(gate.approve(plan, asker_for(session)), gate=gate, record=session.app.record)
    can_undo = any(one.reversal is not Reversal.IRREVERSIBLE for one in plan.effects)
    session.done(action, plan.summary, can_undo=can_undo)
    session.show("apply/1", {"plan": plan.id, "action": action.id}, "")
