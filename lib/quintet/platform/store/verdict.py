"""What a full check of a journal finds: every byte read, every flaw named with its place."""

import contextlib
import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import cast

from quintet.platform.store import frames
from quintet.platform.store.frames import Frame, Kind, Point
from quintet.platform.store.segments import JournalDamaged, SegmentFolder


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a journal, small enough to be noted elsewhere and compared later."""

    seq: int
    digest: str


@dataclass(frozen=True, slots=True)
class Problem:
    """One flaw: which entry (0 when no single one is meant), in which file, and what it is."""

    seq: int
    file: str
    what: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """`notes` tell of what crashes left and was dealt with; `problems` of what must not be."""

    head: Head
    entries: int
    redacted: int
    problems: tuple[Problem, ...]
    notes: tuple[Problem, ...]

    @property
    def ok(self) -> bool:
        return not self.problems


def note_of(frame: Frame) -> dict[str, object]:
    """What the journal noted about itself; empty when the bytes are not such a note."""
    try:
        noted = json.loads(frame.payload or b"{}")
    except ValueError:
        return {}
    return cast("dict[str, object]", noted) if isinstance(noted, dict) else {}


def redacted_seqs(frame: Frame) -> set[int]:
    """The entries that a redaction's note names; it can only name what stands before it."""
    named = note_of(frame).get("redacted")
    if not isinstance(named, list):
        return set()
    seqs = cast("list[object]", named)
    return {seq for seq in seqs if isinstance(seq, int) and seq < frame.seq}


def examine(
    files: SegmentFolder,
    genesis: bytes,
    expected: Head | None,
    *,
    quiet: Callable[[], AbstractContextManager[None]],
) -> Verdict:
    """Check closed segments while others append, and the open one while nobody does (`quiet`)."""
    work = _Examination(files, Point(0, genesis, 0, 0), expected)
    for number in files.numbers()[:-1]:
        work.segment(number, is_last=False)
    with contextlib.ExitStack() as stack:
        if files.lock_path.exists():
            stack.enter_context(quiet())
        remaining = [n for n in files.numbers() if n > work.reached.segment]
        for number in remaining:
            work.segment(number, is_last=number == remaining[-1])
        work.finish()
    return work.verdict()


@dataclass(slots=True)
class _Examination:
    """The state of one full check: how far the chain was followed, and what was seen on the way."""

    files: SegmentFolder
    reached: Point
    expected: Head | None
    entries: int = 0
    gone: set[int] = field(default_factory=set[int])
    named: set[int] = field(default_factory=set[int])
    problems: list[Problem] = field(default_factory=list[Problem])
    notes: list[Problem] = field(default_factory=list[Problem])
    losses: list[Problem] = field(default_factory=list[Problem])
    seen_expected: bool = False

    def segment(self, number: int, *, is_last: bool) -> None:
        name = self.files.path(number).name
        try:
            start, data = self.files.load(number)
        except JournalDamaged as error:
            self._problem(self.reached.seq + 1, name, error.why)
            self.reached = replace(self.reached, segment=number)
            return
        if number != self.reached.segment + 1:
            self._problem(start.seq, name, f"segment {self.reached.segment + 1} is missing")
        elif (start.seq, start.digest) != (self.reached.seq, self.reached.digest):
            self._problem(start.seq + 1, name, "it does not follow the segment before it")
        self.reached = start
        while start and (start := self._stretch(start, data, is_last=is_last)):
            pass

    def _stretch(self, start: Point, data: bytes, *, is_last: bool) -> Point | None:
        """Follow the chain to the segment's end, or to a flaw: then tell where it goes on."""
        name = self.files.path(start.segment).name
        begun: list[Frame] = []
        try:
            for frame in frames.walk(data, start):
                begun.append(frame)
                if not frame.batch_goes_on:
                    self._batch(begun, start.segment)
                    begun = []
        except frames.Broken as flaw:
            return self._flaw(flaw, data, name, is_last=is_last)
        if begun:
            what = f"a batch of entries breaks off after {len(begun)}"
            self._cut_off(begun[0].seq, name, what, is_last=is_last)
        return None

    def _flaw(self, flaw: frames.Broken, data: bytes, name: str, *, is_last: bool) -> Point | None:
        self._cut_off(flaw.seq, name, f"byte {flaw.offset}: {flaw.reason}", is_last=is_last)
        following = next(frames.resync(data, flaw.offset + 1), None)
        return following.point(self.reached.segment) if following else None

    def _cut_off(self, seq: int, name: str, what: str, *, is_last: bool) -> None:
        acknowledged = self._head()
        if is_last and acknowledged and seq > acknowledged.seq:
            self.notes.append(Problem(seq, name, f"cut off by a crash before it counted: {what}"))
        else:
            self._problem(seq, name, what)

    def _batch(self, batch: list[Frame], number: int) -> None:
        for frame in batch:
            self._frame(frame, self.files.path(number).name)
        self.reached = batch[-1].point(number)

    def _frame(self, frame: Frame, name: str) -> None:
        if self.expected and frame.seq == self.expected.seq:
            self.seen_expected = frame.digest.hex() == self.expected.digest
        if frame.kind is Kind.DATA:
            self.entries += 1
            if frame.redacted:
                self.gone.add(frame.seq)
        elif frame.redacted:
            self._problem(frame.seq, name, "a note of the journal itself was taken out")
        elif frame.kind is Kind.REDACTION:
            self.named |= redacted_seqs(frame)
        else:
            self.losses.append(Problem(frame.seq, name, _loss(note_of(frame))))

    def finish(self) -> None:
        """What only the whole journal shows; nobody writes meanwhile."""
        self._compare_redactions()
        self._compare_head()
        known = self.expected.seq if self.expected and self.seen_expected else 0
        for loss in self.losses:
            (self.notes if loss.seq <= known else self.problems).append(loss)
        if self.expected and self.expected.seq and not self.seen_expected:
            what = f"the chain does not run through the noted head of entry {self.expected.seq}"
            self._problem(self.expected.seq, self.files.name, what)
        for path in self.files.torn_files():
            what = f"{path.stat().st_size} bytes of an unfinished write were set aside here"
            self.notes.append(Problem(0, path.name, what))

    def _compare_redactions(self) -> None:
        for seq in sorted(self.gone - self.named):
            self._problem(seq, self.files.name, "its payload was taken out without a redaction")
        # Closed segments were read before this moment: one may have been rewritten since.
        for seq in sorted(self.named - self.gone):
            if self._payload_is_there(seq):
                self._problem(seq, self.files.name, "its redaction was begun and not finished")

    def _payload_is_there(self, seq: int) -> bool:
        # Where the way to it is damaged, that was told already.
        with contextlib.suppress(frames.Broken, JournalDamaged):
            numbers = [n for n in self.files.numbers() if self.files.start_of(n).seq < seq]
            for start, data in map(self.files.load, numbers[-1:]):
                return any(f.seq == seq and not f.redacted for f in frames.walk(data, start))
        return False

    def _compare_head(self) -> None:
        name = self.files.head_path.name
        try:
            head = self.files.head()
        except JournalDamaged as error:
            self._problem(0, name, error.why)
            return
        if head is None and self.reached.seq:
            self._problem(0, name, "it is missing")
        elif head and head.seq > self.reached.seq:
            first = self.reached.seq + 1
            self._problem(first, name, f"the entries {first} to {head.seq} are missing at the end")
        elif head and head.seq == self.reached.seq and head.digest != self.reached.digest:
            self._problem(head.seq, name, "it names another last entry")

    def _head(self) -> Point | None:
        with contextlib.suppress(JournalDamaged):
            return self.files.head()
        return None

    def _problem(self, seq: int, file: str, what: str) -> None:
        self.problems.append(Problem(seq, file, what))

    def verdict(self) -> Verdict:
        return Verdict(
            head=Head(self.reached.seq, self.reached.digest.hex()),
            entries=self.entries,
            redacted=len(self.gone),
            problems=tuple(self.problems),
            notes=tuple(self.notes),
        )


def _loss(note: dict[str, object]) -> str:
    if "head" in note:
        return f"the head file was {note['head']} before this entry was written"
    return f"the entries {note.get('lost_from')} to {note.get('lost_through')} were lost"
