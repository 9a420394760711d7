"""A file, link or folder that gets another name: no content is copied, whatever its size."""

import errno
import json
import stat
from collections.abc import Sequence
from typing import Any, cast

from quintet.platform.crypto import canonical_json
from quintet.platform.files import FileFailure, explained
from quintet.platform.record.effects.file import (
    FileHandler,
    State,
    changed,
    clear_temporary,
    copy_across,
    temporary_name,
)
from quintet.platform.record.effects.place import reached
from quintet.platform.record.event import Effect


def move_of(source: str, target: str, moved: State) -> Effect:
    """The target must be free: what it holds is deleted first, by an effect of its own."""
    return Effect(
        kind=MoveHandler.kind,
        target=canonical_json([source, target]).decode("utf-8", "surrogatepass"),
        before={"source": moved, "target": None},
        after={"source": None, "target": moved},
    )


class MoveHandler:
    """Moves in either direction: the inverse of a move is the move back."""

    kind = "move"

    def __init__(self, files: FileHandler) -> None:
        self._files = files

    def parts(self, effect: Effect) -> Sequence[Effect]:
        before, after = effect.before, effect.after
        names = zip(("source", "target"), paths_of(effect.target), strict=True)
        return [
            Effect(FileHandler.kind, path, before[end], after[end], effect.reversal, effect.note)
            for end, path in names
        ]

    def is_halfway(self, effect: Effect, states: Sequence[Any]) -> bool:
        """Between two disks a move is a copy and a removal."""
        return all(state == (effect.before["source"] or effect.after["source"]) for state in states)

    def state(self, target: str) -> Any:
        source, destination = paths_of(target)
        return {"source": self._files.state(source), "target": self._files.state(destination)}

    def apply(self, effect: Effect) -> None:
        giver, taker = self.parts(effect)
        if giver.before is None:
            giver, taker = taker, giver
        gives, takes = self._files.state(giver.target), self._files.state(taker.target)
        if gives is None and takes == taker.after:
            return
        if gives != giver.before or takes not in (None, taker.after):
            raise changed(giver.target)
        _rename(giver.target, taker.target, giver.before, temporary_name(effect))

    def keep(self, effect: Effect) -> Effect:
        return effect

    def hindrance(self, effect: Effect) -> str:
        return ""

    def clear(self, effect: Effect) -> None:
        for path in paths_of(effect.target):
            clear_temporary(effect, path)

    def revert(self, effect: Effect) -> None:
        self.apply(effect.inverse())


def _rename(source: str, target: str, moved: State, temporary: str) -> None:
    with explained("move", source), reached(source) as old, reached(target) as new:
        try:
            new.replace_by(old)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            if stat.S_ISDIR(old.stat().st_mode):
                raise FileFailure(
                    f"could not move the folder {source}",
                    why="it would have to go to another disk",
                    hint=f"copy it there, then remove it: cp -a '{source}' '{target}'",
                ) from error
            copy_across(old, new, new.beside(temporary), moved)
            old.unlink()
        new.sync_folder()
        old.sync_folder()


def paths_of(target: str) -> tuple[str, str]:
    source, destination = cast(list[str], json.loads(target))
    return source, destination
