"""`ai show`: one action in full."""

from typing import Annotated

import typer

from quintet.platform.policy.plain import plain_text
from quintet.platform.record.event import Cost, Event, Evidence
from quintet_cli.record.words import SHORT, effect_line, name_of, state_of, summary_of, when
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb


@verb(
    does=Does.READS,
    results={"show/1": {"action": Event}},
    examples=("ai show k7f3q9", "ai show @-1", "ai show @life-2 --json"),
)
def show(
    session: Session,
    action: Annotated[
        str, typer.Argument(metavar="ACTION", help="Its id, or @-1 for the last, @life-1 of life.")
    ] = "@-1",
) -> None:
    """Show everything that the record says about one action.

    Who did it and when, the reasons and the evidence, the rule that allowed it, what it changed
    and what it cost.
    """
    event = session.app.record.resolve(action)
    session.show("show/1", {"action": event}, "\n".join(_lines(session, event)))


def _lines(session: Session, event: Event) -> list[str]:
    lines = [
        plain_text(f"{event.id}  {name_of(event)}  {summary_of(event)}"),
        f"    state  {state_of(session, event)}{_since(event)}",
        f"     when  {when(session, event.at)}",
    ]
    told = [
        ("by", event.actor),
        ("in", event.folder),
        ("cause", event.cause[:SHORT]),
        ("undoes", event.undoes[:SHORT]),
        ("error", event.error),
        ("labels", ", ".join(event.labels)),
        ("allowed", event.policy),
        ("cost", _cost(event.cost)),
    ]
    lines += [f"{lead:>9}  {plain_text(text)}" for lead, text in told if text]
    lines += [f"  because  {plain_text(reason)}" for reason in event.reasons]
    lines += [f" evidence  {evidence_line(one)}" for one in event.evidence]
    lines += [
        f"   {'unsure' if number in event.uncertain else 'effect'}  {effect_line(effect)}"
        for number, effect in enumerate(event.effects)
    ]
    if event.expired:
        lines.append("           it is too old to be undone")
    return lines


def evidence_line(evidence: Evidence) -> str:
    where = f":{evidence.where}" if evidence.where else ""
    note = f"  {evidence.note}" if evidence.note else ""
    return plain_text(f"{evidence.kind} {evidence.ref}{where}{note}")


def _since(event: Event) -> str:
    return f" by {event.undone_by[:SHORT]}" if event.undone_by else ""


def _cost(cost: Cost) -> str:
    parts = [
        f"${cost.money_micros / 1_000_000:.6f}" if cost.money_micros else "",
        f"{cost.tokens:,} tokens" if cost.tokens else "",
        f"{cost.duration_s:.1f} s" if cost.duration_s else "",
    ]
    return ", ".join(part for part in parts if part)
