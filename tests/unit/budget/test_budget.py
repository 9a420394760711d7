"""Reserving, settling and leasing, as one process after another would."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from quintet.errors import Kind
from quintet.platform.budget.amount import Amount, BadAmount
from quintet.platform.budget.budget import Budget
from quintet.platform.budget.refusal import BudgetBlocked, BudgetSpent
from quintet.platform.budget.state import OPEN_MOST
from quintet.platform.budget.statefile import BudgetBusy
from support.budgets import BudgetHome, cents

DOLLAR = Decimal(1)


@pytest.fixture
def home(tmp_path: Path) -> BudgetHome:
    return BudgetHome(tmp_path)


def left(budget: Budget, key: str = "budget.day_usd") -> int:
    return next(line.left for line in budget.standing().lines if line.limit.key == key)


@pytest.mark.demand("BUDGET-1")
def test_no_money_is_spent_until_the_user_allows_it(home: BudgetHome) -> None:
    budget = home.budget()
    with pytest.raises(BudgetSpent) as caught:
        budget.reserve(Amount(1), group="life")
    assert caught.value.kind is Kind.BUDGET
    assert caught.value.hint == "ai budget set day_usd 0.01"
    budget.reserve(Amount(0, 10**9, 10**6), group="life").release()


@pytest.mark.demand("BUDGET-2")
@pytest.mark.parametrize(
    ("limits", "amount", "key"),
    [
        ({"day_usd": DOLLAR}, cents(101), "budget.day_usd"),
        ({"day_usd": None, "month_usd": DOLLAR}, cents(101), "budget.month_usd"),
        ({"day_usd": None, "run_usd": DOLLAR}, cents(101), "budget.run_usd"),
        ({"day_usd": None, "call_usd": DOLLAR}, cents(101), "budget.call_usd"),
        ({"day_tokens": 10}, Amount(tokens=11), "budget.day_tokens"),
        ({"run_tokens": 10}, Amount(tokens=11), "budget.run_tokens"),
        ({"call_s": 1.5}, Amount(duration_s=1.501), "budget.call_s"),
        ({"month_s": 60.0}, Amount(duration_s=61), "budget.month_s"),
        ({"group_day_tokens": {"life": 10}}, Amount(tokens=11), "budget.group_day_tokens.life"),
        ({"group_month_s": {"life": 1}}, Amount(duration_s=2), "budget.group_month_s.life"),
    ],
)
def test_each_limit_refuses_what_is_beyond_it_and_names_itself(
    home: BudgetHome, limits: dict[str, object], amount: Amount, key: str
) -> None:
    budget = home.budget(**limits)
    with pytest.raises(BudgetSpent) as caught:
        budget.reserve(amount, group="life", run="r")
    assert caught.value.details["limit"] == key
    assert caught.value.hint.startswith("ai budget set ")
    assert budget.standing().held == ()


def test_what_the_refusal_suggests_is_just_enough(home: BudgetHome) -> None:
    budget = home.budget(day_usd=DOLLAR)
    budget.reserve(cents(60), group="life").settle(cents(60))
    with pytest.raises(BudgetSpent) as caught:
        budget.reserve(cents(50), group="life")
    assert "$0.40 is left of $1.00 per day until 2026-11-25 00:00 UTC" in str(caught.value)
    assert caught.value.hint == "ai budget set day_usd 1.10"
    home.budget(day_usd=Decimal("1.10")).reserve(cents(50), group="life")


def test_limits_of_one_group_or_run_leave_others_alone(home: BudgetHome) -> None:
    budget = home.budget(group_day_tokens={"life": 10}, run_tokens=20)
    with pytest.raises(BudgetSpent):
        budget.reserve(Amount(tokens=11), group="life", run="a")
    budget.reserve(Amount(tokens=20), group="ops", run="a").settle(Amount(tokens=20))
    with pytest.raises(BudgetSpent):
        budget.reserve(Amount(tokens=1), group="ops", run="a")
    budget.reserve(Amount(tokens=20), group="ops", run="b")
    budget.reserve(Amount(tokens=99), group="ops")


@pytest.mark.demand("BUDGET-3")
def test_what_is_reserved_counts_before_it_is_spent(home: BudgetHome) -> None:
    budget = home.budget(day_usd=DOLLAR)
    budget.reserve(cents(70), group="life")
    with pytest.raises(BudgetSpent):
        home.budget(day_usd=DOLLAR).reserve(cents(31), group="ops")
    budget.reserve(cents(30), group="ops")


def test_a_settlement_frees_what_was_not_used(home: BudgetHome) -> None:
    budget = home.budget(day_usd=DOLLAR)
    settlement = budget.reserve(cents(70), group="life").settle(cents(5))
    assert (settlement.charged, settlement.overrun) == (cents(5), False)
    assert left(budget) == 950_000


def test_only_the_first_settlement_counts(home: BudgetHome) -> None:
    budget = home.budget(day_usd=DOLLAR)
    with budget.reserve(cents(70), group="life") as reservation:
        reservation.settle(cents(5))
        assert reservation.settle(cents(9)).charged == Amount()
        reservation.release()
    assert left(budget) == 950_000


@pytest.mark.demand("BUDGET-4")
def test_what_is_not_settled_is_charged_in_full(home: BudgetHome) -> None:
    budget = home.budget(day_usd=DOLLAR)
    with pytest.raises(RuntimeError), budget.reserve(cents(70), group="life"):
        raise RuntimeError
    assert left(budget) == 300_000
    assert budget.standing().held == ()


def test_a_release_costs_nothing(home: BudgetHome) -> None:
    budget = home.budget(day_usd=DOLLAR)
    with budget.reserve(cents(70), group="life") as reservation:
        reservation.release()
    assert left(budget) == 1_000_000


@pytest.mark.demand("BUDGET-4")
def test_a_dead_process_is_charged_in_full_and_listed(home: BudgetHome) -> None:
    budget = home.budget(day_usd=DOLLAR)
    home.processes.pid = 2
    budget.reserve(cents(40), group="life", run="r")
    home.processes.pid = 3
    budget.reserve(cents(20), group="ops")
    home.processes.dead = {2}
    standing = budget.standing()
    (lost,) = standing.lost
    assert (lost.group, lost.run, lost.charged[0]) == ("life", "r", 400_000)
    assert [held.group for held in standing.held] == ["ops"]
    assert left(budget) == 400_000


def test_a_process_taken_for_dead_by_mistake_is_not_charged_twice(home: BudgetHome) -> None:
    budget = home.budget(day_usd=DOLLAR)
    reservation = budget.reserve(cents(40), group="life")
    home.processes.dead = {1}
    budget.standing()
    reservation.settle(cents(10))
    assert left(budget) == 600_000


@pytest.mark.demand("BUDGET-5")
def test_days_and_months_begin_anew_in_utc(home: BudgetHome) -> None:
    budget = home.budget(day_usd=DOLLAR, month_usd=2 * DOLLAR)
    budget.reserve(cents(100), group="life").settle(cents(100))
    home.clock.advance(12 * 3600 - 1)
    assert left(budget) == 0
    home.clock.advance(1)
    assert left(budget) == 1_000_000
    assert left(budget, "budget.month_usd") == 1_000_000
    home.clock.advance(6 * 86400)
    assert left(budget, "budget.month_usd") == 2_000_000


def test_what_is_held_over_midnight_counts_in_the_new_day(home: BudgetHome) -> None:
    budget = home.budget(day_usd=DOLLAR)
    reservation = budget.reserve(cents(80), group="life")
    home.clock.advance(86400)
    with pytest.raises(BudgetSpent):
        budget.reserve(cents(30), group="life")
    reservation.settle(cents(50))
    assert left(budget) == 500_000


def test_what_died_yesterday_was_spent_yesterday(home: BudgetHome) -> None:
    budget = home.budget(day_usd=DOLLAR)
    budget.reserve(cents(80), group="life")
    home.processes.dead = {1}
    home.clock.advance(86400)
    assert left(budget) == 1_000_000


@pytest.mark.demand("BUDGET-5")
def test_a_clock_that_goes_back_gives_nothing_back(home: BudgetHome) -> None:
    budget = home.budget(day_usd=DOLLAR)
    budget.reserve(cents(80), group="life").settle(cents(80))
    home.clock.advance(-400 * 86400)
    standing = budget.standing()
    assert standing.clock_is_behind
    assert left(budget) == 200_000
    assert standing.lines[0].resets == datetime(2026, 11, 25, tzinfo=UTC)


def test_runs_are_forgotten_after_a_month_without_use(home: BudgetHome) -> None:
    budget = home.budget(run_tokens=10)
    budget.reserve(Amount(tokens=10), group="ops", run="r").settle(Amount(tokens=10))
    home.clock.advance(30 * 86400)
    with pytest.raises(BudgetSpent):
        budget.reserve(Amount(tokens=1), group="ops", run="r")
    home.clock.advance(3 * 86400)
    budget.reserve(Amount(tokens=10), group="ops", run="r")


@pytest.mark.demand("BUDGET-6")
def test_a_lease_bounds_whoever_spends_from_it(home: BudgetHome) -> None:
    budget = home.budget(day_usd=DOLLAR)
    with budget.lease(cents(50, 100, 10), group="ops", run="r") as lease:
        child = home.budget(day_usd=DOLLAR, lease=lease.token)
        child.reserve(cents(30, 50), group="life").settle(cents(20, 50))
        with pytest.raises(BudgetSpent, match=r"\$0\.30 is left"):
            child.reserve(cents(31), group="life")
        with pytest.raises(BudgetSpent, match="tokens"):
            child.reserve(Amount(tokens=51), group="life")
        assert left(budget) == 500_000
    assert left(budget) == 800_000
    assert lease.environment == {"AI_BUDGET_LEASE": lease.token}


def test_the_one_who_leased_pays(home: BudgetHome) -> None:
    budget = home.budget(group_day_tokens={"ops": 10})
    with budget.lease(Amount(tokens=10), group="ops") as lease:
        lease.budget.reserve(Amount(tokens=4), group="life").settle(Amount(tokens=4))
    assert left(budget, "budget.group_day_tokens.ops") == 6


@pytest.mark.demand("BUDGET-6")
def test_a_closed_lease_gives_nothing_more(home: BudgetHome) -> None:
    budget = home.budget(day_usd=DOLLAR)
    lease = budget.lease(cents(50), group="ops")
    inner = lease.budget.reserve(cents(30), group="ops")
    lease.close()
    assert left(budget) == 700_000
    with pytest.raises(BudgetSpent, match="closed"):
        lease.budget.reserve(cents(1), group="ops")
    inner.settle(cents(10))
    assert left(budget) == 900_000
    with pytest.raises(BudgetSpent, match="closed"):
        home.budget(day_usd=DOLLAR, lease="nonsense").reserve(cents(1), group="ops")


def test_leases_can_be_leased_on(home: BudgetHome) -> None:
    budget = home.budget(day_usd=DOLLAR)
    with (
        budget.lease(cents(50), group="ops") as outer,
        outer.budget.lease(cents(20), group="ops") as inner,
    ):
        inner.budget.reserve(cents(20), group="ops").settle(cents(15))
        with pytest.raises(BudgetSpent):
            outer.budget.reserve(cents(31), group="ops")
    assert left(budget) == 850_000


def test_the_lease_of_a_dead_parent_is_closed_and_costs_only_what_was_spent(
    home: BudgetHome,
) -> None:
    budget = home.budget(day_usd=DOLLAR)
    home.processes.pid = 2
    lease = budget.lease(cents(50), group="ops")
    home.processes.pid = 3
    lease.budget.reserve(cents(20), group="ops").settle(cents(15))
    home.processes.dead = {2}
    assert left(budget) == 850_000
    with pytest.raises(BudgetSpent, match="closed"):
        lease.budget.reserve(cents(1), group="ops")


def test_a_limit_per_call_holds_within_leases_but_not_for_them(home: BudgetHome) -> None:
    budget = home.budget(day_usd=DOLLAR, call_usd=Decimal("0.10"))
    with budget.lease(cents(50), group="ops") as lease:
        lease.budget.reserve(cents(10), group="ops")
        with pytest.raises(BudgetSpent, match="per call"):
            lease.budget.reserve(cents(11), group="ops")


@pytest.mark.demand("BUDGET-7")
def test_an_overrun_is_charged_truly_and_stops_all_spending(home: BudgetHome) -> None:
    budget = home.budget(day_usd=DOLLAR)
    assert budget.reserve(cents(10), group="life").settle(cents(20)).overrun
    assert left(budget) == 800_000
    with pytest.raises(BudgetBlocked, match=r"used \$0\.20 where \$0\.10 was reserved") as caught:
        budget.reserve(Amount(tokens=1), group="ops")
    assert caught.value.hint == "ai budget unblock"
    budget.block(None)
    budget.reserve(cents(80), group="ops")


def test_a_late_deadline_or_a_limit_that_nobody_set_blocks_nothing(home: BudgetHome) -> None:
    budget = home.budget(day_s=60.0)
    assert budget.reserve(Amount(0, 5, 1.0), group="life").settle(Amount(0, 9, 1.1)).overrun
    budget.reserve(Amount(0, 5, 1.0), group="life")


@pytest.mark.parametrize(
    "values",
    [(-1, 0, 0), (0, -1, 0), (0, 0, -0.1), (0, 0, float("nan")), (0, 0, float("inf")), (1 << 60,)],
)
def test_amounts_beyond_reason_are_refused(values: tuple[float, ...]) -> None:
    with pytest.raises(BadAmount):
        Amount(*values)  # type: ignore[arg-type]


def test_reservations_are_rounded_up_and_limits_down(home: BudgetHome) -> None:
    budget = home.budget(day_s=1.0009)
    with pytest.raises(BudgetSpent):
        budget.reserve(Amount(duration_s=1.0001), group="life")
    budget.reserve(Amount(duration_s=1.0), group="life")


def test_too_many_open_calls_are_refused_until_some_have_died(home: BudgetHome) -> None:
    budget = home.budget()
    for _ in range(OPEN_MOST):
        budget.reserve(Amount(tokens=1), group="life")
    with pytest.raises(BudgetBusy):
        budget.reserve(Amount(tokens=1), group="life")
    home.processes.pid, home.processes.dead = 2, {1}
    budget.reserve(Amount(tokens=1), group="life")


def test_the_standing_shows_use_by_account(home: BudgetHome) -> None:
    budget = home.budget(day_usd=DOLLAR)
    budget.reserve(cents(10, 5, 1.5), group="life").settle(cents(5, 5, 1.25))
    budget.reserve(cents(10), group="ops")
    uses = {use.account: (use.spent, use.held) for use in budget.standing().uses}
    assert uses["day"] == (cents(5, 5, 1.25), cents(10))
    assert uses["month/life"] == (cents(5, 5, 1.25), Amount())
    assert uses["day/ops"] == (Amount(), cents(10))
