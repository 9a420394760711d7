"""`ai policy deny`: never let anything leave to a place."""

from typing import Annotated

import typer

from quintet.app.rules import add_rule
from quintet.platform.policy.destination import normal_pattern
from quintet.platform.policy.rule import Rule
from quintet_cli.session import Session
from quintet_cli.verb import verb


@verb(examples=("ai policy deny '*.example.com'", "ai policy deny 10.0.0.0/8"))
def deny(
    session: Session,
    destination: Annotated[
        str, typer.Argument(metavar="PLACE", help="A host, *.host, an address or a network.")
    ],
    note: Annotated[str, typer.Option("--note", help="Why, for yourself.")] = "",
) -> None:
    """Never let anything leave to a place, whatever else allows it."""
    rule = Rule(normal_pattern(destination), is_deny=True)
    if session.flags.dry_run:
        session.app.rulebook.adding(rule, note)
        human = f"would be: nothing may go to {rule.destination}"
        session.show("policy.deny/1", {"rule": rule, "changed": False}, human)
        return
    action = add_rule(session.app, rule, note)
    session.done(action, f"nothing may go to {rule.destination}")
    session.show("policy.deny/1", {"rule": rule, "changed": True, "action": action.id}, "")
