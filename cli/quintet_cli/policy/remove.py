"""`ai policy remove`: take a rule out again."""

from typing import Annotated

import typer

from quintet.errors import NotFound
from quintet.platform.policy.rule_effects import plan_removal
from quintet_cli.policy.changing import CHANGED, change
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb


@verb(
    does=Does.CHANGES,
    results={"policy.remove/1": CHANGED},
    examples=("ai policy list", "ai policy remove 3"),
)
def remove(
    session: Session,
    line: Annotated[int, typer.Argument(metavar="LINE", min=1, help="As `ai policy list` shows.")],
) -> None:
    """Take a rule out again, by the line of the file that it stands on."""
    book = session.app.rulebook
    rule = next((rule for rule in book.rules() if rule.line == line), None)
    if rule is None:
        raise NotFound(f"no rule stands on line {line} of {book.path}", hint="ai policy list")
    plan = plan_removal(book, rule)
    change(session, plan, plan.summary)
