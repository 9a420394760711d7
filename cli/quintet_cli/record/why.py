"""`ai why`: the reasons behind an action, followed across groups to the first cause."""

from typing import Annotated

import typer

from quintet.platform.policy.plain import plain_text
from quintet.platform.record.why import Checked, Explanation, Now, explain
from quintet_cli.record.show import evidence_line
from quintet_cli.record.words import SHORT, line_of
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb

_MARKS = {
    Now.SAME: "still says so",
    Now.CHANGED: "has changed since",
    Now.GONE: "is gone",
    Now.UNCHECKED: "as it was noted",
}


@verb(
    does=Does.READS,
    results={"why/1": Explanation},
    examples=("ai why k7f3q9", "ai why @-1", "ai why @video-1 --json"),
)
def why(
    session: Session,
    action: Annotated[
        str, typer.Argument(metavar="ACTION", help="Its id, or @-1 for the last, @life-1 of life.")
    ] = "@-1",
) -> None:
    """Explain an action: what caused it, what it rests on, and what came of it.

    Causes are followed from action to action, whatever group they belong to. Evidence is looked
    at again, to see whether it still says what it said then.
    """
    record = session.app.record
    explanation = explain(record, record.resolve(action))
    session.show("why/1", explanation, "\n".join(_lines(explanation)))


def _lines(explained: Explanation) -> list[str]:
    event = explained.event
    lines = [line_of(event)]
    lines += [f"  because   {plain_text(reason)}" for reason in event.reasons]
    lines += [f"  evidence  {_evidence(checked)}" for checked in explained.evidence]
    lines += [f"  allowed   {plain_text(event.policy)}"] if event.policy else []
    for depth, cause in enumerate(explained.causes, start=1):
        lines.append(f"{'  ' * depth}caused by  {line_of(cause)}")
        lines += [f"{'  ' * depth}  because  {plain_text(reason)}" for reason in cause.reasons]
    if explained.missing_cause:
        lines.append(f"  caused by  {explained.missing_cause[:SHORT]}, which is not on record")
    lines += [f"  later     {line_of(one.event)}  ({one.how})" for one in explained.consequences]
    if event.sealed:
        lines.append(f"  what it says is sealed, and the data of {event.group} is locked")
    elif len(lines) == 1:
        lines.append("  no reason, evidence or cause was given")
    return lines


def _evidence(checked: Checked) -> str:
    return f"{evidence_line(checked.evidence)}  [{_MARKS[checked.now]}]"
