"""`ai eval run`: try the cases of a file, and tell what got worse."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from quintet.app.evals import Evals, Ran, Wanted, baseline_bytes
from quintet.evals.compare import CONFIDENCE, Comparison, Verdict
from quintet.evals.junit import junit
from quintet.evals.markdown import markdown
from quintet.evals.results import SuiteResult
from quintet.evals.runner import JOBS_MOST, REPEATS_MOST, Effort
from quintet.evals.wording import toothless
from quintet.platform.policy.plain import plain_text
from quintet_cli.eval.outcome import CHILD, MICROS, result_json, teeth_json, told
from quintet_cli.session import Session
from quintet_cli.verb import verb


@verb(
    examples=(
        "ai eval run everyday",
        "ai eval run notes.jsonl -n 20 --save-baseline notes.baseline.json",
        "ai eval run notes.jsonl -n 20 --baseline notes.baseline.json --junit report.xml",
    )
)
def run(
    session: Session,
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="The cases, a line each; or everyday.")
    ],
    *,
    repeat: Annotated[
        int, typer.Option("--repeat", "-n", min=1, max=REPEATS_MOST, help="Tries of each case.")
    ] = 1,
    case: Annotated[
        list[str] | None, typer.Option("--case", metavar="ID", help="Only this case; repeatable.")
    ] = None,
    baseline: Annotated[
        str, typer.Option("--baseline", metavar="FILE|RUN", help="What to compare with.")
    ] = "",
    save_baseline: Annotated[
        Path | None, typer.Option("--save-baseline", metavar="FILE", help="Keep this run here.")
    ] = None,
    confidence: Annotated[
        float, typer.Option("--confidence", min=0.5, max=0.9999, help="Of intervals and verdict.")
    ] = CONFIDENCE,
    need: Annotated[
        float,
        typer.Option("--need", min=0.0, max=1.0, help="Share that must pass, if no baseline."),
    ] = 1.0,
    junit_file: Annotated[
        Path | None, typer.Option("--junit", metavar="FILE", help="Write JUnit XML here.")
    ] = None,
    markdown_file: Annotated[
        Path | None, typer.Option("--markdown", metavar="FILE", help="Write a summary here.")
    ] = None,
    model: Annotated[
        str, typer.Option("--model", metavar="MODEL", help="For all prompts, whatever they name.")
    ] = "",
    seed: Annotated[
        int | None, typer.Option("--seed", min=0, help="Also sent to models. Without: 0, not sent.")
    ] = None,
    jobs: Annotated[int, typer.Option("--jobs", min=1, max=JOBS_MOST, help="Tries at once.")] = 2,
    budget: Annotated[
        float | None,
        typer.Option("--budget", min=0.0, metavar="USD", help="Most that it may cost."),
    ] = None,
    own_home: Annotated[
        bool, typer.Option("--own-home", help="Run verbs on your own data, not in a fresh home.")
    ] = False,
    resume: Annotated[
        str, typer.Option("--resume", metavar="RUN", help="Go on with a run that was cut short.")
    ] = "",
) -> int:
    """Try each case, judge it by its assertions, and say how sure the result is.

    Ends with 1 when something is worse than the baseline beyond noise; without a baseline, when
    fewer pass than --need says. Each try is kept as it ends: a run that was cut goes on by
    --resume. Verbs run in a throw-away home, at the moment that the case names.
    See docs/evals.md.
    """
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

    evals = Evals(session.app, CHILD)
    try:
        ran = evals.run(file, wanted, files)
    except BaseException:
        if evals.begun:
            again = plain_text(f"ai eval run {file} --resume {evals.begun[:6]}")
            session.console.note(f"what was tried is kept; to go on with it: {again}")
        raise
    _show(session, ran, confidence)
    if ran.comparison:
        return int(ran.comparison.verdict is Verdict.WORSE)
    return int(ran.result.interval(confidence).value < need)


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
