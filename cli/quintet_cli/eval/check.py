"""`ai eval check`: see that every case can fail."""

from quintet.app.evals import Evals
from quintet.evals.wording import toothless
from quintet_cli.eval import options
from quintet_cli.eval.outcome import CASES_SHAPE, CHILD, TEETH_SHAPE, show_cases, teeth_json
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb


@verb(
    # A case may run any verb, and some verbs run any command.
    does=Does.DESTROYS,
    results={
        "eval.cases/1": CASES_SHAPE,
        "eval.check/1": {"sound": bool, "cases": [TEETH_SHAPE]},
    },
    examples=("ai eval check everyday", "ai eval check notes.jsonl"),
)
def check(
    session: Session,
    file: options.Suite,
) -> int:
    """Put wrong answers to every case: empty, cut, shuffled, another's, a wrong number, a refusal.

    Ends with 1 when a case takes half of them for right, or one that its author gave as `bad`, or
    when it does not take the answer that it expects. No model is asked. A verb whose case expects
    nothing is run once, in a throw-away home, to have a right answer.
    """
    if session.flags.dry_run:
        show_cases(session, Evals(session.app).cases(file), 1)
        return 0
    teeth = Evals(session.app, CHILD).check(file)
    faults = toothless(teeth)
    blind = [one.case for one in teeth if not one.has_reference]
    shown = {"sound": not faults, "cases": [teeth_json(one) for one in teeth]}
    lines = [session.console.style(line) for line in faults]
    lines.append(
        f"{sum(one.is_sound for one in teeth)} of {len(teeth)} cases can fail as they should"
    )
    session.show("eval.check/1", shown, "\n".join(lines))
    if blind:
        names = ", ".join(blind[:5])
        session.console.note(f"note: no right answer is known of {names}: give one by `expect`")
    return int(bool(faults))
