"""`ai edge forget`: documents leave the index, and their bytes the disk."""

from pathlib import Path
from typing import Annotated

import typer

from quintet.app.documents import Documents
from quintet_cli.consent.carry import carry
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb


@verb(
    does=Does.CHANGES,
    results={"edge.forget/1": {"action": str, "documents": int}},
    examples=("ai edge forget ~/Documents/old", "ai edge forget report.pdf --dry-run"),
)
def forget(
    session: Session,
    paths: Annotated[
        list[Path], typer.Argument(metavar="FILE|FOLDER", help="What was indexed, also if gone.")
    ],
) -> None:
    """Take documents out of the index, down to the last byte. The files themselves stay.

    Undo takes them in again, if they have not changed.
    """
    plan = Documents(session.app).forgetting(paths)
    act = carry(session, plan)
    if act is None:
        return
    count = len(plan.effects)
    session.show("edge.forget/1", {"action": act.id, "documents": count}, f"{count} forgotten")
    session.done(act, plan.summary)
