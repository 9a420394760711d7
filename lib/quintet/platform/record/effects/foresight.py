"""The world as it would be after some changes, so that a whole plan is judged before it begins."""

import contextlib
from collections.abc import Iterable, Sequence
from typing import Any

from quintet.errors import QuintetError
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
        # Folders that are supposed to be new, by layer: they are empty but for what is supposed.
        self._fresh: set[tuple[int, str]] = set()

    def fork(self) -> "Foresight":
        """Another supposed world, the same so far; what was seen of the real one is shared."""
        other = Foresight(self._effects, self._group)
        other._seen = self._seen
        other._layers = [dict(layer) for layer in self._layers]
        other._moves = list(self._moves)
        other._fresh = set(self._fresh)
        return other

    def look(self, parts: Iterable[Effect]) -> None:
        """Look at many targets at once where their handler can."""
        by_kind: dict[str, list[str]] = {}
        for part in parts:
            by_kind.setdefault(part.kind, []).append(part.target)
        for kind, targets in by_kind.items():
            # What cannot be looked at together is told when each of them is looked at.
            with contextlib.suppress(QuintetError):
                handler = self._effects.handler(kind, self._group)
                if isinstance(handler, Batching):
                    states = handler.states(targets)
                    self._seen |= {(kind, target): state for target, state in states.items()}

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
        layer = self._layers[-1]
        for part in parts:
            is_path = part.kind == FileHandler.kind
            if is_path and _is_dir(part.after) and not _is_dir(part.before):
                self._fresh.add((len(self._layers) - 1, part.target))
            layer[part.kind, part.target] = part.after

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
            if self._is_under_nothing(depth, path):
                return None
        return self._look(FileHandler.kind, path)

    def _is_under_nothing(self, depth: int, path: str) -> bool:
        """Whether a folder above the path is supposed to be gone, another thing, or new."""
        cut = path.rfind("/")
        while cut > 0:
            folder = path[:cut]
            if (FileHandler.kind, folder) in self._layers[depth]:
                state = self._layers[depth][FileHandler.kind, folder]
                return not _is_dir(state) or (depth, folder) in self._fresh
            cut = path.rfind("/", 0, cut)
        return False

    def _look(self, kind: str, target: str) -> Any:
        if (kind, target) not in self._seen:
            handler = self._effects.handler(kind, self._group)
            self._seen[kind, target] = handler.state(target)
        return self._seen[kind, target]


def _is_folder(parts: Sequence[Effect]) -> bool:
    return any(_is_dir(part.after) for part in parts)


def _is_dir(state: Any) -> bool:
    return state is not None and state["type"] == "dir"
