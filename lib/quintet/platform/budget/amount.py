"""What can be spent: money, tokens and seconds, in whole units so that sums stay exact."""

import math
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum

from quintet.errors import QuintetError

MICROS = 1_000_000
_MILLIS = 1000
_LARGEST = 2**53
Units = tuple[int, int, int]
NOTHING: Units = (0, 0, 0)


class BadAmount(QuintetError):
    """An amount is negative, no number, or beyond all measure: never to be counted with."""

    code = "budget.bad_amount"


class Dimension(IntEnum):
    """Positions in `Units`: millionths of a dollar, tokens, milliseconds."""

    MONEY = 0
    TOKENS = 1
    TIME = 2


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount of each. Money is in millionths of a US dollar."""

    money_micros: int = 0
    tokens: int = 0
    duration_s: float = 0.0

    def __post_init__(self) -> None:
        values = (self.money_micros, self.tokens, self.duration_s)
        if not all(math.isfinite(value) and 0 <= value < _LARGEST for value in values):
            raise BadAmount(f"{self} cannot be spent", why="it is negative or out of range")

    @property
    def units(self) -> Units:
        """Rounded up: a reservation never holds less than what it was asked for."""
        millis = math.ceil(round(self.duration_s * _MILLIS, 3))
        return (math.ceil(self.money_micros), math.ceil(self.tokens), millis)


def amount_of(units: Units) -> Amount:
    return Amount(units[0], units[1], units[2] / _MILLIS)


def plus(a: Units, b: Units) -> Units:
    return (a[0] + b[0], a[1] + b[1], a[2] + b[2])


def minus(a: Units, b: Units) -> Units:
    """Never below nothing."""
    return (max(a[0] - b[0], 0), max(a[1] - b[1], 0), max(a[2] - b[2], 0))


def fits(small: Units, large: Units) -> bool:
    return all(part <= whole for part, whole in zip(small, large, strict=True))


def words(units: int, dimension: Dimension) -> str:
    """One number as people write it: $1.50, 2,000 tokens, 90 s."""
    if dimension is Dimension.MONEY:
        dollars = Decimal(units) / MICROS
        return f"${dollars:,.2f}" if units % 10_000 == 0 else f"${dollars.normalize():,f}"
    if dimension is Dimension.TOKENS:
        return f"{units:,} tokens"
    return f"{units / _MILLIS:,.10g} s"
