"""`ai trace show`: one run as a waterfall."""

from pathlib import Path
from typing import Annotated, Any

import typer

from quintet.platform.trace.conventions import Kind
from quintet.platform.trace.parent import run_id
from quintet.platform.trace.waterfall import Row, rows_of
from quintet_cli.session import Session
from quintet_cli.trace.drawing import drawn
from quintet_cli.verb import Does, verb

_SPAN = {
    **dict.fromkeys(("span", "parent", "name", "error"), str),
    "depth": int,
    "kind": Kind,
    "start_ms": float,
    "duration_ms": float | None,
    "attributes": dict[str, Any],
}


@verb(
    does=Does.READS,
    results={
        "trace.show/1": {"run": str, "trace": str, "spans": [_SPAN]},
        "trace.page/1": {"file": Path, "action": (str, None)},
    },
    unless=("--html",),
    examples=(
        "ai trace show",
        "ai trace k7f3q9",
        "ai trace show @-2 --html run.html",
        "ai trace show --json",
    ),
)
def show(
    session: Session,
    run: Annotated[
        str, typer.Argument(metavar="[RUN|ACTION]", help="An id, its beginning, or @-1, @-2 …")
    ] = "@-1",
    html: Annotated[
        str, typer.Option("--html", metavar="FILE", help="Write a page to look at; - for stdout.")
    ] = "",
) -> None:
    """One run: what it did, what waited for what, and how long each part took.

    RUN may also be the id of a recorded action. Without one it is the last run.
    """
    spans = session.app.traces.run(run)
    if html == "-":
        session.console.line(session.app.traces.page(spans).rstrip("\n"))
        return
    if html:
        if session.flags.dry_run:
            path = session.app.cwd / html
            session.show("trace.page/1", {"file": path, "action": None}, f"would write {path}")
            return
        path, action = session.app.traces.write_page(spans, Path(html))
        session.show("trace.page/1", {"file": path, "action": action.id}, str(path))
        session.done(action, f"wrote {path.name}")
        return
    rows = rows_of(spans)
    ids = {"run": run_id(spans[0].trace_id), "trace": spans[0].trace_id}
    value = {**ids, "spans": [_spoken(row) for row in rows]}
    session.show("trace.show/1", value, drawn(session, rows))


def _spoken(row: Row) -> dict[str, object]:
    span = row.span
    return {
        "span": span.span_id,
        "parent": span.parent_id,
        "depth": row.depth,
        "name": span.name,
        "kind": span.kind,
        "start_ms": round(row.start_ms, 3),
        "duration_ms": None if row.is_unfinished else round(row.duration_ms, 3),
        "error": row.error,
        "attributes": span.attributes,
    }
