"""`ai edge ask`: a question is answered by what stands in the documents."""

from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Annotated

import typer

from quintet.app.documents import Documents
from quintet.errors import UsageError
from quintet.retrieval.search import Scope
from quintet_cli.edge.quoting import SHAPE, human, told
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb


@verb(
    does=Does.READS,
    results={"edge.ask/1": SHAPE},
    examples=(
        "ai edge ask when does the lease end",
        "ai edge ask who approved the budget --in ~/minutes --since 2026-01-01",
        "ai edge ask what is the deposit --json",
    ),
)
def ask(
    session: Session,
    words: Annotated[list[str], typer.Argument(metavar="QUESTION", help="What you want to know.")],
    *,
    below: Annotated[
        list[Path] | None,
        typer.Option("--in", metavar="FILE|FOLDER", help="Only documents at or below this."),
    ] = None,
    since: Annotated[
        str, typer.Option("--since", metavar="DAY", help="Only what was written since then.")
    ] = "",
    until: Annotated[
        str, typer.Option("--until", metavar="DAY", help="Only what was written before its end.")
    ] = "",
    limit: Annotated[
        int, typer.Option("--limit", min=1, max=20, help="How many quotes at most.")
    ] = 3,
) -> None:
    """Answer a question with quotes from your documents, or say that they do not say.

    Nothing is put into other words: each answer is a sentence that stands in a file, looked up
    again before it is shown. `ai edge index` takes documents in first.
    """
    question = " ".join(words)
    if not question.strip():
        raise UsageError("there is no question", hint="ai edge ask when does the lease end")
    documents = Documents(session.app)
    scope = Scope(
        documents.below(below or []),
        _start(since) if since else None,
        _start(until) + 86_400 if until else None,
    )
    action, asked = documents.ask(question, scope=scope, limit=limit)
    session.show("edge.ask/1", told(action, question, asked), human(session, asked))
    session.console.detail(f"why: ai why {action[:6]}")


def _start(day: str) -> float:
    try:
        start = datetime.combine(date.fromisoformat(day), time(), UTC)
    except ValueError as error:
        raise UsageError(f"{day!r} is no day", hint="a day is written 2026-12-24") from error
    return start.timestamp()
