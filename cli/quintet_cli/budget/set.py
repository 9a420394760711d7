"""`ai budget set`: change a limit."""

from typing import Annotated

import typer

from quintet.platform.config.schema import Schema
from quintet_cli.config.changing import CHANGED, change
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb


@verb(
    does=Does.CHANGES,
    results={"budget.set/1": CHANGED},
    examples=(
        "ai budget set day_usd 1.00",
        "ai budget set life.day_usd 0.25",
        "ai budget set month_tokens none",
    ),
)
def set(
    session: Session,
    limit: Annotated[
        str, typer.Argument(metavar="LIMIT", help="As in `ai budget show`, or GROUP.LIMIT.")
    ],
    value: Annotated[
        str, typer.Argument(metavar="VALUE", help="Dollars, tokens, a duration, or none.")
    ],
) -> None:
    """Change a limit per call, run, day or month, of everything or of one group.

    It is written into your own settings, as `ai config set budget.LIMIT` does. Days and months are
    those of UTC.
    """
    change(session, _key(session.app.config.schema, limit), value, group="budget")


def _key(schema: Schema, limit: str) -> str:
    """`life.day_usd` is short for the entry `life` of the table `group_day_usd`."""
    group, _, name = limit.removeprefix("budget.").rpartition(".")
    table = f"group_{name}"
    if group and table in schema.section("budget"):
        return f"budget.{table}.{group}"
    return f"budget.{limit.removeprefix('budget.')}"
