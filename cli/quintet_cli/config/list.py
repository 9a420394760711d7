"""`ai config list`: settings, and where each came from."""

from typing import Annotated

import typer

from quintet.platform.config.layer import Source
from quintet_cli.config.telling import SETTING, described, text_of
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb


@verb(
    does=Does.READS,
    results={"config.list/1": {"settings": [SETTING]}},
    examples=("ai config list", "ai config list budget --sources", "ai config list --changed"),
)
def list(
    session: Session,
    section: Annotated[
        str, typer.Argument(metavar="[SECTION]", help="Only the settings of this section.")
    ] = "",
    sources: Annotated[
        bool, typer.Option("--sources", help="Who set each value, and on which line.")
    ] = False,
    changed: Annotated[
        bool, typer.Option("--changed", help="Only what is not left to its default.")
    ] = False,
) -> None:
    """Settings with their values, and with --sources where each came from."""
    config = session.app.config
    if section:
        config.schema.section(section)
    found = [
        described(session, setting)
        for setting in config.settings()
        if (not section or setting.key.startswith(f"{section}."))
        and not (changed and setting.source is Source.DEFAULT)
    ]
    columns = ["setting", "value", "source", "where"] if sources else ["setting", "value"]
    rows = [
        (entry["key"], text_of(entry["value"]), entry["source"].value, entry["where"])
        for entry in found
    ]
    shown = session.table(columns, [row[: len(columns)] for row in rows])
    session.show("config.list/1", {"settings": found}, shown)
