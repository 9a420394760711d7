"""Budgets in a folder of their own, with a clock, chances and processes that tests control."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from quintet.platform.budget.amount import Amount
from quintet.platform.budget.budget import Budget
from quintet.platform.budget.limits import limits_of
from quintet.platform.budget.owner import Owner
from quintet.platform.budget.settings import BudgetSettings
from quintet.platform.clock import FakeClock
from quintet.platform.rng import SeededRng

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


class FakeProcesses:
    """Processes that live until a test says otherwise."""

    def __init__(self) -> None:
        self.pid = 1
        self.dead: set[int] = set()

    def current(self) -> Owner:
        return Owner(self.pid, "then")

    def is_alive(self, owner: Owner) -> bool:
        return owner.pid not in self.dead


class BudgetHome:
    """One state file, looked at by as many processes as a test asks for."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "data" / "budget.state"
        self.clock = FakeClock(NOON)
        self.rng = SeededRng(7)
        self.processes = FakeProcesses()

    def budget(self, *, lease: str = "", **limits: Any) -> Budget:
        settings = BudgetSettings(**limits)
        return Budget(
            self.path,
            limits_of(settings),
            clock=self.clock,
            rng=self.rng,
            processes=self.processes,
            lease=lease,
        )


def dollars(text: str) -> Decimal:
    return Decimal(text)


def cents(number: int, tokens: int = 0, duration_s: float = 0.0) -> Amount:
    return Amount(number * 10_000, tokens, duration_s)
