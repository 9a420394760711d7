"""`ai budget show`: limits, what is spent and held, and what is left."""

from datetime import datetime
from typing import Any, Literal

from quintet.platform.budget.amount import Amount, Dimension, words
from quintet.platform.budget.limits import CALL, RUN
from quintet.platform.budget.standing import Line, Standing, Use
from quintet.platform.budget.state import Charge
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb

_UNITS = {"micros": int, "tokens": int, "ms": int}
_LIMIT = {
    "key": str,
    "unit": Literal["micros", "tokens", "ms"],
    "limit": int,
    "spent": int,
    "held": int,
    "left": int,
    "resets": datetime | None,
}
_USE = {"account": str, "spent": _UNITS, "held": _UNITS}


@verb(
    does=Does.READS,
    results={
        "budget.show/1": {
            "day": str,
            "clock_is_behind": bool,
            "limits": [_LIMIT],
            "used": [_USE],
            "lost": [Charge],
            "overrun": Charge | None,
        }
    },
    examples=("ai budget show", "ai budget show --json"),
)
def show(session: Session) -> None:
    """Limits with what is spent, what running calls hold, what is left and when they begin anew.

    Then what each group used today and this month, and what went otherwise than foreseen: calls
    whose process died, charged in full, and calls that used more than they had reserved.
    """
    standing = session.app.budget.standing()
    limits = session.table(
        ("limit", "at most", "spent", "held", "left", "begins anew (UTC)"),
        [_limit_row(line) for line in standing.lines],
    )
    uses = session.table(
        ("used", "money", "tokens", "time", "money held"),
        [_use_row(use) for use in standing.uses if not use.account.startswith(f"{RUN}/")],
    )
    session.show("budget.show/1", _body(standing), f"{limits}\n\n{uses}" if limits else uses)
    for line in _remarks(standing):
        session.console.note(line)


def _limit_row(line: Line) -> tuple[str, ...]:
    limit = line.limit
    at_most = words(limit.value, limit.dimension)
    if limit.window in (CALL, RUN):
        return (limit.name, at_most, "", "", "", "")
    amounts = (words(units, limit.dimension) for units in (line.spent, line.held, line.left))
    return (limit.name, at_most, *amounts, f"{line.resets:%Y-%m-%d %H:%M}" if line.resets else "")


def _use_row(use: Use) -> tuple[str, ...]:
    window, _, group = use.account.partition("/")
    money, tokens, millis = use.spent.units
    return (
        f"{window}, {group}" if group else window,
        words(money, Dimension.MONEY),
        f"{tokens:,}",
        words(millis, Dimension.TIME),
        words(use.held.units[Dimension.MONEY], Dimension.MONEY),
    )


def _remarks(standing: Standing) -> list[str]:
    remarks = [
        f"note: a call of {charge.group} on {charge.day} ended without a word and was charged in "
        f"full: {_amount(charge)}"
        for charge in standing.lost
    ]
    if standing.overrun:
        remarks.append(
            f"note: spending is blocked: a call of {standing.overrun.group} used more than it "
            "had reserved; ai budget unblock"
        )
    if standing.clock_is_behind:
        remarks.append(f"note: the clock has gone back; limits go on counting from {standing.day}")
    return remarks


def _amount(charge: Charge) -> str:
    parts = [words(charge.charged[part], part) for part in Dimension if charge.charged[part]]
    return ", ".join(parts) or "nothing"


def _body(standing: Standing) -> dict[str, Any]:
    return {
        "day": standing.day,
        "clock_is_behind": standing.clock_is_behind,
        "limits": [
            {
                "key": line.limit.key,
                "unit": ("micros", "tokens", "ms")[line.limit.dimension],
                "limit": line.limit.value,
                "spent": line.spent,
                "held": line.held,
                "left": line.left,
                "resets": line.resets,
            }
            for line in standing.lines
        ],
        "used": [
            {"account": use.account, "spent": _units(use.spent), "held": _units(use.held)}
            for use in standing.uses
        ],
        "lost": standing.lost,
        "overrun": standing.overrun,
    }


def _units(amount: Amount) -> dict[str, int]:
    return dict(zip(("micros", "tokens", "ms"), amount.units, strict=True))
