"""`ai config set`: change a setting of your own."""

from typing import Annotated

import typer

from quintet_cli.config.changing import CHANGED, change
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb


@verb(
    does=Does.CHANGES,
    results={"config.set/1": CHANGED},
    examples=("ai config set budget.day_usd 1.00", "ai config set record.keep_days 90"),
)
def set(
    session: Session,
    key: Annotated[str, typer.Argument(metavar="KEY", help="SECTION.NAME, as in the file.")],
    value: Annotated[str, typer.Argument(metavar="VALUE", help="What it is to be.")],
) -> None:
    """Change a setting of your own; everything else in the file stays as it is.

    Comments and order are kept. Says so when something stronger than your file decides.
    """
    change(session, key, value)
