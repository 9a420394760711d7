"""`ai store restore`: put a backup in a store's place."""

from pathlib import Path
from typing import Annotated

import typer

from quintet.platform.store.effects import StoreEffects, plan_restore
from quintet_cli.consent.carry import carry
from quintet_cli.session import Session
from quintet_cli.store.choice import OneStore, store_named
from quintet_cli.verb import Does, verb


@verb(
    does=Does.DESTROYS,
    results={"store.restore/1": {"store": str, "from": Path}},
    examples=(
        "ai store restore life backup.duckdb --dry-run",
        "ai store restore life backup.duckdb",
    ),
)
def restore(
    session: Session,
    store: OneStore,
    backup: Annotated[Path, typer.Argument(metavar="FILE", help="A backup of this store.")],
) -> None:
    """Put a backup in a store's place, after it was read to its end.

    The store as it is now is kept first. This is severe: --yes is not enough, a person must
    type a word.
    """
    database = store_named(session.app, store)
    source = session.app.cwd / backup
    plan = plan_restore(database, source, StoreEffects(session.app.database))
    if action := carry(session, plan):
        session.done(action, f"restored {store}")
        session.show("store.restore/1", {"store": store, "from": source}, f"{store} is restored")
