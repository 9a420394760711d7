"""A run as Markdown, for a pull request or a page."""

from __future__ import annotations

import re

from quintet.evals.compare import Comparison
from quintet.evals.results import SuiteResult
from quintet.evals.wording import compared, headline, range_of

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~])")


def markdown(result: SuiteResult, confidence: float, comparison: Comparison | None = None) -> bytes:
    """What failed first, then every case with its share and interval."""
    lines = [f"# {_plain(result.suite)}", "", _plain(headline(result, confidence)), ""]
    if comparison:
        lines += [*(f"- {_plain(line.strip())}" for line in compared(comparison)), ""]
    lines += ["| case | passed | interval | what did not hold |", "|---|---|---|---|"]
    for case in sorted(result.cases.values(), key=lambda one: one.is_passed):
        first = case.problems[0] if case.problems else ""
        share = f"{case.passed} of {case.tried}"
        cells = (case.case, share, range_of(case.interval(confidence)), first)
        lines.append(f"| {' | '.join(map(_plain, cells))} |")
    return ("\n".join(lines) + "\n").encode("utf-8", "replace")


def _plain(text: str) -> str:
    """Foreign words stay words: no markup, no line ends."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
