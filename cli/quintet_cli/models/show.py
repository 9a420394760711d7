"""`ai models show`: what a model is, what it needs and whether it fits."""

from typing import Annotated

import typer

from quintet.app.models import Shown, look_at
from quintet.models.estimate import in_gib
from quintet_cli.models.telling import cost
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb


@verb(
    does=Does.READS,
    results={"models.show/1": Shown},
    examples=(
        "ai models show qwen",
        "ai models show ~/Downloads/model.gguf",
        "ai models show anthropic:claude-haiku-4-5 --json",
    ),
)
def show(
    session: Session,
    model: Annotated[str, typer.Argument(metavar="MODEL|FILE|SPEC", help="The model to look at.")],
) -> None:
    """What a model is, what it costs, and for a file what it needs and whether that is there.

    Only the beginning of a file is read; nothing is loaded, and no server is contacted.
    """
    shown = look_at(session.app, model)
    rows = [(label, text) for label, text in _rows(shown) if text]
    session.show("models.show/1", shown, session.table(("", ""), rows))


def _rows(shown: Shown) -> tuple[tuple[str, str], ...]:
    entry = shown.entry
    rows = [
        ("model", entry.name),
        ("spec", str(shown.spec)),
        ("file", entry.source),
        ("architecture", entry.architecture),
        ("parameters", f"{entry.parameters:,}" if entry.parameters else ""),
        ("quantisation", entry.quantisation),
        ("trained for", f"{entry.context_length:,} tokens" if entry.context_length else ""),
        ("licence", entry.licence),
        ("SHA-256", entry.sha256),
        ("price", cost(shown.price)),
        ("key", shown.key),
    ]
    return (*rows, ("memory", _memory(shown)))


def _memory(shown: Shown) -> str:
    if shown.needed is None:
        return ""
    needed_bytes = shown.needed.total_bytes
    verdict = "fits" if needed_bytes <= shown.available_bytes else "does not fit"
    room = f"{in_gib(needed_bytes)} with {shown.context_tokens:,} tokens"
    return f"{room}, {in_gib(shown.available_bytes)} available: {verdict}"
