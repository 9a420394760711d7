"""Which later actions touched what an earlier one changed.

Undo keeps to the order of a stack for each target: what was changed last is taken back first.
Otherwise taking back the older of two changes would silently take back the newer one as well.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from quintet.platform.record.effects.file import FileHandler
from quintet.platform.record.effects.known import Effects
from quintet.platform.record.effects.move import MoveHandler
from quintet.platform.record.event import Effect, Event


@dataclass(frozen=True, slots=True)
class _Touch:
    event: Event
    takes_along: bool


class Touched:
    """The targets of all actions that stand."""

    def __init__(self, effects: Effects, standing: Sequence[Event]) -> None:
        self._effects = effects
        self._touches: dict[tuple[str, str], list[_Touch]] = {}
        for event in standing:
            for effect in event.effects:
                for part in effects.parts(effect, event.group):
                    touch = _Touch(event, _takes_along(effect, part))
                    self._touches.setdefault((part.kind, part.target), []).append(touch)
        self._paths = sorted(t for kind, t in self._touches if kind == FileHandler.kind)

    def later(self, event: Event, effect: Effect, *, except_for: set[str]) -> list[str]:
        """Actions behind this one that have to go before this effect can, newest first."""
        found: dict[str, Event] = {}
        for part in self._effects.parts(effect, event.group):
            for touch in self._around(effect, part):
                other = touch.event
                is_undo_at_hand = other.undoes == event.id or other.undoes in except_for
                if other.seq > event.seq and other.id not in except_for and not is_undo_at_hand:
                    found[other.id] = other
        return sorted(found, key=lambda id: found[id].seq, reverse=True)

    def _around(self, effect: Effect, part: Effect) -> list[_Touch]:
        touches = list(self._touches.get((part.kind, part.target), []))
        if part.kind != FileHandler.kind:
            return touches
        folder = part.target
        while folder := folder.rpartition("/")[0]:
            above = self._touches.get((part.kind, folder), [])
            touches += [touch for touch in above if touch.takes_along]
        if _takes_along(effect, part):
            touches += self._inside(part.target)
        return touches

    def _inside(self, folder: str) -> list[_Touch]:
        prefix = folder + "/"
        touches: list[_Touch] = []
        for path in self._paths[bisect_left(self._paths, prefix) :]:
            if not path.startswith(prefix):
                break
            touches += self._touches[FileHandler.kind, path]
        return touches


def _takes_along(effect: Effect, part: Effect) -> bool:
    """A folder that was moved or removed: what is inside goes with it."""
    if part.kind != FileHandler.kind:
        return False
    was_folder = part.before is not None and part.before["type"] == "dir"
    is_folder = part.after is not None and part.after["type"] == "dir"
    if effect.kind == MoveHandler.kind:
        return was_folder or is_folder
    return was_folder and not is_folder
