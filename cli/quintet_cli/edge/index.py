"""`ai edge index`: documents are taken in, so that they can be asked."""

from pathlib import Path
from typing import Annotated

import typer

from quintet.app.documents import Documents, Indexed
from quintet.errors import Kind
from quintet.platform.policy.plain import plain_text
from quintet.retrieval.names import path_of
from quintet_cli import exits
from quintet_cli.consent.carry import carry
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb

_SHOWN = 10


@verb(
    does=Does.CHANGES,
    results={
        "edge.index/1": {
            "action": str,
            "sources": [str],
            "new": int,
            "changed": int,
            "gone": int,
            "as_before": int,
            "passages": int,
            "skipped": [{"path": str, "why": str}],
            "passed_over": [{"why": str, "count": int}],
        }
    },
    examples=(
        "ai edge index ~/Documents",
        "ai edge index notes.md report.pdf",
        "ai edge index . --dry-run",
    ),
)
def index(
    session: Session,
    paths: Annotated[
        list[Path], typer.Argument(metavar="FILE|FOLDER", help="Documents, or folders of them.")
    ],
) -> int:
    """Take documents in so that they can be asked, or bring that up to date.

    Text, Markdown, HTML, PDF, Word, mail and source code. What has not changed is not read again;
    what is gone is forgotten. Hidden files, links and what tools made are passed over. Ends with 3
    when files could not be read.
    """
    documents = Documents(session.app)
    for notice in documents.open():
        session.console.note(notice)
    found = documents.survey(paths)
    if session.flags.dry_run:
        carry(session, documents.plan(found))
        return exits.OK
    done = documents.index(found)
    session.show("edge.index/1", _json(done), _human(done))
    _remark(session, done)
    session.console.note(_ending(done))
    return exits.STATUS[Kind.PARTIAL] if done.skipped else exits.OK


def _human(done: Indexed) -> str:
    found = done.survey
    counts = (
        f"{len(found.new)} new, {len(found.changed)} changed, {len(found.gone)} gone,"
        f" {len(found.unchanged) + len(found.stale)} as before"
    )
    return f"{counts}: {_passages(done)} passages"


def _passages(done: Indexed) -> int:
    return sum(entry.passages for entry in (*done.entries, *done.survey.unchanged))


def _remark(session: Session, done: Indexed) -> None:
    for entry in done.skipped[:_SHOWN]:
        session.console.note(plain_text(f"left out: {path_of(entry.path)}: {entry.skipped}"))
    if len(done.skipped) > _SHOWN:
        session.console.note(f"and {len(done.skipped) - _SHOWN} more: ai edge sources --verbose")
    for why, count in done.survey.left_counts:
        session.console.note(plain_text(f"passed over: {count} {why}"))
    for left in done.survey.left:
        session.console.detail(plain_text(f"passed over: {left.path}: {left.why}"))


def _ending(done: Indexed) -> str:
    short = done.action[:6]
    if done.survey.is_current:
        return "nothing has changed since"
    return f"done {short}  ask: ai edge ask QUESTION   undo: ai undo {short}   why: ai why {short}"


def _json(done: Indexed) -> dict[str, object]:
    found = done.survey
    return {
        "action": done.action,
        "sources": [path_of(source) for source in found.sources],
        "new": len(found.new),
        "changed": len(found.changed),
        "gone": len(found.gone),
        "as_before": len(found.unchanged) + len(found.stale),
        "passages": _passages(done),
        "skipped": [{"path": path_of(e.path), "why": e.skipped} for e in done.skipped],
        "passed_over": [{"why": why, "count": count} for why, count in found.left_counts],
    }
