"""How the budget stands, as data for people and programs to look at."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from quintet.platform.budget.amount import Amount, amount_of
from quintet.platform.budget.limits import DAY, MONTH, Limit, Limits
from quintet.platform.budget.state import Charge, Held, State


@dataclass(frozen=True, slots=True)
class Line:
    """One limit on one account, in the units of its dimension."""

    limit: Limit
    spent: int
    held: int
    resets: datetime | None

    @property
    def left(self) -> int:
        return max(self.limit.value - self.spent - self.held, 0)


@dataclass(frozen=True, slots=True)
class Use:
    """What is spent and held on an account: `day`, `month/life`."""

    account: str
    spent: Amount
    held: Amount


@dataclass(frozen=True, slots=True)
class Standing:
    """Limits of days and months with their use; every account; and what went wrong."""

    day: date
    clock_is_behind: bool
    lines: tuple[Line, ...]
    uses: tuple[Use, ...]
    held: tuple[Held, ...]
    lost: tuple[Charge, ...]
    overrun: Charge | None


def standing_of(state: State, limits: Limits, now: datetime) -> Standing:
    day = date.fromisoformat(state.day)
    return Standing(
        day=day,
        clock_is_behind=now.astimezone(UTC).date() < day,
        lines=tuple(_lines(state, limits)),
        uses=tuple(_uses(state)),
        held=tuple(state.held.values()),
        lost=tuple(state.lost),
        overrun=state.overrun,
    )


def resets(window: str, day: date) -> datetime | None:
    """When the window that holds this day ends; calls and runs have no such time."""
    if window == DAY:
        following = day + timedelta(days=1)
    elif window == MONTH:
        following = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    else:
        return None
    return datetime.combine(following, time(), UTC)


def _lines(state: State, limits: Limits) -> Iterator[Line]:
    for limit in limits.all:
        account, part = limit.account(), limit.dimension
        spent, held = state.spent_on(account)[part], state.held_on(account)[part]
        yield Line(limit, spent, held, resets(limit.window, date.fromisoformat(state.day)))


def _uses(state: State) -> Iterator[Use]:
    accounts = set(state.spent) | {DAY, MONTH}
    for held in state.held.values():
        accounts |= {f"{window}/{held.group}" for window in (DAY, MONTH)}
    for account in sorted(accounts):
        yield Use(account, amount_of(state.spent_on(account)), amount_of(state.held_on(account)))
