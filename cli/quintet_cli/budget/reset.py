"""`ai budget reset`: forget what was spent."""

from quintet.platform.budget.effects import plan_reset
from quintet_cli.consent.carry import carry
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb


@verb(
    does=Does.DESTROYS,
    results={"budget.reset/1": {"changed": bool}},
    examples=("ai budget reset", "ai budget reset --dry-run"),
)
def reset(session: Session) -> None:
    """Forget what was spent and held, so that all limits begin anew.

    For a state that cannot be read any more, and for a day that a wrong clock began too early. What
    was done and what it cost stays in the record: ai log.
    """
    if action := carry(session, plan_reset(session.app.budget)):
        session.console.note(
            f"done {action.id[:6]}  forgot what was spent   why: ai why {action.id[:6]}"
        )
        session.show("budget.reset/1", {"changed": True}, "all limits begin anew")
