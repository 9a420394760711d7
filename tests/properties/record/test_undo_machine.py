"""Whatever is done and undone in whatever order, undoing what is left gives the start again."""

import shutil
import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from quintet.errors import QuintetError
from quintet.platform.record.event import Event, Outcome
from quintet.platform.record.reading import Query
from quintet.platform.record.undo import Undo, UndoConflict
from quintet.platform.record.verify import verify
from support.histories import record_at, tree_of

NAMES = st.sampled_from(["a", "b", "d", "d/x", "d/y", "e/f/g", "caf\udce9"])
CONTENT = st.sampled_from([b"", b"1", b"2", b"x" * 5000])


class UndoMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="undo-machine-"))
        self.work = self.folder / "work"
        self.work.mkdir()
        (self.work / "b").write_bytes(b"from before")
        (self.work / "d").mkdir(mode=0o750)
        (self.work / "link").symlink_to("b")
        self.record = record_at(self.folder / "record")
        self.start = tree_of(self.work)
        self.before: dict[str, dict[str, tuple[str, int, bytes]]] = {}

    def teardown(self) -> None:
        self.undo(self.standing())
        assert tree_of(self.work) == self.start
        assert verify(self.record).is_whole
        shutil.rmtree(self.folder)

    def standing(self) -> list[Event]:
        found = self.record.history().standing()
        return [event for event in found if event.effects and not event.undoes]

    def undo(self, events: list[Event], *, cascade: bool = False) -> list[str]:
        work = Undo(self.record)
        return [done.by for done in work.apply(work.plan(events, cascade=cascade))]

    def check_before(self, event: Event) -> None:
        """Snapshots are of a world from which nothing in the middle was taken out."""
        if event.id in self.before:
            assert tree_of(self.work) == self.before[event.id]

    @rule(names=st.lists(NAMES, min_size=1, max_size=3), content=CONTENT, fails=st.booleans())
    def write(self, names: list[str], content: bytes, fails: bool) -> None:
        before = tree_of(self.work)
        try:
            with self.record.action("code", "write", "x") as action:
                for name in names:
                    action.write_file(self.work / name, content)
                if fails:
                    raise QuintetError("planned")
        except QuintetError:
            pass
        self.before[action.id] = before

    @rule(name=NAMES)
    def delete(self, name: str) -> None:
        before = tree_of(self.work)
        try:
            with self.record.action("code", "delete", "x") as action:
                action.delete_file(self.work / name)
        except QuintetError:
            pass
        self.before[action.id] = before

    @rule(source=NAMES, goal=NAMES)
    def move(self, source: str, goal: str) -> None:
        before = tree_of(self.work)
        try:
            with self.record.action("video", "move", "x") as action:
                action.move_file(self.work / source, self.work / goal)
        except QuintetError:
            pass
        self.before[action.id] = before

    @precondition(lambda self: self.standing())
    @rule()
    def undo_and_redo_the_last(self) -> None:
        last = self.standing()[-1]
        after = tree_of(self.work)
        (by,) = self.undo([last])
        self.check_before(last)
        self.undo([self.record.resolve(by)])
        assert tree_of(self.work) == after

    @precondition(lambda self: self.standing())
    @rule()
    def undo_the_last(self) -> None:
        last = self.standing()[-1]
        self.undo([last])
        self.check_before(last)

    @precondition(lambda self: self.standing())
    @rule(pick=st.integers(0, 99))
    def undo_any_with_what_builds_on_it(self, pick: int) -> None:
        event = self.standing()[pick % len(self.standing())]
        self.undo([event], cascade=True)
        assert self.record.resolve(event.id).outcome is Outcome.UNDONE
        self.before.clear()

    @precondition(lambda self: self.standing())
    @rule(pick=st.integers(0, 99))
    def undo_any_or_touch_nothing(self, pick: int) -> None:
        before = tree_of(self.work)
        event = self.standing()[pick % len(self.standing())]
        try:
            self.undo([event])
        except UndoConflict:
            assert tree_of(self.work) == before
        else:
            self.before.clear()

    @invariant()
    def the_index_tells_what_the_journal_tells(self) -> None:
        listed = self.record.events(Query(limit=None))
        assert listed == self.record.history().events()[::-1]


TestUndoMachine = UndoMachine.TestCase
TestUndoMachine.settings = settings(max_examples=15, stateful_step_count=15, deadline=None)
