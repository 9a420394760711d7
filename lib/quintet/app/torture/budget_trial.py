"""The attack on the budget: many spends at once, some of processes that die over them."""

import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from quintet.app.torture.trial import Deadline, Outcome
from quintet.platform.budget.amount import Amount
from quintet.platform.budget.budget import Budget
from quintet.platform.budget.limits import limits_of
from quintet.platform.budget.refusal import BudgetSpent
from quintet.platform.budget.settings import BudgetSettings

_LIMIT_TOKENS = 5_000
_SPENDERS = 4


def attack_by_spending(folder: Path, deadline: Deadline) -> Outcome:
    """Spend at random from several threads until nothing is left: never more than the limit."""
    outcome, round_number = Outcome(), 0
    while not deadline.is_over:
        round_number += 1
        spent = _spend(folder / str(round_number), outcome)
        if spent > _LIMIT_TOKENS:
            outcome.failed(f"{spent} tokens were spent of {_LIMIT_TOKENS}")
        if spent < _LIMIT_TOKENS * 0.9:
            outcome.failed(f"only {spent} tokens could be spent of {_LIMIT_TOKENS}")
    return outcome


def _spend(path: Path, outcome: Outcome) -> int:
    limits = limits_of(BudgetSettings(day_tokens=_LIMIT_TOKENS))
    spent: list[int] = []

    def spender() -> None:
        budget, chance = Budget(path, limits), random.Random()
        while True:
            wanted = chance.randrange(1, 60)
            try:
                with budget.reserve(Amount(tokens=wanted), group="edge") as held:
                    used = chance.randrange(wanted + 1)
                    held.settle(Amount(tokens=used))
                    spent.append(used)
            except BudgetSpent:
                return

    with ThreadPoolExecutor(_SPENDERS) as pool:
        for done in [pool.submit(spender) for _ in range(_SPENDERS)]:
            done.result()
    outcome.tries += len(spent)
    return sum(spent)
