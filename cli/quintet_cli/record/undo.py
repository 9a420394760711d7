"""`ai undo`: take actions back, on files, rows and whatever engines changed."""

from typing import Annotated

import typer

from quintet.errors import Kind, UsageError
from quintet.platform.policy.gate import NeedsApproval
from quintet.platform.policy.plan import Risk
from quintet.platform.record.event import Event
from quintet.platform.record.undo import Undo, Undone
from quintet.platform.record.undo_plan import Standing, Step, UndoPlan
from quintet_cli.completion.cache import remember_one
from quintet_cli.consent.asking import asker_for
from quintet_cli.exits import STATUS
from quintet_cli.record.moment import moment_of
from quintet_cli.record.words import SHORT, effect_line, line_of
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb


@verb(
    does=Does.CHANGES,
    results={
        "undo/1": {
            "changed": bool,
            "undone?": [{"action": str, "by": str}],
            "left?": [Step],
            "plan?": str,
            "steps?": [Step],
        }
    },
    examples=("ai undo", "ai undo k7f3q9", "ai undo --since 2h --dry-run", "ai undo @life-1"),
)
def undo(
    session: Session,
    actions: Annotated[
        list[str] | None,
        typer.Argument(metavar="ACTION", help="Ids, or @-1, @life-1; the last one if left out."),
    ] = None,
    since: Annotated[
        str, typer.Option(metavar="TIME", help="Everything from then on: 2h, 3d, 09:30.")
    ] = "",
    cascade: Annotated[
        bool, typer.Option("--cascade", help="Also later actions that stand in the way.")
    ] = False,
    skip_conflicts: Annotated[
        bool, typer.Option("--skip-conflicts", help="Leave what was changed since as it is.")
    ] = False,
) -> int | None:
    """Take back what was done, newest first.

    Everything is judged before anything is touched: where files or rows were changed since, the
    conflicts are listed and nothing happens. Undoing is an action too: undo it to redo.
    """
    work = Undo(session.app.record)
    events = _chosen(session, work, actions or [], since)
    if not events:
        session.show("undo/1", {"changed": False, "undone": []}, "")
        session.console.note("there is nothing to undo from that time")
        return None
    plan = work.plan(events, cascade=cascade)
    if session.flags.dry_run:
        lines = [*_plan_lines(plan), "", f"nothing was changed; to do this: {_command(plan)}"]
        body = {"changed": False, "plan": plan.id, "steps": plan.steps}
        session.show("undo/1", body, "\n".join(lines))
        return None
    _approve(session, plan)
    return _tell(session, work.apply(plan, skip_conflicts=skip_conflicts))


def _chosen(session: Session, work: Undo, actions: list[str], since: str) -> list[Event]:
    if since and actions:
        raise UsageError("name actions or a time, not both", hint="ai undo --since 2h --dry-run")
    if since:
        return work.since(moment_of(since, session.app.clock.now()))
    return [session.app.record.resolve(name) for name in actions] or [work.latest()]


def _approve(session: Session, plan: UndoPlan) -> None:
    if plan.risk is Risk.MILD or plan.conflicts:
        return
    asker = asker_for(session)
    if asker is None:
        raise NeedsApproval(
            f"undoing {len(plan.events)} actions needs your approval",
            why="nobody can be asked here",
            hint=f"{_command(plan)} --yes",
        )
    session.app.gate.approve(plan.as_plan(), asker)


def _plan_lines(plan: UndoPlan) -> list[str]:
    lines: list[str] = []
    for event in plan.events:
        lines.append(f"undo {line_of(event)}")
        lines += [f"  {_step_line(step)}" for step in plan.steps_of(event)]
    return lines


def _command(plan: UndoPlan) -> str:
    ids = " ".join(event.id[:SHORT] for event in plan.events)
    return f"ai undo {ids}{' --skip-conflicts' if plan.conflicts else ''}"


def _step_line(step: Step) -> str:
    told = effect_line(step.effect.inverse())
    if step.standing is Standing.REVERTED:
        return f"already so: {told}"
    if step.is_conflict:
        first = f", undo {step.blockers[0][:SHORT]} first" if step.blockers else ""
        return f"CONFLICT: {told}  ({step.why}{first})"
    return told


def _tell(session: Session, undone: list[Undone]) -> int | None:
    left = [step for one in undone for step in one.left]
    body = {
        "changed": True,
        "undone": [{"action": one.event.id, "by": one.by} for one in undone],
        "left": left,
    }
    session.show("undo/1", body, "")
    for one in undone:
        short = one.by[:SHORT]
        remember_one(session.app.paths.cache_dir, "ACTION", short, "")
        what = f"{one.verb} {line_of(one.root)}"
        session.console.note(f"done {short}  {what}   undo: ai undo {short}")
    for step in left:
        session.console.note(f"left as it is: {_step_line(step)}")
    return STATUS[Kind.PARTIAL] if left else None
