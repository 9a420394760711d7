"""What every verb does with a plan: show it with --dry-run, else have it approved and do it."""

from quintet.platform.policy.apply import Act, carry_out
from quintet.platform.policy.literal import effect_lines
from quintet.platform.policy.plan import Plan
from quintet_cli.completion.cache import remember_one
from quintet_cli.consent.asking import asker_for, plan_lines
from quintet_cli.session import Session

# What every verb shows that goes through `carry`, with --dry-run.
PLAN_SHAPE = {"plan/1": {"id": str, "plan": Plan, "literal": [str]}}


def plan_body(plan: Plan) -> dict[str, object]:
    """A plan for `--json`: what it is, and what a person would be shown."""
    return {"id": plan.id, "plan": plan, "literal": effect_lines(plan)}


def carry_seen(session: Session, plan: Plan) -> Act | None:
    """As `carry`; a yes that was given before does not take away what there was to be seen."""
    if session.flags.yes and not session.flags.dry_run:
        session.console.note("\n".join(plan_lines(plan)))
    return carry(session, plan)


def carry(session: Session, plan: Plan) -> Act | None:
    """Carry a plan out; None when it was only to be shown."""
    app = session.app
    if session.flags.dry_run:
        app.gate.propose(plan)
        remember_one(app.paths.cache_dir, "PLAN", plan.id, f"{plan.group} {plan.verb}")
        lines = [
            *plan_lines(plan),
            "",
            f"nothing was changed; to do exactly this: ai apply {plan.id}",
        ]
        session.show("plan/1", plan_body(plan), "\n".join(lines))
        return None
    approval = app.gate.approve(plan, asker_for(session))
    return carry_out(approval, gate=app.gate, record=app.record)
