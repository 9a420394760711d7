"""`ai budget unblock`: allow spending again after an overrun."""

from quintet.platform.budget.effects import plan_unblock
from quintet_cli.consent.carry import carry
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb


@verb(
    does=Does.CHANGES,
    results={"budget.unblock/1": {"changed": bool}},
    examples=("ai budget unblock", "ai budget unblock --yes"),
)
def unblock(session: Session) -> None:
    """Allow spending again after a call used more than it had reserved.

    The amount that it really used has been charged. The plan shows which call it was.
    """
    plan = plan_unblock(session.app.budget)
    if plan.effects:
        action = carry(session, plan)
        if action is None:
            return
        session.done(action, plan.summary)
    human = "spending is allowed" if plan.effects else "spending is not blocked"
    session.show("budget.unblock/1", {"changed": bool(plan.effects)}, human)
