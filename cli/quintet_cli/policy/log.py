"""`ai policy log`: what tried to leave."""

from itertools import islice
from typing import Annotated

import typer

from quintet.platform.policy.attempt import Attempt
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb


def _row(attempt: Attempt) -> tuple[str, ...]:
    place, labels = f"{attempt.destination}:{attempt.port}", ", ".join(attempt.labels)
    return attempt.at[:19], attempt.verdict, place, attempt.purpose, labels, attempt.rule


@verb(
    does=Does.READS,
    results={"policy.log/1": {"total": int, "attempts": [Attempt]}},
    examples=("ai policy log", "ai policy log --limit 100 --json"),
)
def log(
    session: Session,
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many at most.")] = 20,
) -> None:
    """What tried to leave this machine and what became of it, the newest first."""
    everything = [*session.app.attempts.attempts()]
    newest = [*islice(reversed(everything), limit)]
    columns = ("when", "", "place", "for", "data", "rule")
    human = session.table(columns, [_row(attempt) for attempt in newest])
    shown = {"total": len(everything), "attempts": newest}
    session.show("policy.log/1", shown, human if newest else "nothing ever tried to leave")
