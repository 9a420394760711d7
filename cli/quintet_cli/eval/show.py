"""`ai eval show`: earlier runs, or one of them case by case."""

from typing import Annotated

import typer

from quintet.app.eval_history import Listed
from quintet.app.evals import Evals
from quintet.evals.compare import CONFIDENCE
from quintet_cli.eval.outcome import RESULT_SHAPE, result_json, told
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb


@verb(
    does=Does.READS,
    results={"eval.runs/1": {"runs": [Listed]}, "eval.result/1": RESULT_SHAPE},
    examples=("ai eval show", "ai eval show k7f3q9 --verbose", "ai eval show @-1"),
)
def show(
    session: Session,
    run: Annotated[
        str, typer.Argument(metavar="[RUN]", help="The beginning of its id, or @-1.")
    ] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many runs at most.")] = 20,
) -> None:
    """List the runs of suites, newest first, or tell of one what failed in it.

    `ai store sql evals` asks the same history anything else.
    """
    history = Evals(session.app).history
    if run:
        result = history.find(run)
        shown = result_json(result, CONFIDENCE)
        session.show("eval.result/1", shown, told(session, result, None, CONFIDENCE))
        return
    listed = history.runs(limit)
    session.offer("RUN", {one.id[:6]: one.suite for one in listed})
    rows = [
        (
            one.id[:6],
            one.at[:16].replace("T", " "),
            one.suite,
            one.cases,
            f"{one.passed}/{one.tried}",
        )
        for one in listed
    ]
    table = session.table(("run", "at", "suite", "cases", "passed"), rows)
    session.show("eval.runs/1", {"runs": listed}, table or "no suite was run yet")
