"""An account of all spending that knows nothing of the budget's own: what each process wrote down.

Every step of a spend is one line of a log, written before the step: intend, call, bill, settled or
refused. A process that is killed leaves its last spend open, so the count is a range. `billed` is
what a provider would have charged at the very most, and that is what may never pass a limit.
"""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

INTEND, CALL, BILL, SETTLED, REFUSED = b"i", b"c", b"b", b"s", b"r"
_LINE = struct.Struct("<cBHIIQ")


class Line(NamedTuple):
    """One step; amounts are those that are reserved, or with `BILL` those that are charged."""

    step: bytes
    group: int
    run: int
    money: int
    tokens: int
    millis: int

    def packed(self) -> bytes:
        return _LINE.pack(*self)


@dataclass
class Range:
    """What was surely charged, what at most, and what was billed at most: money, tokens, ms."""

    least: list[int] = field(default_factory=lambda: [0, 0, 0])
    most: list[int] = field(default_factory=lambda: [0, 0, 0])
    billed: list[int] = field(default_factory=lambda: [0, 0, 0])

    def add(self, least: tuple[int, ...], most: tuple[int, ...], billed: tuple[int, ...]) -> None:
        for total, amounts in ((self.least, least), (self.most, most), (self.billed, billed)):
            for part, amount in enumerate(amounts):
                total[part] += amount


@dataclass
class Account:
    """All spends by account, as (`day`,), (`group`, 1) and (`run`, 7)."""

    ranges: dict[tuple[str, int], Range] = field(default_factory=dict)
    begun: int = 0
    granted: int = 0
    refused: int = 0
    cut_off: int = 0

    def add(self, spend: list[Line]) -> None:
        """One spend: its steps as far as they came."""
        last = spend[-1]
        self.begun += 1
        if last.step == REFUSED:
            self.refused += 1
            return
        self.granted += any(line.step == CALL for line in spend)
        self.cut_off += last.step != SETTLED
        nothing, reserved = (0, 0, 0), spend[0][3:]
        bill = next((line[3:] for line in spend if line.step == BILL), reserved)
        least = {INTEND: nothing, CALL: reserved}.get(last.step, bill)
        most = bill if last.step == SETTLED else reserved
        billed = nothing if last.step == INTEND else bill
        for account in (("day", 0), ("group", last.group), ("run", last.run)):
            self.ranges.setdefault(account, Range()).add(least, most, billed)


def spends(log: bytes) -> Iterator[list[Line]]:
    """The spends of one process; a line that a kill cut short counts as not written."""
    whole = len(log) - len(log) % _LINE.size
    spend: list[Line] = []
    for fields in _LINE.iter_unpack(log[:whole]):
        line = Line(*fields)
        if line.step == INTEND and spend:
            yield spend
            spend = []
        spend.append(line)
    if spend:
        yield spend


def recount(logs: Iterable[bytes]) -> Account:
    account = Account()
    for log in logs:
        for spend in spends(log):
            account.add(spend)
    return account
