"""Why something may not be spent, in words and with the command that changes it."""

from datetime import date
from decimal import ROUND_UP, Decimal

from quintet.errors import Kind, QuintetError
from quintet.platform.budget.amount import MICROS, Dimension, Units, words
from quintet.platform.budget.limits import Limit
from quintet.platform.budget.standing import resets
from quintet.platform.budget.state import Charge

_UNIT_NAMES = ("micros", "tokens", "ms")


class BudgetSpent(QuintetError):
    """A limit leaves too little for what was asked; nothing has been spent."""

    kind = Kind.BUDGET
    code = "budget.spent"


class BudgetBlocked(QuintetError):
    """A call used more than it had reserved, so the limits cannot be relied on."""

    kind = Kind.BUDGET
    code = "budget.blocked"


def limit_reached(limit: Limit, left: int, wanted: Units, day: str) -> BudgetSpent:
    """`day` is the day that the budget counts, or nothing for a limit per call."""
    part = limit.dimension
    left = max(left, 0)
    reset = resets(limit.window, date.fromisoformat(day)) if day else None
    payer = f" of {limit.group}" if limit.group else ""
    why = f"{words(left, part)} is left of {words(limit.value, part)} per {limit.window}"
    return BudgetSpent(
        f"the budget{payer} does not allow {words(wanted[part], part)}",
        why=why + (f" until {reset:%Y-%m-%d %H:%M} UTC" if reset else ""),
        hint=f"ai budget set {limit.name} {_enough(limit, left, wanted[part])}",
        details={
            "limit": limit.key,
            "unit": _UNIT_NAMES[part],
            "wanted": wanted[part],
            "left": left,
            "resets": reset.isoformat() if reset else "",
        },
    )


def lease_reached(pot: Units, wanted: Units) -> BudgetSpent:
    part = next(part for part in Dimension if wanted[part] > pot[part])
    return BudgetSpent(
        f"the lease of this process does not allow {words(wanted[part], part)}",
        why=f"{words(pot[part], part)} is left of what its parent leased to it",
        hint="give the parent a larger limit: ai budget show",
        details={"unit": _UNIT_NAMES[part], "wanted": wanted[part], "left": pot[part]},
    )


def lease_closed() -> BudgetSpent:
    return BudgetSpent(
        "the lease of this process is closed",
        why="the process that leased it has ended or taken it back",
        hint="run it again from its parent",
    )


def blocked(overrun: Charge) -> BudgetBlocked:
    part = next(part for part in Dimension if overrun.charged[part] > overrun.reserved[part])
    used, reserved = words(overrun.charged[part], part), words(overrun.reserved[part], part)
    return BudgetBlocked(
        "spending is blocked",
        why=f"a call of {overrun.group} on {overrun.day} used {used} where {reserved} was reserved",
        hint="ai budget unblock",
        details={"group": overrun.group, "run": overrun.run, "day": overrun.day},
    )


def _enough(limit: Limit, left: int, wanted: int) -> str:
    """The least value of the setting that lets this spend pass."""
    value = limit.value - left + wanted
    if limit.dimension is Dimension.MONEY:
        return str((Decimal(value) / MICROS).quantize(Decimal("0.01"), ROUND_UP))
    return str(value) if limit.dimension is Dimension.TOKENS else f"{-(-value // 1000)}"
