"""Limits as data: which account each bounds, in which unit, and which of them a spend must keep."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from quintet.platform.budget.amount import MICROS, Dimension
from quintet.platform.budget.settings import BudgetSettings

CALL, RUN, DAY, MONTH = "call", "run", "day", "month"
_UNITS = (
    ("usd", Dimension.MONEY, MICROS),
    ("tokens", Dimension.TOKENS, 1),
    ("s", Dimension.TIME, 1000),
)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `value` in `dimension` may be on `account`; `key` is the setting that says so."""

    key: str
    window: str
    dimension: Dimension
    value: int
    group: str = ""

    @property
    def name(self) -> str:
        """As `ai budget set` takes it: `day_usd`, `life.day_usd`."""
        if self.group:
            table, _, group = self.key.removeprefix("budget.group_").partition(".")
            return f"{group}.{table}"
        return self.key.removeprefix("budget.")

    def account(self, run: str = "") -> str:
        part = run if self.window == RUN else self.group
        return f"{self.window}/{part}" if part else self.window


@dataclass(frozen=True, slots=True)
class Limits:
    """All limits of a user."""

    all: tuple[Limit, ...] = ()

    def of_call(self) -> Iterator[Limit]:
        return (limit for limit in self.all if limit.window == CALL)

    def of_accounts(self, group: str, run: str) -> Iterator[Limit]:
        """Those that a spend of this group in this run must keep, per call aside."""
        for limit in self.all:
            concerns_run = limit.window == RUN and bool(run)
            if concerns_run or (limit.window in (DAY, MONTH) and limit.group in ("", group)):
                yield limit

    def bound(self, dimension: Dimension) -> bool:
        return any(limit.dimension is dimension for limit in self.all)

    @property
    def watch_runs(self) -> bool:
        return any(limit.window == RUN for limit in self.all)


def limits_of(settings: BudgetSettings) -> Limits:
    """The limits that are set; a setting of None makes none."""
    return Limits(tuple(_limits(settings)))


def _limits(settings: BudgetSettings) -> Iterator[Limit]:
    for suffix, dimension, scale in _UNITS:
        for window in (CALL, RUN, DAY, MONTH):
            name = f"{window}_{suffix}"
            value: Any = getattr(settings, name)
            if value is not None:
                yield Limit(f"budget.{name}", window, dimension, _whole(value, scale))
        for window in (DAY, MONTH):
            name = f"group_{window}_{suffix}"
            table: Mapping[str, Any] = getattr(settings, name)
            for group, value in table.items():
                key = f"budget.{name}.{group}"
                yield Limit(key, window, dimension, _whole(value, scale), group)


def _whole(value: Decimal | int | float, scale: int) -> int:
    """Rounded down: a limit never allows more than it says."""
    return math.floor(Decimal(str(value)) * scale)
