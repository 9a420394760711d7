"""`ai eval run`: try the cases of a file, and tell what got worse."""

from collections.abc import Mapping
from pathlib import Path

from quintet.app.evals import Evals, Files, Ran, Wanted, baseline_bytes
from quintet.evals.compare import CONFIDENCE, Comparison, Verdict
from quintet.evals.junit import junit
from quintet.evals.markdown import markdown
from quintet.evals.results import SuiteResult
from quintet.evals.runner import Effort
from quintet.evals.wording import toothless
from quintet.platform.policy.plain import plain_text
from quintet_cli.eval import options
from quintet_cli.eval.outcome import (
    CASES_SHAPE,
    CHILD,
    MICROS,
    RUN_SHAPE,
    result_json,
    show_cases,
    teeth_json,
    told,
)
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb


@verb(
    # A case may run any verb, and some verbs run any command.
    does=Does.DESTROYS,
    results={
        "eval.cases/1": CASES_SHAPE,
        "eval.run/1": RUN_SHAPE,
    },
    examples=(
        "ai eval run everyday",
        "ai eval run notes.jsonl -n 20 --save-baseline notes.baseline.json",
        "ai eval run notes.jsonl -n 20 --baseline notes.baseline.json --junit report.xml",
    ),
)
def run(
    session: Session,
    file: options.Suite,
    *,
    repeat: options.Repeat = 1,
    case: options.Only = None,
    baseline: options.Baseline = "",
    save_baseline: options.SaveBaseline = None,
    confidence: options.Confidence = CONFIDENCE,
    need: options.Need = 1.0,
    junit_file: options.JunitFile = None,
    markdown_file: options.MarkdownFile = None,
    model: options.Model = "",
    seed: options.Seed = None,
    jobs: options.Jobs = 2,
    budget: options.Most = None,
    own_home: options.OwnHome = False,
    resume: options.Resume = "",
) -> int:
    """Try each case, judge it by its assertions, and say how sure the result is.

    Ends with 1 when something is worse than the baseline beyond noise; without a baseline, when
    fewer pass than --need says. Each try is kept as it ends: a run that was cut goes on by
    --resume. Verbs run in a throw-away home, at the moment that the case names. A suite can run
    any command: run those that you trust. See docs/evals.md.
    """
    if session.flags.dry_run:
        show_cases(session, Evals(session.app).cases(file, case or ()), repeat)
        return 0
    wanted = Wanted(
        effort=Effort(repeat, seed or 0, jobs),
        only=tuple(case or ()),
        model=model,
        sends_seed=seed is not None,
        budget_micros=None if budget is None else round(budget * MICROS),
        in_users_home=own_home,
        resume=resume,
        baseline=baseline,
        confidence=confidence,
    )

    def files(result: SuiteResult, comparison: Comparison | None) -> Mapping[Path, bytes]:
        made = {
            save_baseline: lambda: baseline_bytes(result),
            junit_file: lambda: junit(result, comparison),
            markdown_file: lambda: markdown(result, confidence, comparison),
        }
        return {path: make() for path, make in made.items() if path is not None}

    ran = _carried_out(session, file, wanted, files)
    _show(session, ran, confidence)
    if ran.comparison:
        return int(ran.comparison.verdict is Verdict.WORSE)
    return int(ran.result.interval(confidence).value < need)


def _carried_out(session: Session, file: str, wanted: Wanted, files: Files) -> Ran:
    evals = Evals(session.app, CHILD)
    try:
        return evals.run(file, wanted, files)
    except BaseException:
        if evals.begun:
            again = plain_text(f"ai eval run {file} --resume {evals.begun[:6]}")
            session.console.note(f"what was tried is kept; to go on with it: {again}")
        raise


def _show(session: Session, ran: Ran, confidence: float) -> None:
    shown = {
        **result_json(ran.result, confidence),
        "action": ran.action.id,
        "toothless": [teeth_json(one) for one in ran.teeth if not one.is_sound],
        "comparison": ran.comparison,
    }
    session.show("eval.run/1", shown, told(session, ran.result, ran.comparison, confidence))
    for line in toothless(ran.teeth):
        session.console.note(f"note: {plain_text(line)}")
    if ran.action.has_effects:
        session.done(ran.action, plain_text(f"wrote the results of {ran.suite.name}"))
