"""`ai trace list`: the last runs."""

from typing import Annotated

import typer

from quintet.platform.trace.archive import Run
from quintet.platform.trace.waterfall import length
from quintet_cli.session import Session
from quintet_cli.trace.words import ending_of, money
from quintet_cli.verb import Does, verb

_COLUMNS = ("run", "began", "took", "spans", "tokens", "cost", "ended", "command")


@verb(
    does=Does.READS,
    results={"trace.list/1": {"runs": [Run]}},
    examples=("ai trace list", "ai trace list --limit 100 --json"),
)
def list(
    session: Session,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many at most.")] = 20,
    every: Annotated[bool, typer.Option("--all", help="Those that looked at traces too.")] = False,
) -> None:
    """The last runs, newest first.

    A run is a command with all that it started. Failures inside a run that ended well are counted
    behind how it ended.
    """
    runs = session.app.traces.runs(limit, every=every)
    session.offer("RUN", {run.run[:6]: run.name for run in runs})
    human = session.table(_COLUMNS, [_row(run) for run in runs]) if runs else ""
    session.show("trace.list/1", {"runs": runs}, human)
    if not runs:
        session.console.note("nothing was traced yet")


def _row(run: Run) -> tuple[object, ...]:
    return (
        run.run[:6],
        f"{run.began_at:%Y-%m-%d %H:%M}",
        length(run.duration_ms),
        run.spans,
        run.tokens or "",
        money(run.cost_usd),
        ending_of(run),
        run.name,
    )
