"""The budget as engines use it: reserve before the call, settle after it, lease to children.

State is shared by all processes of the user through one file. A process that dies between the two
is charged what it reserved; so the limits hold whatever happens, at worst with some money unused.
"""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, replace
from datetime import UTC
from pathlib import Path
from types import TracebackType
from typing import Self

from quintet.platform.budget.amount import Amount, Units, fits
from quintet.platform.budget.limits import Limits
from quintet.platform.budget.owner import Processes, SystemProcesses
from quintet.platform.budget.refusal import blocked, lease_closed, lease_reached, limit_reached
from quintet.platform.budget.standing import Standing, standing_of
from quintet.platform.budget.state import OPEN_MOST, Charge, Held, State
from quintet.platform.budget.statefile import BudgetBusy, StateFile
from quintet.platform.clock import Clock, SystemClock
from quintet.platform.rng import Rng, SystemRng, new_id

LEASE_VARIABLE = "AI_BUDGET_LEASE"


@dataclass(frozen=True, slots=True)
class Settlement:
    """What was charged, and whether that was more than had been reserved."""

    charged: Amount
    overrun: bool = False


class Reservation:
    """An amount set aside for one spend. Left without a settlement, it is charged in full."""

    def __init__(self, name: str, amount: Amount, settle: Callable[[str, Units | None], bool]):
        self.id = name
        self.amount = amount
        self._settle = settle
        self._open = True

    def settle(self, actual: Amount) -> Settlement:
        """Charge what was really used, and free the rest. Only the first settlement counts."""
        if not self._open:
            return Settlement(Amount())
        self._open = False
        return Settlement(actual, overrun=self._settle(self.id, actual.units))

    def release(self) -> None:
        """Nothing was used."""
        if self._open:
            self._open = False
            self._settle(self.id, None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.settle(self.amount)


class Lease:
    """An amount set aside for several calls, of a part of this process or of a child.

    `budget` spends the lease and nothing beyond it; a child process builds the same from the token
    in its environment. Closing gives back what is not reserved in it.
    """

    def __init__(self, budget: "Budget", token: str, close: Callable[[str], None]) -> None:
        self.budget = budget
        self.token = token
        self._close = close

    @property
    def environment(self) -> dict[str, str]:
        return {LEASE_VARIABLE: self.token}

    def close(self) -> None:
        self._close(self.token)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class Budget:
    """Everything that may be spent by this user or, with the token of a lease, by this process."""

    def __init__(
        self,
        path: Path,
        limits: Limits,
        *,
        clock: Clock | None = None,
        rng: Rng | None = None,
        processes: Processes | None = None,
        lease: str = "",
    ) -> None:
        self._file = StateFile(path)
        self._limits = limits
        self._clock = clock or SystemClock()
        self._rng = rng or SystemRng()
        self._processes = processes or SystemProcesses()
        self._lease = lease

    def reserve(self, amount: Amount, *, group: str, run: str = "") -> Reservation:
        """Set aside what one call may use at most, or raise `BudgetSpent`.

        Within a lease, the group and the run that took the lease are the ones that pay.
        """
        for limit in self._limits.of_call():
            if amount.units[limit.dimension] > limit.value:
                raise limit_reached(limit, limit.value, amount.units, "")
        return Reservation(self._hold(amount, group, run), amount, self._settle)

    def lease(self, amount: Amount, *, group: str, run: str = "") -> Lease:
        """Set an amount aside for calls to come, or raise `BudgetSpent`."""
        token = self._hold(amount, group, run, pot=True)
        inner = copy(self)
        inner._lease = token
        return Lease(inner, token, self._release)

    def standing(self) -> Standing:
        """Limits, what is spent and what is held, after charging processes that have died."""
        with self._changing() as state:
            state.settle_dead(self._processes.is_alive, self._limits)
            return standing_of(state, self._limits, self._clock.now())

    def block(self, overrun: Charge | None) -> None:
        """Stop all spending because of an overrun, or with None allow it again."""
        with self._changing() as state:
            state.overrun = overrun

    def restart(self) -> None:
        """Forget what was spent and is held, even where it cannot be read any more."""
        self._file.begin_anew()

    @contextmanager
    def _changing(self, *, durable: bool = False) -> Generator[State]:
        with self._file.change(durable=durable) as state:
            today = self._clock.now().astimezone(UTC).date()
            # Where the clock went back, the later day stands: no limit begins anew twice.
            if today.isoformat() > state.day:
                # What died yesterday was spent yesterday.
                state.settle_dead(self._processes.is_alive, self._limits)
                state.begin(today)
            yield state

    def _hold(self, amount: Amount, group: str, run: str, *, pot: bool = False) -> str:
        name = new_id(self._rng)
        wanted = Held(amount.units, group, run, self._processes.current(), pot=pot)
        # Money that was reserved is never forgotten, not even when the power fails.
        with self._changing(durable=amount.money_micros > 0) as state:
            if state.overrun:
                raise blocked(state.overrun)
            if len(state.held) >= OPEN_MOST:
                state.settle_dead(self._processes.is_alive, self._limits)
            if len(state.held) >= OPEN_MOST:
                raise BudgetBusy("too many calls are open at once", hint="ai budget show")
            check = self._within_lease if self._lease else self._within_limits
            state.hold(name, check(state, wanted))
        return name

    def _within_lease(self, state: State, wanted: Held) -> Held:
        pot = state.held.get(self._lease)
        if pot is None or not pot.pot:
            raise lease_closed()
        if not fits(wanted.amount, pot.amount):
            raise lease_reached(pot.amount, wanted.amount)
        return replace(wanted, group=pot.group, run=pot.run, parent=self._lease)

    def _within_limits(self, state: State, wanted: Held) -> Held:
        # A dead process is charged what it held, which leaves no more than before; but what is left
        # of a lease that it gave comes back.
        if state.missing(wanted, self._limits) and state.has_pots:
            state.settle_dead(self._processes.is_alive, self._limits)
        if limit := state.missing(wanted, self._limits):
            raise limit_reached(limit, state.left(limit, wanted.run), wanted.amount, state.day)
        return wanted

    def _settle(self, name: str, actual: Units | None) -> bool:
        with self._changing() as state:
            if name not in state.held:
                return False
            if actual is None:
                state.release(name)
                return False
            return state.settle(name, actual, self._limits) is not None

    def _release(self, name: str) -> None:
        self._settle(name, None)
