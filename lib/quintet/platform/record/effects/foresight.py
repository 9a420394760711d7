"""The world as it would be after some changes, so that a whole plan is judged before it begins."""

from collections.abc import Iterable, Sequence
from typing import Any

from quintet.platform.record.effects.file import FileHandler
from quintet.platform.record.effects.known import Effects
from quintet.platform.record.effects.move import MoveHandler
from quintet.platform.record.effects.port import Batching
from quintet.platform.record.event import Effect

_States = dict[tuple[str, str], Any]


class Foresight:
    """Answers from what was supposed, and below that from the world, which it looks at once."""

    def __init__(self, effects: Effects, group: str) -> None:
        self._effects = effects
        self._group = group
        self._seen: _States = {}
        # Each folder that is supposed to move begins a new layer: paths mean something else below.
        self._layers: list[_States] = [{}]
        self._moves: list[tuple[str, Effect]] = []

    def look(self, parts: Iterable[Effect]) -> None:
        """Look at many targets at once where their handler can."""
        by_kind: dict[str, list[str]] = {}
        for part in parts:
            by_kind.setdefault(part.kind, []).append(part.target)
        for kind, targets in by_kind.items():
            handler = self._effects.handler(kind, self._group)
            if isinstance(handler, Batching):
                for target, state in handler.states(targets).items():
                    self._seen[kind, target] = state

    def state(self, part: Effect) -> Any:
        kind, target = part.kind, part.target
        if kind != FileHandler.kind:
            for layer in reversed(self._layers):
                if (kind, target) in layer:
                    return layer[kind, target]
            return self._look(kind, target)
        return self._file_state(target)

    def suppose(self, effect: Effect) -> None:
        """From now on answer as if this had been applied."""
        parts = self._effects.parts(effect, self._group)
        if effect.kind == MoveHandler.kind and _is_folder(parts):
            giver, taker = sorted(parts, key=lambda part: part.after is not None)
            self._moves.append((giver.target, taker))
            self._layers.append({})
            return
        for part in parts:
            self._layers[-1][part.kind, part.target] = part.after

    def _file_state(self, path: str) -> Any:
        for depth in range(len(self._layers) - 1, -1, -1):
            layer = self._layers[depth]
            if depth < len(self._moves):
                old, taker = self._moves[depth]
                if path == taker.target:
                    return taker.after
                if path.startswith(taker.target + "/"):
                    path = old + path[len(taker.target) :]
                elif path == old or path.startswith(old + "/"):
                    return None
            if (FileHandler.kind, path) in layer:
                return layer[FileHandler.kind, path]
            if _is_under_nothing(layer, path):
                return None
        return self._look(FileHandler.kind, path)

    def _look(self, kind: str, target: str) -> Any:
        if (kind, target) not in self._seen:
            handler = self._effects.handler(kind, self._group)
            self._seen[kind, target] = handler.state(target)
        return self._seen[kind, target]


def _is_folder(parts: Sequence[Effect]) -> bool:
    return any(part.after is not None and part.after["type"] == "dir" for part in parts)


def _is_under_nothing(layer: _States, path: str) -> bool:
    """Whether a folder above the path is supposed to be gone, or not to be a folder."""
    cut = path.rfind("/")
    while cut > 0:
        folder = path[:cut]
        if (FileHandler.kind, folder) in layer:
            state = layer[FileHandler.kind, folder]
            return state is None or state["type"] != "dir"
        cut = path.rfind("/", 0, cut)
    return False
