"""`ai models add`: give a GGUF file or a model server a name."""

from typing import Annotated

import typer

from quintet.app.models import describe
from quintet.models.catalog import Entry
from quintet.models.catalog_effects import plan_add
from quintet.models.registry import FORMS
from quintet.platform.policy.plain import plain_text
from quintet_cli.completion.cache import remember_one
from quintet_cli.consent.carry import carry
from quintet_cli.models.telling import facts
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb


@verb(
    does=Does.CHANGES,
    results={"models.add/1": {"changed": bool, "model": Entry}},
    examples=(
        "ai models add ~/Downloads/qwen2.5-3b-instruct-q4_k_m.gguf --name qwen",
        "ai models add openai:qwen2.5@http://127.0.0.1:11434/v1 --name ollama",
        "ai models add anthropic:claude-haiku-4-5 --name haiku",
    ),
)
def add(
    session: Session,
    source: Annotated[
        str,
        typer.Argument(metavar="FILE|SPEC", help=f"A GGUF file, or one of {', '.join(FORMS)}."),
    ],
    name: Annotated[
        str, typer.Option("--name", help="What to call it; made from the source.")
    ] = "",
) -> None:
    """Give a model a name by which every verb can use it.

    A file is read and hashed, then linked and not copied. Nothing is downloaded, and a server is
    not contacted.
    """
    models = session.app.models
    entry = describe(session.app, source, name)
    plan = plan_add(models.catalog, entry)
    action = carry(session, plan) if plan.effects else None
    if action is None and plan.effects:
        return
    body = {"changed": bool(plan.effects), "model": entry}
    session.show("models.add/1", body, plain_text(f"{entry.name}: {facts(entry)}"))
    remember_one(session.app.paths.cache_dir, "MODEL", entry.name, "")
    if action:
        session.done(action, plan.summary)
    else:
        session.console.note(f"{entry.name} was known already")
