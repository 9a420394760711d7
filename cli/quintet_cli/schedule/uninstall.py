"""`ai schedule uninstall`: have nothing call the jobs any more."""

from typing import Annotated

import typer

from quintet.platform.schedule.installing import plan_uninstall
from quintet_cli.consent.carry import carry_seen
from quintet_cli.schedule.telling import known_scheduler
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb


@verb(
    does=Does.CHANGES,
    results={
        "schedule.uninstall/1": {
            "changed": bool,
            "schedulers": [str],
            "action": (str, None),
        }
    },
    examples=("ai schedule uninstall --dry-run", "ai schedule uninstall"),
)
def uninstall(
    session: Session,
    scheduler: Annotated[
        str, typer.Option("--with", metavar="WHAT", help="Only cron, systemd or launchd.")
    ] = "",
) -> None:
    """Have nothing call the jobs any more. The jobs themselves stay."""
    schedule = session.app.schedule
    found = schedule.installed()
    for one in found:
        if not one.is_there:
            # It could not be looked at: that is no reason to say that nothing is there.
            schedule.scheduler(one.scheduler).present()
    names = [one.scheduler for one in found]
    if scheduler:
        names = [name for name in names if name == known_scheduler(scheduler)]
    plan = plan_uninstall([schedule.scheduler(name) for name in names])
    action = None
    if plan.effects:
        action = carry_seen(session, plan)
        if action is None:
            return
    body = {
        "changed": action is not None,
        "schedulers": names,
        "action": action.id if action else None,
    }
    session.show("schedule.uninstall/1", body, "" if action else "nothing calls these jobs")
    if action:
        session.done(action, plan.summary)
