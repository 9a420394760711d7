"""Documents that enter an index or leave it, as effects that are recorded and taken back.

A state is what the index knows of a path: the digest of the file as it was taken in, and the source
under which it was found; None where it knows nothing.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from quintet.errors import QuintetError
from quintet.platform.files import read_bytes
from quintet.platform.record.effects.port import WorldChanged
from quintet.platform.record.event import Effect, Reversal
from quintet.retrieval.index import Entry
from quintet.retrieval.intake import Intake, Wanted
from quintet.retrieval.names import path_of

KIND = "indexed"
_AT_ONCE = 200


def target_of(group: str, path: str) -> str:
    return f"{group}:{path}"


def state_of(entry: Entry | None) -> dict[str, str] | None:
    return {"digest": entry.digest, "source": entry.source} if entry else None


def taking_in(group: str, path: str, before: Entry | None, digest: str, source: str) -> Effect:
    """A file that is new, or has changed: then the old text is gone with the old file."""
    reversal = Reversal.COMPENSABLE if before else Reversal.REVERSIBLE
    note = "undo forgets it; the text before is not kept" if before else ""
    after = {"digest": digest, "source": source}
    return Effect(KIND, target_of(group, path), state_of(before), after, reversal, note)


def forgetting(group: str, entry: Entry) -> Effect:
    """Undo takes the file in again, if it still is what it was."""
    note = "undo takes the file in again, if it has not changed"
    target = target_of(group, entry.path)
    return Effect(KIND, target, state_of(entry), None, Reversal.COMPENSABLE, note)


class DocumentEffects:
    """Changes of the indexes of all groups, many documents in one transaction."""

    kind = KIND

    def __init__(self, intake_of: Callable[[str], Intake]) -> None:
        self._intake_of = intake_of

    def state(self, target: str) -> Any:
        return self.states([target])[target]

    def states(self, targets: Sequence[str]) -> Mapping[str, Any]:
        found: dict[str, Any] = {}
        for group, paths in _by_group(targets).items():
            known = self._intake_of(group).known(paths)
            found |= {target_of(group, path): state_of(known.get(path)) for path in paths}
        return found

    def apply(self, effect: Effect) -> None:
        self.apply_all([effect])

    def revert(self, effect: Effect) -> None:
        self.revert_all([effect])

    def apply_all(self, effects: Sequence[Effect]) -> None:
        self._carry_out(effects, {effect.target: effect.after for effect in effects})

    def revert_all(self, effects: Sequence[Effect]) -> None:
        """What was there before is taken in again where the file still is that; else forgotten."""
        self._carry_out(effects, {effect.target: _again(effect) for effect in effects})

    def _carry_out(self, effects: Sequence[Effect], wanted: Mapping[str, Any]) -> None:
        for group, paths in _by_group([effect.target for effect in effects]).items():
            intake = self._intake_of(group)
            for start in range(0, len(paths), _AT_ONCE):
                some = paths[start : start + _AT_ONCE]
                _change(intake, {path: wanted[target_of(group, path)] for path in some})
            # What was forgotten must not lie on the disk any longer than the record says so.
            if any(effect.before or not wanted[effect.target] for effect in effects):
                erase_rests(intake)


def erase_rests(intake: Intake) -> bool:
    """Whether there was something to erase: also what a killed process could not any more."""
    with intake.index.reading() as reader:
        has_rests = reader.has_rests()
    if has_rests:
        intake.index.erase()
    return has_rests


def _change(intake: Intake, wanted: Mapping[str, Any]) -> None:
    """Leaves alone what is as it should be already: another process may have been faster."""
    known = intake.known(wanted)
    due = {path: state for path, state in wanted.items() if state_of(known.get(path)) != state}
    if due:
        new = [
            Wanted(path, state["digest"], state["source"]) for path, state in due.items() if state
        ]
        intake.change(sorted(due), new)


def _again(effect: Effect) -> Any:
    before = effect.before
    if not before or _has(effect.target.partition(":")[2], before["digest"]):
        return before
    if effect.after is None:
        raise WorldChanged(
            "a document cannot be taken in again",
            why="its file is gone or has changed since",
            hint="ai edge index PATH takes in what is there now",
        )
    return None


def _has(path: str, digest: str) -> bool:
    try:
        return sha256(read_bytes(Path(path_of(path)))).hexdigest() == digest
    except QuintetError:
        return False


def _by_group(targets: Sequence[str]) -> dict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for group, _, path in _split(targets):
        found[group].append(path)
    return found


def _split(targets: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    return (target.partition(":") for target in targets)
