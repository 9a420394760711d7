"""`ai budget` after something has happened to the budget."""

import pytest

from quintet.app.home import App
from quintet.platform.budget.amount import Amount
from quintet.platform.budget.refusal import BudgetBlocked, BudgetSpent
from support.budgets import cents
from support.terminal import Terminal


def app(terminal: Terminal) -> App:
    return App({"HOME": str(terminal.home)}, cwd=terminal.home, clock=terminal.clock)


def test_a_refusal_names_the_command_that_lets_the_call_pass(terminal: Terminal) -> None:
    for amount in (cents(25), Amount(tokens=7), Amount(duration_s=2.5)):
        for limit in ("day_usd", "life.day_tokens", "life.month_s"):
            terminal.ai("budget", "set", limit, "0")
        with pytest.raises(BudgetSpent) as caught:
            app(terminal).budget.reserve(amount, group="life")
        words = caught.value.hint.split()
        assert words[0] == "ai"
        assert terminal.ai(*words[1:]).status == 0
        app(terminal).budget.reserve(amount, group="life").release()


def test_show_tells_what_was_used_by_whom(terminal: Terminal) -> None:
    terminal.ai("budget", "set", "day_usd", "1")
    app(terminal).budget.reserve(cents(10, 50, 1.5), group="life").settle(cents(4, 50, 1.5))
    held = app(terminal).budget.reserve(cents(20), group="ops")
    shown = terminal.ai("budget", "show")
    assert "day_usd\t$1.00\t$0.04\t$0.20\t$0.76\t2026-03-03 00:00" in shown.out
    assert "day, life\t$0.04\t50\t1.5 s\t$0.00" in shown.out
    assert "day, ops\t$0.00\t0\t0 s\t$0.20" in shown.out
    held.release()


@pytest.mark.demand("BUDGET-7")
def test_an_overrun_blocks_until_somebody_says_yes(terminal: Terminal) -> None:
    terminal.ai("budget", "set", "day_usd", "1")
    app(terminal).budget.reserve(cents(10), group="life").settle(cents(20))
    assert "ai budget unblock" in terminal.ai("budget", "show").err
    with pytest.raises(BudgetBlocked):
        app(terminal).budget.reserve(cents(1), group="life")
    assert terminal.ai("budget", "unblock").status == 4
    assert terminal.ai("budget", "unblock", "--yes").status == 0
    app(terminal).budget.reserve(cents(1), group="life").release()
    event = app(terminal).record.history().events()[-1]
    with app(terminal).record.undoing(event) as action:
        action.take_back(event.effects)
    with pytest.raises(BudgetBlocked):
        app(terminal).budget.reserve(cents(1), group="life")


@pytest.mark.demand("BUDGET-8")
def test_a_damaged_state_is_named_and_reset_by_one_command(terminal: Terminal) -> None:
    app(terminal).budget.standing()
    place = terminal.home / ".local" / "share" / "ai" / "budget"
    place.write_bytes(b"garbage")
    shown = terminal.ai("budget", "show")
    assert shown.status == 7
    assert "ai budget reset" in shown.err
    assert terminal.ai("budget", "reset").status == 4
    assert terminal.ai("budget", "reset", "--yes").status == 0
    assert terminal.ai("budget", "show").status == 0
