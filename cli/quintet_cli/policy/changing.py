"""Carries out a change of the rules, as every verb does that changes something."""

from quintet.platform.policy.plan import Plan
from quintet_cli.consent.carry import carry
from quintet_cli.session import Session

CHANGED = {"changed": bool, "rule": str, "action?": str}


def change(session: Session, plan: Plan, words: str) -> None:
    """Have a plan approved and do it; a plan without effects is so already."""
    schema = f"policy.{plan.verb}/1"
    if not plan.effects:
        session.show(schema, {"changed": False, "rule": plan.summary}, f"{words} already")
        return
    action = carry(session, plan)
    if action is None:
        return
    session.done(action, words)
    session.show(schema, {"changed": True, "rule": plan.summary, "action": action.id}, "")
