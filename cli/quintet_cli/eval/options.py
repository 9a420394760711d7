"""The options of `ai eval run`, each with its help."""

from pathlib import Path
from typing import Annotated

import typer

from quintet.evals.runner import JOBS_MOST, REPEATS_MOST

Suite = Annotated[str, typer.Argument(metavar="FILE", help="The cases, a line each; or everyday.")]
Repeat = Annotated[
    int, typer.Option("--repeat", "-n", min=1, max=REPEATS_MOST, help="Tries of each case.")
]
Only = Annotated[
    list[str] | None, typer.Option("--case", metavar="ID", help="Only this case; repeatable.")
]
Baseline = Annotated[
    str, typer.Option("--baseline", metavar="FILE|RUN", help="What to compare with.")
]
SaveBaseline = Annotated[
    Path | None, typer.Option("--save-baseline", metavar="FILE", help="Keep this run here.")
]
Confidence = Annotated[
    float, typer.Option("--confidence", min=0.5, max=0.9999, help="Of intervals and verdict.")
]
Need = Annotated[
    float, typer.Option("--need", min=0.0, max=1.0, help="Share that must pass, if no baseline.")
]
JunitFile = Annotated[
    Path | None, typer.Option("--junit", metavar="FILE", help="Write JUnit XML here.")
]
MarkdownFile = Annotated[
    Path | None, typer.Option("--markdown", metavar="FILE", help="Write a summary here.")
]
Model = Annotated[
    str, typer.Option("--model", metavar="MODEL", help="For all prompts, whatever they name.")
]
Seed = Annotated[
    int | None, typer.Option("--seed", min=0, help="Also sent to models. Without: 0, not sent.")
]
Jobs = Annotated[int, typer.Option("--jobs", min=1, max=JOBS_MOST, help="Tries at once.")]
Most = Annotated[
    float | None, typer.Option("--budget", min=0.0, metavar="USD", help="Most that it may cost.")
]
OwnHome = Annotated[
    bool, typer.Option("--own-home", help="Run verbs on your own data, not in a fresh home.")
]
Resume = Annotated[
    str, typer.Option("--resume", metavar="RUN", help="Go on with a run that was cut short.")
]
