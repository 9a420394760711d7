"""Whatever is appended, cut off, redacted and reopened in whatever order: a journal is a list."""

import os
import shutil
import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from quintet.platform.store import frames
from quintet.platform.store.journal import Journal
from quintet.platform.store.verdict import Head

PAYLOADS = st.binary(max_size=40)


def frame_size_bytes(payload: bytes) -> int:
    return frames.FRAME_OVERHEAD_BYTES + frames.SALT_BYTES + len(payload)


class JournalMachine(RuleBasedStateMachine):
    """Compares a journal with a dictionary from numbers to payloads."""

    @initialize(limit=st.sampled_from([200, 500, 1 << 20]))
    def begin(self, limit: int) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.limit = limit
        self.expected: dict[int, bytes | None] = {}
        self.noted: list[Head] = []
        self.reopen()

    @rule()
    def reopen(self) -> None:
        self.journal = Journal(self.folder, "log", segment_limit_bytes=self.limit)

    @rule(payloads=st.lists(PAYLOADS, min_size=1, max_size=4))
    def append(self, payloads: list[bytes]) -> None:
        for entry, payload in zip(self.journal.append_all(payloads), payloads, strict=True):
            self.expected[entry.seq] = payload
        self.noted.append(self.journal.head())

    @precondition(lambda self: self.expected)
    @rule(data=st.data())
    def redact(self, data: st.DataObject) -> None:
        seqs = data.draw(st.sets(st.sampled_from(sorted(self.expected)), min_size=1, max_size=3))
        self.journal.redact(seqs)
        self.expected.update(dict.fromkeys(seqs))

    @rule()
    def seal(self) -> None:
        if self.expected:
            self.journal.seal()

    @precondition(lambda self: self.expected)
    @rule(payloads=st.lists(PAYLOADS, min_size=1, max_size=3), data=st.data())
    def crash_before_it_counts(self, payloads: list[bytes], data: st.DataObject) -> None:
        """A batch that was written in part, or as a whole but not yet acknowledged."""
        head = (self.folder / "log.head").read_bytes()
        entries = self.journal.append_all(payloads)
        last = max(self.folder.glob("log.*.journal"))
        (self.folder / "log.head").write_bytes(head)
        end = last.stat().st_size
        start = end - sum(map(frame_size_bytes, payloads))
        cut = data.draw(st.integers(start, end))
        os.truncate(last, cut)
        if cut == end:
            self.expected.update(zip((e.seq for e in entries), payloads, strict=True))

    @invariant()
    def it_reads_as_expected(self) -> None:
        if hasattr(self, "journal"):
            assert {e.seq: e.payload for e in self.journal.scan()} == self.expected
            verdict = self.journal.verify(self.noted[-1] if self.noted else None)
            assert verdict.ok, verdict.problems

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            shutil.rmtree(self.folder)


JournalMachine.TestCase.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
TestJournal = JournalMachine.TestCase
