"""`ai plans`: plans that wait for your word."""

from datetime import datetime

from quintet.platform.policy.plan import Plan
from quintet.platform.policy.shelf import ShelvedPlan
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb


def _row(shelved: ShelvedPlan) -> tuple[object, ...]:
    plan = shelved.plan
    until = f"{shelved.expires_at:%Y-%m-%d %H:%M} UTC"
    return plan.id, f"{plan.group} {plan.verb}", plan.risk.value, until, plan.summary


@verb(
    does=Does.READS,
    results={
        "plans/1": {
            "plans": [{"id": str, "plan": Plan, "made_at": datetime, "expires_at": datetime}]
        }
    },
    examples=("ai plans", "ai plans --json"),
)
def plans(session: Session) -> None:
    """Plans that wait for your word, the newest first."""
    now = session.app.clock.now()
    waiting = [one for one in session.app.shelf.plans() if not one.is_applied]
    waiting = [one for one in waiting if not one.is_expired(now)]
    shown = [
        {"id": one.plan.id, "plan": one.plan, "made_at": one.made_at, "expires_at": one.expires_at}
        for one in waiting
    ]
    human = session.table(("plan", "of", "risk", "until", "what"), [_row(one) for one in waiting])
    session.offer("PLAN", {one.plan.id: f"{one.plan.group} {one.plan.verb}" for one in waiting})
    session.show("plans/1", {"plans": shown}, human if waiting else "no plan waits")
