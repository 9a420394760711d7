"""`ai models rm`: forget a model; its file stays."""

from typing import Annotated

import typer

from quintet.models.catalog import Entry
from quintet.models.catalog_effects import plan_remove
from quintet.platform.policy.plain import plain_text
from quintet_cli.consent.carry import carry
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb


@verb(
    does=Does.CHANGES,
    results={"models.rm/1": {"model": Entry}},
    examples=("ai models rm qwen",),
)
def rm(
    session: Session,
    name: Annotated[str, typer.Argument(metavar="MODEL", help="As `ai models list` tells it.")],
) -> None:
    """Forget a model. The file that it was added from stays where it is."""
    entry = session.app.models.catalog.get(name)
    plan = plan_remove(entry)
    action = carry(session, plan)
    if action is None:
        return
    human = f"{entry.name} is forgotten" + (f"; {entry.source} stays" if entry.is_file else "")
    session.show("models.rm/1", {"model": entry}, plain_text(human))
    session.done(action, plan.summary)
