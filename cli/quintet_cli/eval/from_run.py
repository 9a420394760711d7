"""`ai eval from-run`: freeze a recorded action into a case that replays offline."""

from typing import Annotated

import typer

from quintet.app.eval_freeze import Freezer
from quintet.platform.policy.plain import plain_text
from quintet_cli.consent.carry import carry
from quintet_cli.eval.outcome import CHILD
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb


@verb(
    does=Does.CHANGES,
    results={"eval.from-run/1": {"case": str, "files": [str], "action": str}},
    examples=(
        "ai eval from-run @-1 --dry-run",
        "ai eval from-run k7f3q9 --into regressions.jsonl",
    ),
)
def from_run(
    session: Session,
    action: Annotated[str, typer.Argument(metavar="ACTION", help="A recorded action.")],
    into: Annotated[
        str, typer.Option("--into", metavar="FILE", help="The suite that it is added to.")
    ] = "",
    private: Annotated[
        bool, typer.Option("--private", help="Also what is private goes into a plain file.")
    ] = False,
) -> None:
    """Make a case of an action: its words, its files as they were, what models answered.

    It is tried twice before, in a home of its own, and must do the same again. What will be written
    is shown first. The action has to have run with record.freezable set.
    """
    frozen = Freezer(session.app, CHILD).freeze(action, into, allows_private=private)
    done = carry(session, frozen.plan)
    if done is None:
        return
    files = [str(path) for path in frozen.contents]
    shown = {"case": frozen.case, "files": files, "action": done.id}
    session.show("eval.from-run/1", shown, plain_text(f"{frozen.case} is in {files[0]}"))
    session.done(done, plain_text(f"froze {frozen.case}"))
