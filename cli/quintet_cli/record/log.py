"""`ai log`: what was done, by whom and when; and whether the record of it is whole."""

from enum import StrEnum
from typing import Annotated, Any

import typer

from quintet.platform.record.event import Event
from quintet.platform.record.reading import Query
from quintet_cli.completion.cache import remember
from quintet_cli.record.moment import moment_of
from quintet_cli.record.words import SHORT, name_of, state_of, summary_of, when
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb


class Task(StrEnum):
    """What to do with the record."""

    LIST = "list"
    VERIFY = "verify"
    ANCHOR = "anchor"
    USAGE = "usage"
    TIDY = "tidy"


def _results() -> dict[str, Any]:
    from quintet_cli.record import upkeep

    return {"log/1": {"actions": [Event]}, **upkeep.RESULTS}


@verb(
    does=Does.READS,
    results=_results,
    unless=("tidy",),
    examples=(
        "ai log",
        "ai log --group life --since 2d",
        "ai log verify",
        "ai log verify --against 812:9f2c…",
        "ai log usage",
    ),
)
def log(
    session: Session,
    task: Annotated[
        Task, typer.Argument(help="verify checks it, anchor prints its end, usage its cost.")
    ] = Task.LIST,
    *,
    group: Annotated[str, typer.Option(metavar="GROUP", help="Only of this group.")] = "",
    verb: Annotated[str, typer.Option(metavar="VERB", help="Only of this verb.")] = "",
    since: Annotated[
        str, typer.Option(metavar="TIME", help="Only from then on: 2h, 3d, 2026-03-02, 09:30.")
    ] = "",
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many at most.")] = 20,
    against: Annotated[
        str, typer.Option(metavar="ANCHOR", help="verify: an anchor that was noted earlier.")
    ] = "",
) -> int | None:
    """List what was done, newest first.

    `verify` checks every byte of the record and that each step makes sense; `anchor` prints its
    present end, to be noted elsewhere and given to `verify --against` later. `usage` tells what
    it costs on disk to be able to undo, and `tidy` lets go of what is beyond the limits.
    """
    if task is Task.LIST:
        moment = moment_of(since, session.app.clock.now()) if since else None
        _list(session, Query(group=group, verb=verb, since=moment, limit=limit))
        return None
    return _upkeep(session, task, against)


def _upkeep(session: Session, task: Task, against: str) -> int | None:
    from quintet_cli.record import upkeep

    match task:
        case Task.VERIFY:
            return upkeep.verify_record(session, against)
        case Task.ANCHOR:
            upkeep.anchor(session)
        case Task.USAGE:
            upkeep.usage(session)
        case _:
            upkeep.tidy(session)
    return None


def _list(session: Session, query: Query) -> None:
    events = session.app.record.events(query)
    rows = [
        (
            event.id[:SHORT],
            when(session, event.at),
            name_of(event),
            state_of(session, event),
            summary_of(event),
        )
        for event in events
    ]
    human = session.table(("id", "when", "action", "state", "what"), rows)
    session.show("log/1", {"actions": events}, human)
    remember(session.app.paths.cache_dir, "ACTION", {row[0]: "" for row in rows})
    if not events and query == Query(limit=query.limit):
        session.console.note("nothing on record; what ai does for you will be listed here")
    elif not events:
        session.console.note("nothing on record that fits; `ai log` lists everything")
