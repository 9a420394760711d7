"""Whatever is written, appended, rolled back, vacuumed or restored: a store is a dictionary."""

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from quintet.platform.store.rotation import rekey
from quintet.platform.store.upkeep import Upkeep
from support.stores import FixedKeys, people

IDS = st.sampled_from("abcdef")
AGES = st.integers(0, 99)


class Rollback(Exception):
    """Ends a transaction without committing it."""


class StoreMachine(RuleBasedStateMachine):
    """Compares a store with a dictionary from ids to ages."""

    @initialize(sealed=st.booleans())
    def begin(self, sealed: bool) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.keys = FixedKeys() if sealed else None
        self.expected: dict[str, int] = {}
        self.backup: tuple[Path, dict[str, int]] | None = None
        self.reopen()

    @rule()
    def reopen(self) -> None:
        self.store = people(self.folder, keys=self.keys)

    @rule(row_id=IDS, age=AGES)
    def append(self, row_id: str, age: int) -> None:
        self.store.append("person", {"id": row_id, "name": row_id, "age": age})
        self.expected.setdefault(row_id, age)

    @rule(row_id=IDS, age=AGES, committed=st.booleans())
    def write(self, row_id: str, age: int, committed: bool) -> None:
        try:
            with self.store.write("testing") as connection:
                sql = "INSERT OR REPLACE INTO person (id, name, age) VALUES (?, ?, ?)"
                connection.execute(sql, [row_id, row_id, age])
                if not committed:
                    raise Rollback
            self.expected[row_id] = age
        except Rollback:
            pass

    @rule(row_id=IDS)
    def delete(self, row_id: str) -> None:
        with self.store.write("deleting") as connection:
            connection.execute("DELETE FROM person WHERE id = ?", [row_id])
        self.expected.pop(row_id, None)

    @precondition(lambda self: self.expected)
    @rule()
    def vacuum(self) -> None:
        Upkeep(self.store).vacuum()

    @precondition(lambda self: self.expected)
    @rule()
    def back_up(self) -> None:
        self.backup = (Upkeep(self.store).back_up().path, dict(self.expected))

    @precondition(lambda self: self.backup)
    @rule()
    def restore(self) -> None:
        assert self.backup
        Upkeep(self.store).restore(self.backup[0])
        self.expected = dict(self.backup[1])

    @precondition(lambda self: self.keys)
    @rule()
    def rotate(self) -> None:
        assert self.keys
        rekey(self.store, self.keys)

    @invariant()
    def it_reads_as_expected(self) -> None:
        if hasattr(self, "store"):
            with self.store.read() as connection:
                rows = connection.rows("SELECT id, age FROM person")
            assert {row["id"]: row["age"] for row in rows} == self.expected

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            shutil.rmtree(self.folder)


StoreMachine.TestCase.settings = settings(max_examples=12, stateful_step_count=12, deadline=None)
TestStore = pytest.mark.slow(StoreMachine.TestCase)
