"""`ai store export`: the documented views as files."""

from pathlib import Path
from typing import Annotated

import typer

from quintet.platform.store.export import Format
from quintet.platform.store.export import export as write_views
from quintet_cli.session import Session
from quintet_cli.store.choice import OneStore, store_named
from quintet_cli.verb import Does, verb


@verb(
    does=Does.CHANGES,
    results={"store.export/1": {"files": [Path]}},
    examples=("ai store export life ~/life", "ai store export spine ~/log --format parquet"),
)
def export(
    session: Session,
    store: OneStore,
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A folder yet to be made.")],
    form: Annotated[Format, typer.Option("--format", help="What to write.")] = Format.CSV,
) -> None:
    """The documented views as CSV, JSON lines or Parquet. The files are not encrypted."""
    database = store_named(session.app, store)
    session.app.refresh_view(store)
    written = write_views(database, session.app.cwd / folder, form)
    session.show("store.export/1", {"files": written}, "\n".join(map(str, written)))
    session.console.note("these files are readable by whoever can read the folder")
