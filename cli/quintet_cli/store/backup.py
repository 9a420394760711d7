"""`ai store backup`: a consistent copy."""

from pathlib import Path
from typing import Annotated

import typer

from quintet.platform.store.upkeep import Backup, Upkeep
from quintet_cli.session import Session
from quintet_cli.store.choice import OptionalStore, stores
from quintet_cli.verb import Does, verb


@verb(
    does=Does.CHANGES,
    results={"store.backup/1": {"backups": [Backup]}},
    examples=("ai store backup", "ai store backup life --to /media/usb"),
)
def backup(
    session: Session,
    store: OptionalStore = "",
    to: Annotated[
        Path | None, typer.Option("--to", metavar="FOLDER", help="Where to; else beside the store.")
    ] = None,
) -> None:
    """A consistent copy, made beside whoever is at work; encrypted where the store is."""
    made = [Upkeep(database).back_up(to) for database in stores(session.app, store)]
    human = "\n".join(f"{one.path}  ({one.manifest.size_bytes:,} bytes)" for one in made)
    session.show("store.backup/1", {"backups": made}, human or "nothing is stored yet")
    if made and any(one.manifest.encrypted for one in made):
        session.console.note("it opens with your keys only; to keep those too: ai key export FILE")
