"""How money and endings are put in a list of runs."""

from quintet.platform.trace.archive import Run


def money(cost_usd: float | None) -> str:
    return f"${cost_usd:.4f}" if cost_usd else ""


def ending_of(run: Run) -> str:
    """In a word or two: how the command at its root ended."""
    if run.exit_code is None:
        return "unfinished"
    ending = f"status {run.exit_code}" if run.exit_code else "ok"
    inside = run.failed - bool(run.error)
    return f"{ending}, {inside} failed" if inside > 0 else ending
