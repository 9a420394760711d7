"""What a person may change about the budget beside its limits, as recorded effects."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from quintet.platform.policy.plan import Plan
from quintet.platform.record.event import Effect, Reversal

if TYPE_CHECKING:
    from quintet.platform.budget.budget import Budget

OVERRUN, COUNTS = "overrun", "counts"


class BudgetEffects:
    """The block after an overrun (`overrun`), and all that was counted (`counts`)."""

    kind = "budget"

    def __init__(self, budget: Callable[[], Budget]) -> None:
        self._budget = budget

    def state(self, target: str) -> Any:
        from quintet.platform.budget.state import charge_to_json
        from quintet.platform.budget.statefile import BudgetCorrupt

        try:
            standing = self._budget().standing()
        except BudgetCorrupt as error:
            return str(error)
        if target == COUNTS:
            return "readable"
        return charge_to_json(standing.overrun) if standing.overrun else None

    def apply(self, effect: Effect) -> None:
        if effect.target == COUNTS:
            self._budget().restart()
        else:
            self._block(effect.after)

    def revert(self, effect: Effect) -> None:
        self._block(effect.before)

    def _block(self, charge: Any) -> None:
        from quintet.platform.budget.state import charge_from_json

        self._budget().block(charge_from_json(charge) if charge else None)


def plan_unblock(budget: Budget) -> Plan:
    """A plan to allow spending again after an overrun."""
    before = BudgetEffects(lambda: budget).state(OVERRUN)
    effects = (Effect("budget", OVERRUN, before, None),) if before else ()
    return Plan("budget", "unblock", "allow spending again", effects)


def plan_reset(budget: Budget) -> Plan:
    """A plan to forget what was spent, with which all limits begin anew."""
    before = BudgetEffects(lambda: budget).state(COUNTS)
    note = "what was spent today and this month is forgotten, and every limit begins anew"
    effect = Effect("budget", COUNTS, before, None, Reversal.IRREVERSIBLE, note)
    return Plan("budget", "reset", "forget what was spent", (effect,))
