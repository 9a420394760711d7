"""`ai config get`: one setting."""

from typing import Annotated

import typer

from quintet_cli.config.telling import SETTING, described, text_of
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb


@verb(
    does=Does.READS,
    results={"config.get/1": SETTING},
    examples=("ai config get budget.day_usd", "ai config get budget.day_usd --json"),
)
def get(
    session: Session,
    key: Annotated[str, typer.Argument(metavar="KEY", help="SECTION.NAME, as in the file.")],
) -> None:
    """One setting, in a form that scripts can read.

    With --verbose or --json it says who set it.
    """
    found = described(session, session.app.config.explain(key))
    where = f" at {found['where']}" if found["where"] else ""
    session.console.detail(f"{key} is set by {found['source'].value}{where}")
    session.show("config.get/1", found, text_of(found["value"]))
