"""`ai eval compare`: set two runs or baselines against each other."""

from typing import Annotated

import typer

from quintet.app.evals import Evals
from quintet.evals.compare import CONFIDENCE, Comparison, Verdict
from quintet.evals.compare import compare as compared_with
from quintet.evals.wording import compared
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb

_What = "A run's id, or a baseline's file."


@verb(
    does=Does.READS,
    results={"eval.compare/1": Comparison},
    examples=("ai eval compare notes.baseline.json k7f3q9",),
)
def compare(
    session: Session,
    before: Annotated[str, typer.Argument(metavar="BEFORE", help=_What)],
    now: Annotated[str, typer.Argument(metavar="NOW", help=_What)],
    confidence: Annotated[
        float, typer.Option("--confidence", min=0.5, max=0.9999, help="Of interval and verdict.")
    ] = CONFIDENCE,
) -> int:
    """Say whether the later run is worse, case by case, beyond what chance explains.

    Ends with 1 when it is. Otherwise it says how small a drop it could have seen.
    """
    evals = Evals(session.app)
    comparison = compared_with(evals.standing(before), evals.standing(now), confidence)
    text = "\n".join(session.console.style(line) for line in compared(comparison))
    session.show("eval.compare/1", comparison, text)
    return int(comparison.verdict is Verdict.WORSE)
