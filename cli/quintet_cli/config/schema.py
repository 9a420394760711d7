"""`ai config schema`: what can be set."""

import json
from typing import Annotated, Any

import typer

from quintet.platform.config.sample import json_schema, option_schema, sample_file
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb


@verb(
    does=Does.READS,
    results={"config.schema/1": {"definition": dict[str, Any]}, "config.sample/1": {"sample": str}},
    examples=(
        "ai config schema budget.day_usd",
        "ai config schema > config.schema.json",
        "ai config schema --sample",
    ),
)
def schema(
    session: Session,
    key: Annotated[str, typer.Argument(metavar="[KEY]", help="Only this setting.")] = "",
    sample: Annotated[
        bool, typer.Option("--sample", help="A commented settings file instead.")
    ] = False,
) -> None:
    """What can be set: JSON schema for your editor, or a commented sample file."""
    known = session.app.config.schema
    if sample:
        text = sample_file(known)
        session.show("config.sample/1", {"sample": text}, text.rstrip("\n"))
        return
    found = option_schema(known.target(key).option) if key else json_schema(known)
    body = json.dumps(found, indent=2, ensure_ascii=False)
    session.show("config.schema/1", {"definition": found}, body)
