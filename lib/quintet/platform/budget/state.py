"""The rules of spending, as pure data: accounts, what is held, and how both change.

At every moment spent + held on an account is at most its limit, as it was when the last reservation
was made. A settlement moves from held to spent and never adds to the sum, unless an adapter broke
its promise; then spending stops.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from quintet.platform.budget.amount import NOTHING, Dimension, Units, fits, minus, plus
from quintet.platform.budget.limits import DAY, MONTH, RUN, Limit, Limits
from quintet.platform.budget.owner import Owner

RUNS_KEPT = 500
RUN_DAYS_KEPT = 31
OPEN_MOST = 500
LOST_KEPT = 20


@dataclass(frozen=True, slots=True)
class Held:
    """What is set aside: for one spend, or (`pot`) for others to reserve from."""

    amount: Units
    group: str
    run: str
    owner: Owner
    parent: str = ""
    pot: bool = False


@dataclass(frozen=True, slots=True)
class Charge:
    """A spend that came out otherwise than was foreseen: its process died, or it used more."""

    group: str
    run: str
    day: str
    reserved: Units
    charged: Units


def charge_to_json(charge: Charge) -> list[Any]:
    return [charge.group, charge.run, charge.day, [*charge.reserved], [*charge.charged]]


def charge_from_json(found: Any) -> Charge:
    group, run, day, reserved, charged = found
    return Charge(group, run, day, units_from_json(reserved), units_from_json(charged))


def units_from_json(found: Any) -> Units:
    money, tokens, millis = found
    return (int(money), int(tokens), int(millis))


@dataclass(slots=True)
class State:
    """What is spent in the present day and month and by recent runs, and what is held."""

    day: str = ""
    spent: dict[str, Units] = field(default_factory=dict[str, Units])
    runs: dict[str, str] = field(default_factory=dict[str, str])
    held: dict[str, Held] = field(default_factory=dict[str, Held])
    lost: list[Charge] = field(default_factory=list[Charge])
    overrun: Charge | None = None

    def begin(self, today: date) -> None:
        """Begin a day that is later than the present one, and with it perhaps a month."""
        new = today.isoformat()
        ended = [DAY] if new[:7] == self.day[:7] else [DAY, MONTH]
        self.day = new
        self.spent = {
            account: units
            for account, units in self.spent.items()
            if account.partition("/")[0] not in ended
        }
        self._forget_runs((today - timedelta(days=RUN_DAYS_KEPT)).isoformat())

    def spent_on(self, account: str) -> Units:
        return self.spent.get(account, NOTHING)

    def held_on(self, account: str) -> Units:
        total = NOTHING
        for held in self.held.values():
            if account in _accounts(held.group, held.run):
                total = plus(total, held.amount)
        return total

    @property
    def has_pots(self) -> bool:
        return any(held.pot for held in self.held.values())

    def left(self, limit: Limit, run: str) -> int:
        """How much of a limit is neither spent nor held."""
        account, part = limit.account(run), limit.dimension
        return limit.value - self.spent_on(account)[part] - self.held_on(account)[part]

    def missing(self, wanted: Held, limits: Limits) -> Limit | None:
        """The first limit that this reservation would not keep."""
        for limit in limits.of_accounts(wanted.group, wanted.run):
            part = wanted.amount[limit.dimension]
            if part and part > self.left(limit, wanted.run):
                return limit
        return None

    def hold(self, name: str, wanted: Held) -> None:
        """Set an amount aside; the caller has seen that it fits."""
        if wanted.parent:
            pot = self.held[wanted.parent]
            self.held[wanted.parent] = replace(pot, amount=minus(pot.amount, wanted.amount))
        self.held[name] = wanted

    def settle(self, name: str, actual: Units, limits: Limits) -> Charge | None:
        """Charge what was used and give back the rest; tells if it was more than was held."""
        held = self._take(name, actual)
        self._charge(held, actual, limits)
        if fits(actual, held.amount):
            return None
        overrun = Charge(held.group, held.run, self.day, held.amount, actual)
        # A deadline always strikes a little late, so time alone never stops everything.
        if any(
            actual[part] > held.amount[part] and limits.bound(part)
            for part in (Dimension.MONEY, Dimension.TOKENS)
        ):
            self.overrun = overrun
        return overrun

    def release(self, name: str) -> None:
        """Give all of it back: nothing was used, or what was used is reserved on its own."""
        self._take(name, NOTHING)

    def settle_dead(self, alive: Callable[[Owner], bool], limits: Limits) -> None:
        """Charge in full what dead processes held: nobody knows how much of it they used."""
        for name, held in list(self.held.items()):
            if alive(held.owner):
                continue
            if held.pot:
                self.release(name)
                continue
            self.settle(name, held.amount, limits)
            self.lost.append(Charge(held.group, held.run, self.day, held.amount, held.amount))
        del self.lost[:-LOST_KEPT]

    def _take(self, name: str, used: Units) -> Held:
        held = self.held.pop(name)
        pot = self.held.get(held.parent)
        if pot is not None:
            rest = minus(held.amount, used)
            self.held[held.parent] = replace(pot, amount=plus(pot.amount, rest))
        return held

    def _charge(self, held: Held, units: Units, limits: Limits) -> None:
        run = held.run if limits.watch_runs else ""
        for account in _accounts(held.group, run):
            self.spent[account] = plus(self.spent_on(account), units)
        if run:
            self.runs.pop(run, None)
            self.runs[run] = self.day
            if len(self.runs) > RUNS_KEPT:
                self._forget_run(next(iter(self.runs)))

    def _forget_runs(self, before: str) -> None:
        for run in [run for run, day in self.runs.items() if day < before]:
            self._forget_run(run)

    def _forget_run(self, run: str) -> None:
        del self.runs[run]
        self.spent.pop(f"{RUN}/{run}", None)


def _accounts(group: str, run: str) -> list[str]:
    accounts = [DAY, MONTH, f"{DAY}/{group}", f"{MONTH}/{group}"]
    return [*accounts, f"{RUN}/{run}"] if run else accounts
