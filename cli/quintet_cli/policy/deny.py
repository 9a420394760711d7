"""`ai policy deny`: never let anything leave to a place."""

from typing import Annotated

import typer

from quintet.platform.policy.destination import normal_pattern
from quintet.platform.policy.rule import Rule
from quintet.platform.policy.rule_effects import plan_rule
from quintet_cli.policy.changing import CHANGED, change
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb


@verb(
    does=Does.CHANGES,
    results={"policy.deny/1": CHANGED},
    examples=("ai policy deny '*.example.com'", "ai policy deny 10.0.0.0/8"),
)
def deny(
    session: Session,
    destination: Annotated[
        str, typer.Argument(metavar="PLACE", help="A host, *.host, an address or a network.")
    ],
    note: Annotated[str, typer.Option("--note", help="Why, for yourself.")] = "",
) -> None:
    """Never let anything leave to a place, whatever else allows it."""
    rule = Rule(normal_pattern(destination), is_deny=True)
    plan = plan_rule(session.app.rulebook, rule, note)
    change(session, plan, f"nothing may go to {rule.destination}")
