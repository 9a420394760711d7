"""`ai store sql`: ask a store, without being able to change it."""

import csv
import sys
from typing import Annotated

import typer

from quintet.errors import QuintetError
from quintet.platform.store.database import Database
from quintet.platform.store.inquiry import Answer, query
from quintet.platform.store.upkeep import Upkeep
from quintet_cli.session import Session
from quintet_cli.store.choice import OneStore, store_named
from quintet_cli.verb import Does, verb

_PROMPT = "sql> "


@verb(
    does=Does.READS,
    results={"store.sql/1": Answer},
    examples=(
        "ai store sql spine",
        'ai store sql spine "SELECT verb, count(*) FROM events GROUP BY verb"',
        "echo 'SELECT 42' | ai store sql life -",
    ),
)
def sql(
    session: Session,
    store: OneStore,
    statement: Annotated[
        str, typer.Argument(metavar="[SQL]", help="What to ask; - reads it from standard input.")
    ] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many rows at most.")] = 1000,
) -> None:
    """Ask a store with SQL. It is opened read-only and can reach nothing else.

    Without a statement, on a terminal, opens a prompt over the documented views.
    """
    database = store_named(session.app, store)
    session.app.refresh_view(store)
    if not statement and session.is_interactive:
        _prompt(session, database, limit)
        return
    text = sys.stdin.read() if statement in ("", "-") else statement
    _answer(session, query(database, text, row_limit=limit))


def _answer(session: Session, answer: Answer) -> None:
    if session.console.json or session.console.is_terminal:
        human = session.table(answer.columns, answer.rows)
        session.show("store.sql/1", answer, human)
    else:
        writer = csv.writer(session.console.out, lineterminator="\n")
        writer.writerows([answer.columns, *answer.rows])
    if answer.truncated:
        session.console.note("there are more rows; ask for more with --limit")


def _prompt(session: Session, database: Database, limit: int) -> None:
    for view in Upkeep(database).views():
        session.console.note(f"  {view.name}: {view.comment}")
    session.console.note("end with Ctrl-D; nothing can be changed from here")
    while True:
        session.console.err.write(_PROMPT)
        session.console.err.flush()
        line = sys.stdin.readline()
        if not line:
            session.console.note("")
            return
        if line.strip():
            try:
                _answer(session, query(database, line, row_limit=limit))
            except QuintetError as error:
                session.console.failure(error)
