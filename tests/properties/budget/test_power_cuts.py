"""Every way in which a disk can lose power between a few writes of the state, tried out.

A disk writes back what it has been given when it likes: after a cut each slot holds anything that
it was given since the last sync, or what it held then, or a torn mixture. `promised` is the newest
state that somebody relies on.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

import pytest

from quintet.platform.budget.statefile import SLOTS, Slot, slot_to_replace

Slots = tuple[Slot | None, ...]
TORN = None


@dataclass(frozen=True)
class Disk:
    """What a reader sees, and what each slot may turn out to hold after a cut."""

    seen: Slots
    maybe: tuple[frozenset[Slot | None], ...]
    promised: int = 0

    def after_cuts(self) -> Iterator[Slots]:
        yield from product(*self.maybe)

    def written(self, durable: bool) -> "Disk":
        """As `StateFile.change` does it."""
        at = slot_to_replace(self.seen)
        number = newest(self.seen) + 1
        is_synced = durable or not any(slot and slot.is_synced for slot in self.seen)
        seen = (*self.seen[:at], Slot(number, is_synced), *self.seen[at + 1 :])
        if is_synced:
            return restarted(seen, number)
        given = self.maybe[at] | {seen[at], TORN}
        return replace(self, seen=seen, maybe=(*self.maybe[:at], given, *self.maybe[at + 1 :]))


def newest(slots: Slots) -> int:
    return max((slot.number for slot in slots if slot), default=-1)


def restarted(slots: Slots, promised: int) -> Disk:
    return Disk(slots, tuple(frozenset([slot]) for slot in slots), promised)


def reached(start: Disk, writes: int) -> Iterator[Disk]:
    """The disk after each of all sequences of so many writes or fewer."""
    yield start
    if writes:
        for durable in (False, True):
            yield from reached(start.written(durable), writes - 1)


@pytest.mark.demand("BUDGET-8")
def test_nothing_that_somebody_relies_on_is_lost_in_two_power_cuts() -> None:
    blank: Slots = (Slot(0, False), *[None] * (SLOTS - 1))
    cut: set[tuple[Slots, int]] = set()
    for disk in reached(restarted(blank, 0), writes=6):
        for slots in disk.after_cuts():
            assert newest(slots) >= disk.promised, (disk, slots)
            cut.add((slots, disk.promised))
    for slots, promised in cut:
        for disk in reached(restarted(slots, promised), writes=4):
            assert all(newest(found) >= disk.promised for found in disk.after_cuts()), disk
    assert len(cut) > 50
