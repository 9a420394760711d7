"""`ai config trust`: let this project's own file set what a project may set."""

from pathlib import Path
from typing import Annotated

import typer

from quintet.errors import NotFound
from quintet.platform.config.effects import plan_distrust, plan_trust
from quintet.platform.config.layer import Source, file_layer
from quintet.platform.config.load import project_file, trust_of
from quintet.platform.config.schema import Schema
from quintet.platform.config.toml_file import TomlFile, read_toml
from quintet_cli.consent.carry import carry
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb


@verb(
    does=Does.CHANGES,
    results={"config.trust/1": {"file": Path, "trusted": bool, "changed": bool}},
    examples=("ai config trust", "ai config trust --revoke", "ai config trust --dry-run"),
)
def trust(
    session: Session,
    revoke: Annotated[bool, typer.Option("--revoke", help="Trust it no longer.")] = False,
) -> None:
    """Let the nearest .ai/config.toml at or above this folder set what a project may set.

    The trust is in this content at this place: after any change it must be given again. A project
    never sets paths, commands, keys, limits of spending or what may leave the machine.
    """
    approved = trust_of(session.app.paths)
    path = project_file(session.app.cwd)
    if path is None:
        raise NotFound(
            "there is no project with settings here",
            why=f"no .ai/config.toml at or above {session.app.cwd}",
            hint="mkdir -p .ai && touch .ai/config.toml",
        )
    if revoke:
        plan = plan_distrust(approved, path)
    else:
        file = _present(path)
        reasons = _contents(file, session.app.config.schema)
        plan = plan_trust(approved, file, reasons=reasons)
    body = {"file": path, "trusted": not revoke, "changed": bool(plan.effects)}
    if plan.effects:
        action = carry(session, plan)
        if action is None:
            return
        session.done(action, plan.summary)
        # What was read before speaks of a project that was, or was not, trusted then.
        vars(session.app).pop("config", None)
    human = f"{path} is {'not trusted' if revoke else 'trusted'}"
    session.show("config.trust/1", body, human)


def _present(path: Path) -> TomlFile:
    file = read_toml(path)
    if file is None:
        raise NotFound(f"{path} has just gone")
    return file


def _contents(file: TomlFile, schema: Schema) -> tuple[str, ...]:
    """What the file sets, for whoever decides; what has no effect is left out."""
    known = schema.sections()
    return tuple(
        f"it sets {section}.{name} to {value}"
        for section, names in file_layer(Source.PROJECT, file).values.items()
        for name, value in names.items()
        if section in known and _has_effect(schema, section, name)
    )


def _has_effect(schema: Schema, section: str, name: str) -> bool:
    option = schema.section(section).get(name)
    return option is not None and option.project_safe
