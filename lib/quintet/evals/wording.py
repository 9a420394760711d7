"""Figures of evals in words: what a person reads on the terminal, in Markdown and in the record."""

from __future__ import annotations

from collections.abc import Sequence

from quintet.evals.compare import Comparison, Verdict
from quintet.evals.interval import Interval
from quintet.evals.results import SuiteResult
from quintet.evals.teeth import Teeth

MICROS = 1_000_000
_SHOWN = 20


def percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def range_of(interval: Interval) -> str:
    return f"{percent(interval.low)} to {percent(interval.high)}"


def confidence_of(confidence: float) -> str:
    return f"{100 * confidence:g} %"


def headline(result: SuiteResult, confidence: float) -> str:
    """The suite in one line: how much passed, and how sure that is."""
    whole = result.interval(confidence)
    tries = f", {result.repeats} tries each" if result.repeats > 1 else ""
    cost = f", ${result.money_micros / MICROS:.4f}" if result.money_micros else ""
    line = f"{result.suite}: {result.passed_cases} of {len(result.cases)} cases passed{tries}"
    line += f"; {percent(whole.value)} ({confidence_of(confidence)}: {range_of(whole)}){cost}"
    return f"{line}; {result.missing} tries are missing" if result.missing else line


def compared(comparison: Comparison) -> list[str]:
    """What a comparison says, and what it could not have seen."""
    lines = [f"{comparison.verdict}: {_change(comparison)}"]
    lines += [_worse(one.case, one.before, one.now) for one in comparison.worse_cases[:_SHOWN]]
    if comparison.verdict is not Verdict.WORSE:
        lines.append(_visible(comparison))
    for cases, where in ((comparison.only_now, "new"), (comparison.only_before, "gone")):
        if cases:
            lines.append(f"{len(cases)} cases are {where} and were not compared: {_listed(cases)}")
    if not comparison.is_same_suite:
        lines.append("the file of cases is not the one that the baseline was made with")
    return lines


def _change(comparison: Comparison) -> str:
    change = comparison.difference
    points = f"{100 * change.value:+.1f} points"
    if all(one.is_steady for one in comparison.changes):
        return f"{points}; no chance is involved"
    span = f"{100 * change.low:+.1f} to {100 * change.high:+.1f}"
    sure = confidence_of(comparison.confidence)
    return f"{points} ({sure}: {span}); by luck: p = {comparison.chance:.2g}"


def _visible(comparison: Comparison) -> str:
    smallest = comparison.smallest_visible
    if smallest is None:
        return "this suite is too small to see any drop by chance; try more cases, or -n"
    if smallest == 0.0:
        return "every case does the same each time, so any change would have been seen"
    power = confidence_of(comparison.power)
    return f"this suite can see drops of {100 * smallest:.1f} points or more, {power} of the time"


def _worse(case: str, before: tuple[int, int], now: tuple[int, int]) -> str:
    return f"  worse: {case}  {before[0]} of {before[1]} → {now[0]} of {now[1]}"


def toothless(teeth: Sequence[Teeth]) -> list[str]:
    """The cases that cannot fail as they should, each with why."""
    return [f"{one.case}: {why}" for one in teeth for why in _faults(one)]


def _faults(one: Teeth) -> list[str]:
    found: list[str] = []
    if one.given_survived:
        found.append(f"takes {one.given_survived} of its own bad answers for right")
    if 2 * len(one.survived) >= one.tried > 0:
        caught = one.tried - len(one.survived)
        found.append(f"catches {caught} of {one.tried} wrong answers; not: {_listed(one.survived)}")
    found += [f"does not take its own right answer: {why}" for why in one.rejects[:1]]
    return found


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
