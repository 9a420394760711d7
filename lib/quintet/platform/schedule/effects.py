"""Changes of what calls jobs, as recorded effects: blocks in a crontab, services that are on.

The record knows these kinds in every process that acts. So what they work with is only brought
when one of them is at hand.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from quintet.errors import Kind, QuintetError

if TYPE_CHECKING:
    from quintet.platform.record.event import Effect

ON = "on"


class SchedulerMissing(QuintetError):
    """This machine has no such scheduler, or it cannot be spoken to."""

    kind = Kind.UNAVAILABLE
    code = "schedule.no_scheduler"


class Blocks(Protocol):
    """A crontab with blocks of ours, each under a label."""

    def block(self, label: str) -> Any:
        """The lines of a block, or None."""
        ...

    def put(self, label: str, block: Any, *, was: Any) -> None:
        """Put a block in, provided that it is what it was."""
        ...


class Services(Protocol):
    """Switches what is installed on and off. Both may be asked for again; a thing that the manager
    does not know is off.
    """

    @property
    def name(self) -> str: ...

    def is_here(self) -> bool: ...

    def require(self) -> None:
        """Raise `SchedulerMissing` where the manager cannot be reached."""
        ...

    def is_on(self, service: str) -> bool: ...

    def switch_on(self, service: str) -> None: ...

    def switch_off(self, service: str) -> None: ...


class CrontabEffects:
    """Our blocks in the crontab. A target is the label of a home, a state its lines."""

    kind = "crontab"

    def __init__(self, bring: Callable[[], Blocks]) -> None:
        self._bring = bring

    def state(self, target: str) -> Any:
        return self._bring().block(target)

    def apply(self, effect: Effect) -> None:
        self._bring().put(effect.target, effect.after, was=effect.before)

    def revert(self, effect: Effect) -> None:
        self._bring().put(effect.target, effect.before, was=effect.after)


class ServiceEffects:
    """Timers and agents that are on. A target is the manager and the thing: `systemd x.timer`."""

    kind = "schedule-service"

    def __init__(self, bring: Callable[[], Sequence[Services]]) -> None:
        self._bring = bring

    def state(self, target: str) -> Any:
        manager, service = self._found(target)
        return ON if manager.is_on(service) else None

    def apply(self, effect: Effect) -> None:
        self._put(effect.target, effect.after)

    def revert(self, effect: Effect) -> None:
        self._put(effect.target, effect.before)

    def _put(self, target: str, wanted: Any) -> None:
        manager, service = self._found(target)
        if wanted == ON:
            manager.switch_on(service)
        else:
            manager.switch_off(service)

    def _found(self, target: str) -> tuple[Services, str]:
        name, _, service = target.partition(" ")
        for manager in self._bring():
            if manager.name == name:
                return manager, service
        raise SchedulerMissing(f"there is no service manager {name!r} here")
