"""Whatever is done to a keyset, in whatever order, no data key changes that was not rotated."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from quintet.platform.keys.document import Slot
from quintet.platform.keys.keyset import LastSlot
from quintet.platform.keys.slots.keyfile import KeyFile
from quintet.platform.rng import SystemRng
from support.keyhome import KeyHome

GROUPS = st.sampled_from(["code", "life", "ops"])


class KeysetMachine(RuleBasedStateMachine):
    """Two long-lived processes and fresh ones work on the same file."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        root = Path(self._folder.name)
        self.home = KeyHome(root)
        self.processes = [self.home.keyset(), self.home.keyset()]
        self.expected: dict[str, list[bytes]] = {}
        self.limited: list[tuple[Path, set[str]]] = []
        self.others: list[Slot] = []
        self.made = 0

    def teardown(self) -> None:
        self._folder.cleanup()

    @rule(group=GROUPS, process=st.integers(0, 1))
    def ensure(self, group: str, process: int) -> None:
        self.processes[process].ensure(group)
        key = self.home.keyset().data_key(group)
        self.expected.setdefault(group, [key])

    @precondition(lambda self: self.expected)
    @rule(data=st.data(), process=st.integers(0, 1))
    def begin(self, data: st.DataObject, process: int) -> None:
        group = data.draw(st.sampled_from(sorted(self.expected)))
        key = self.processes[process].begin_rotation(group)
        if len(self.expected[group]) == 1:
            assert key != self.expected[group][0]
            self.expected[group].append(key)
        assert key == self.expected[group][1]

    @precondition(lambda self: self.expected)
    @rule(data=st.data(), process=st.integers(0, 1), is_finished=st.booleans())
    def end(self, data: st.DataObject, process: int, is_finished: bool) -> None:
        group = data.draw(st.sampled_from(sorted(self.expected)))
        keyset = self.processes[process]
        (keyset.finish_rotation if is_finished else keyset.cancel_rotation)(group)
        self.expected[group] = self.expected[group][-1 if is_finished else 0 :][:1]

    @precondition(lambda self: self.expected)
    @rule(process=st.integers(0, 1))
    def rotate_master(self, process: int) -> None:
        self.processes[process].rotate_master()

    @precondition(lambda self: self.expected)
    @rule(data=st.data(), process=st.integers(0, 1))
    def add_slot(self, data: st.DataObject, process: int) -> None:
        groups = data.draw(st.sets(st.sampled_from(sorted(self.expected))))
        self.made += 1
        path = self.home.paths.config_dir / f"{self.made}.key"
        slot = self.processes[process].add_slot(KeyFile(path, SystemRng()), groups=groups)
        self.others.append(slot)
        self.limited.append((path, groups or set(GROUPS_ALL)))

    @precondition(lambda self: self.others)
    @rule(data=st.data(), process=st.integers(0, 1))
    def remove_slot(self, data: st.DataObject, process: int) -> None:
        at = data.draw(st.integers(0, len(self.others) - 1))
        self.processes[process].remove_slot(self.others.pop(at).id)
        path, _ = self.limited.pop(at)
        assert not path.exists()

    @precondition(lambda self: self.expected)
    @rule()
    def the_first_slot_stays_while_it_is_the_last(self) -> None:
        keyset = self.home.keyset()
        if all(slot.groups for slot in self.others):
            with pytest.raises(LastSlot):
                keyset.remove_slot(keyset.slot("made on first use").id)

    @invariant()
    def every_process_sees_the_right_keys(self) -> None:
        for keyset in (*self.processes, self.home.keyset()):
            for group, keys in self.expected.items():
                assert keyset.candidates(group) == keys

    @invariant()
    def every_key_file_opens_what_it_should(self) -> None:
        for path, groups in self.limited:
            keyset = self.home.keyset(env={"AI_KEY_FILE": str(path)})
            for group in groups & set(self.expected):
                assert keyset.candidates(group) == self.expected[group]


GROUPS_ALL = ("code", "life", "ops")
KeysetMachine.TestCase.settings = settings(max_examples=12, stateful_step_count=15, deadline=None)
TestKeyset = pytest.mark.demand("KEY-5")(KeysetMachine.TestCase)
