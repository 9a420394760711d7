"""`ai key remove`: take a way in away."""

from typing import Annotated

import typer

from quintet.platform.keys.effects import plan_removal
from quintet_cli.consent.carry import carry
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb


@verb(
    does=Does.DESTROYS,
    results={"key.remove/1": {"id": str, "kind": str, "warnings": [str]}},
    examples=("ai key remove keyfile", "ai key remove 3cbpwf --dry-run"),
)
def remove(
    session: Session,
    slot: Annotated[str, typer.Argument(metavar="SLOT", help="Its id, kind or label.")],
) -> None:
    """Take a way in away, together with the key file or keyring entry that was made for it.

    The last one that opens everything stays. Copies of the key that somebody made keep opening
    copies of keys.json that somebody made: when one leaked, also run `ai key rotate` and
    `ai key rotate --data GROUP`.
    """
    keyset = session.app.keys
    found = keyset.slot(slot)
    plan = plan_removal(keyset, found)
    if action := carry(session, plan):
        for warning in plan.reasons:
            session.console.note(f"warning: {warning}")
        session.done(action, plan.summary, can_undo=False)
        body = {"id": found.id, "kind": found.kind, "warnings": plan.reasons}
        session.show("key.remove/1", body, f"the {found.kind} slot {found.id[:6]} is gone")
