"""`ai config unset`: leave a setting to its default."""

from typing import Annotated

import typer

from quintet_cli.config.changing import CHANGED, change
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb


@verb(
    does=Does.CHANGES,
    results={"config.unset/1": CHANGED},
    examples=("ai config unset budget.day_usd",),
)
def unset(
    session: Session,
    key: Annotated[str, typer.Argument(metavar="KEY", help="SECTION.NAME, as in the file.")],
) -> None:
    """Take a setting out of your file, so that a weaker source or the default decides."""
    change(session, key, None)
