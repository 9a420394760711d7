"""`ai policy allow`: let something leave."""

from typing import Annotated

import typer

from quintet.platform.policy.destination import normal_pattern
from quintet.platform.policy.rule import Rule
from quintet.platform.policy.rule_effects import plan_rule
from quintet.platform.policy.rulefile import checked
from quintet_cli.policy.changing import CHANGED, change
from quintet_cli.policy.wording import labels_of, told
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb


@verb(
    does=Does.CHANGES,
    results={"policy.allow/1": CHANGED},
    examples=("ai policy allow api.example.com --port 443 --purpose model --data mine",),
)
def allow(
    session: Session,
    destination: Annotated[
        str, typer.Argument(metavar="PLACE", help="A host, *.host, an address or a network.")
    ],
    *,
    port: Annotated[list[int], typer.Option("--port", min=1, max=65535, help="Which port.")],
    purpose: Annotated[str, typer.Option("--purpose", help="What for, in one word: model.")],
    data: Annotated[
        str, typer.Option("--data", metavar="LABELS", help="What may go: mine,private,untrusted.")
    ] = "",
    note: Annotated[str, typer.Option("--note", help="Why, for yourself.")] = "",
) -> None:
    """Let something leave this machine: to one place, through one port, for one purpose.

    Private and untrusted data together still need your word each time. It asks before it opens
    a way; --dry-run shows the plan and its id.
    """
    rule = checked(Rule(normal_pattern(destination), frozenset(port), purpose, labels_of(data)))
    words = f"{rule.destination} may have {told(rule.data)} data for {purpose}"
    change(session, plan_rule(session.app.rulebook, rule, note), words)
