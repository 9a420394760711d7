"""The laws of the budget, on random histories with kills, midnights and clocks that go back."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from quintet.platform.budget.amount import Amount
from quintet.platform.budget.budget import Budget, Lease, Reservation
from quintet.platform.budget.refusal import BudgetSpent
from support.budgets import BudgetHome

GROUPS = ("life", "ops")
RUNS = ("", "r1", "r2")
LIMITS = {
    "day_usd": Decimal("0.000040"),
    "month_usd": Decimal("0.000090"),
    "run_usd": Decimal("0.000030"),
    "call_usd": Decimal("0.000020"),
    "group_day_usd": {"life": Decimal("0.000025")},
    "day_tokens": 50,
}
PART = st.integers(0, 15)
AMOUNT = st.builds(Amount, PART, PART)


class Spending(RuleBasedStateMachine):
    """Processes 1 to 3 reserve, settle, lease and die; a ledger of our own counts every charge."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.home = BudgetHome(Path(self.folder.name))
        self.budget = self.home.budget(**LIMITS)
        self.calls: list[tuple[Reservation, int, str, str]] = []
        self.leases: list[tuple[Lease, int, str, str]] = []
        self.charges: list[tuple[str, str, str, int, int]] = []
        self.day = self.home.clock.now().date()

    def teardown(self) -> None:
        self.folder.cleanup()

    def charge(self, group: str, run: str, amount: Amount) -> None:
        self.see_day()
        row = (self.day.isoformat(), group, run, amount.money_micros, amount.tokens)
        self.charges.append(row)

    def see_day(self) -> None:
        self.day = max(self.day, self.home.clock.now().date())

    @rule(pid=st.integers(1, 3))
    def become(self, pid: int) -> None:
        self.home.processes.pid = pid + 10 * len(self.home.processes.dead)

    @rule(amount=AMOUNT, group=st.sampled_from(GROUPS), run=st.sampled_from(RUNS))
    def reserve(self, amount: Amount, group: str, run: str) -> None:
        self.hold(self.budget, amount, group, run)

    @precondition(lambda self: self.leases)
    @rule(data=st.data(), amount=AMOUNT)
    def reserve_from_a_lease(self, data: st.DataObject, amount: Amount) -> None:
        lease, _, group, run = data.draw(st.sampled_from(self.leases))
        self.hold(lease.budget, amount, group, run)

    def hold(self, budget: Budget, amount: Amount, group: str, run: str) -> None:
        try:
            reservation = budget.reserve(amount, group=group, run=run)
        except BudgetSpent:
            return
        self.calls.append((reservation, self.home.processes.pid, group, run))

    @rule(amount=AMOUNT, group=st.sampled_from(GROUPS), run=st.sampled_from(RUNS))
    def lease(self, amount: Amount, group: str, run: str) -> None:
        try:
            lease = self.budget.lease(amount, group=group, run=run)
        except BudgetSpent:
            return
        self.leases.append((lease, self.home.processes.pid, group, run))

    @precondition(lambda self: self.calls)
    @rule(data=st.data(), share=st.floats(0, 1))
    def settle(self, data: st.DataObject, share: float) -> None:
        call = data.draw(st.sampled_from(self.calls))
        self.calls.remove(call)
        reservation, _, group, run = call
        most = reservation.amount
        actual = Amount(int(most.money_micros * share), int(most.tokens * share))
        assert not reservation.settle(actual).overrun
        self.charge(group, run, actual)

    @precondition(lambda self: self.calls)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        call = data.draw(st.sampled_from(self.calls))
        self.calls.remove(call)
        call[0].release()

    @precondition(lambda self: self.leases)
    @rule(data=st.data())
    def close(self, data: st.DataObject) -> None:
        lease = data.draw(st.sampled_from(self.leases))
        self.leases.remove(lease)
        lease[0].close()

    @rule()
    def die(self) -> None:
        """The present process is killed; what it held is charged in full when somebody looks."""
        pid = self.home.processes.pid
        self.home.processes.dead.add(pid)
        for call in [call for call in self.calls if call[1] == pid]:
            self.calls.remove(call)
            self.charge(call[2], call[3], call[0].amount)
        self.leases = [lease for lease in self.leases if lease[1] != pid]
        self.home.processes.pid = pid + 10
        self.budget.standing()

    @rule(hours=st.integers(-48, 48))
    def time_passes(self, hours: int) -> None:
        self.home.clock.advance(timedelta(hours=hours).total_seconds())
        self.see_day()

    @rule()
    def start_again(self) -> None:
        """Nothing is kept in memory: another process sees the same."""
        self.budget = self.home.budget(**LIMITS)

    @invariant()
    def nothing_is_beyond_its_limit(self) -> None:
        for line in self.budget.standing().lines:
            assert line.spent + line.held <= line.limit.value, line

    @invariant()
    def what_is_spent_is_what_our_own_ledger_says(self) -> None:
        today, month = self.day.isoformat(), self.day.isoformat()[:7]
        uses = {use.account: use.spent for use in self.budget.standing().uses}
        for window, start in (("day", today), ("month", month)):
            for account, group in ((window, ""), *((f"{window}/{name}", name) for name in GROUPS)):
                rows = [
                    row
                    for row in self.charges
                    if row[0].startswith(start) and group in ("", row[1])
                ]
                found = uses.get(account, Amount())
                assert found.money_micros == sum(row[3] for row in rows), account
                assert found.tokens == sum(row[4] for row in rows), account

    @invariant()
    def no_day_month_or_run_ever_went_over(self) -> None:
        for size, limit in ((10, 40), (7, 90)):
            for window in {row[0][:size] for row in self.charges}:
                assert sum(row[3] for row in self.charges if row[0][:size] == window) <= limit
        for run in ("r1", "r2"):
            assert sum(row[3] for row in self.charges if row[2] == run) <= 30

    @invariant()
    def what_is_held_is_what_is_open(self) -> None:
        held = sum(held.amount[0] for held in self.budget.standing().held if not held.pot)
        assert held == sum(call[0].amount.money_micros for call in self.calls)


Spending.TestCase.settings = settings(max_examples=20, stateful_step_count=40, deadline=None)
TestSpending = pytest.mark.demand("BUDGET-3")(Spending.TestCase)
