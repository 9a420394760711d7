"""Is the record whole? The chain says that nothing was changed; this says that it makes sense."""

from collections.abc import Iterator
from dataclasses import dataclass

from quintet.errors import UsageError
from quintet.platform.record.history import effect_from
from quintet.platform.record.lines import BadLine, Line, LineKind
from quintet.platform.record.record import Record
from quintet.platform.store.segments import JournalDamaged
from quintet.platform.store.verdict import Head

_ENDS = (LineKind.DONE, LineKind.FAILED)
_ABOUT_OTHERS = (LineKind.UNDONE, LineKind.EXPIRED)
# What may follow the end of an action: undoing that was cut off goes on under its old name.
_RESUMED = (LineKind.INTENT, LineKind.APPLIED, LineKind.REASON, *_ENDS)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it must be, and where."""

    seq: int
    what: str


@dataclass(frozen=True, slots=True)
class Verification:
    """The result of a full check. `anchor` is what to note down outside, for the next time."""

    entries: int
    redacted: int
    actions: int
    anchor: str
    problems: tuple[Finding, ...]
    notes: tuple[Finding, ...]

    @property
    def is_whole(self) -> bool:
        return not self.problems


@dataclass(slots=True)
class _Life:
    """What was read of one action."""

    intents: int = 0
    has_ended: bool = False
    is_undoing: bool = False


def anchor_of(record: Record) -> str:
    """The end of the record, short enough to be written on paper."""
    head = record.journal.head()
    return f"{head.seq}:{head.digest}"


def verify(record: Record, anchor: str = "") -> Verification:
    """Check every byte, every step of every action, and that the record runs through `anchor`."""
    verdict = record.journal.verify(_head_from(anchor) if anchor else None)
    problems = [Finding(p.seq, f"{p.file}: {p.what}") for p in verdict.problems]
    notes = [Finding(n.seq, f"{n.file}: {n.what}") for n in verdict.notes]
    check = _Check(is_complete=verdict.redacted == 0)
    if verdict.ok:
        problems += check.run(record)
        if not record.index.rebuild():
            notes.append(Finding(0, "the index said something else; it was built anew"))
    return Verification(
        entries=verdict.entries,
        redacted=verdict.redacted,
        actions=len(check.lives),
        anchor=f"{verdict.head.seq}:{verdict.head.digest}",
        problems=tuple(problems),
        notes=tuple(notes),
    )


class _Check:
    """Follows every action. After a redaction, steps may rightly miss the ones before them."""

    def __init__(self, *, is_complete: bool) -> None:
        self._is_complete = is_complete
        self.lives: dict[str, _Life] = {}

    def run(self, record: Record) -> Iterator[Finding]:
        try:
            for entry in record.journal.scan():
                if entry.payload is None:
                    continue
                try:
                    line = record.codec.decode(entry.payload)
                    for what in self._problems(line):
                        yield Finding(entry.seq, what)
                except (BadLine, KeyError, TypeError, ValueError) as error:
                    yield Finding(entry.seq, f"not a line of the record: {error}")
        except JournalDamaged as error:
            yield Finding(0, str(error))

    def _problems(self, line: Line) -> Iterator[str]:
        life = self.lives.get(line.id)
        if line.kind is LineKind.BEGUN:
            if life:
                yield f"action {line.id} begins twice"
            self.lives[line.id] = _Life(is_undoing="undoes" in line.links)
            return
        if life is None and not self._is_complete:
            life = self.lives[line.id] = _Life()
        if life is None:
            yield f"'{line.kind}' of action {line.id}, which never began"
            return
        if line.kind in _ABOUT_OTHERS:
            by = line.links.get("by")
            if line.kind is LineKind.UNDONE and by not in self.lives and self._is_complete:
                yield f"action {line.id} was undone by one that never began"
            return
        if life.has_ended and not (life.is_undoing and line.kind in _RESUMED):
            yield f"'{line.kind}' of action {line.id} after its end"
        yield from self._steps(line, life)

    def _steps(self, line: Line, life: _Life) -> Iterator[str]:
        if line.kind in _ENDS:
            life.has_ended = True
        elif line.body is None:
            return
        elif line.kind is LineKind.INTENT:
            effect_from(line.body["effect"])
            life.intents += 1
        elif line.kind is LineKind.APPLIED:
            for number in line.body["effects"]:
                if number >= life.intents and self._is_complete:
                    yield f"effect {number} of action {line.id} was applied and never intended"


def _head_from(anchor: str) -> Head:
    seq, _, digest = anchor.strip().partition(":")
    if not seq.isdecimal() or len(digest) != 64 or digest.strip("0123456789abcdef"):
        raise UsageError(
            f"not an anchor: {anchor!r}",
            why="it has the form SEQ:DIGEST",
            hint="ai log anchor prints the one of today",
        )
    return Head(int(seq), digest)
