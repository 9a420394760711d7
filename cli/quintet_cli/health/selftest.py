"""`ai selftest`: break the store, the record and the budget on purpose, and count."""

import contextlib
from typing import Annotated

import typer

from quintet.app.torture.trial import Result, carry_out
from quintet.app.torture.trials import TRIALS
from quintet_cli.duration import seconds_of
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb


def _row(result: Result) -> tuple[str, str, str, str]:
    outcome = result.outcome
    verdict = "skipped" if outcome.skipped else "held" if not outcome.failures else "BROKEN"
    return (
        result.name,
        f"{outcome.tries:,}",
        f"{outcome.failures:,}",
        f"{verdict}: {result.promise}",
    )


@verb(
    does=Does.READS,
    results={"selftest/1": {"held": bool, "trials": [Result]}},
    examples=("ai selftest", "ai selftest --torture 60s"),
)
def selftest(
    session: Session,
    torture: Annotated[
        str, typer.Option("--torture", metavar="TIME", help="For how long: 60s, 5m.")
    ] = "10s",
) -> int:
    """Kill, cut, change and crowd the store on your own disk, and count what is lost.

    Works in a folder of its own below your data folder, so that it tests the same disk. Your data
    is not touched. Ends with 1 when a promise was broken.
    """
    folder = session.app.data_dir / "selftest"
    results = list(carry_out(TRIALS, folder, seconds_of(torture), session.app.progress))
    with contextlib.suppress(OSError):
        # A second self-test may still be at work in it.
        folder.rmdir()
    broken = [result for result in results if result.outcome.failures]
    human = session.table(("trial", "tries", "failures", "promise"), [_row(one) for one in results])
    examples = [f"  {one.name}: {text}" for one in broken for text in one.outcome.examples]
    shown = {"held": not broken, "trials": results}
    session.show("selftest/1", shown, "\n".join([human, *examples]))
    return 1 if broken else 0
