"""Plans on disk: found by prefix, whole or named as damaged, taken down once by one of many."""

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from quintet.errors import Kind, QuintetError
from quintet.platform.clock import FakeClock
from quintet.platform.crypto import Tampered
from quintet.platform.files import FileFailure
from quintet.platform.keys.port import NoKeys
from quintet.platform.policy.plan import Plan
from quintet.platform.policy.shelf import (
    PlanAmbiguous,
    PlanDamaged,
    PlanTaken,
    PlanUnknown,
    Shelf,
)
from support.consent import a_plan

DAY = timedelta(hours=24)


class OneKey(NoKeys):
    """Every group is encrypted with the same key."""

    def __init__(self, *keys: bytes) -> None:
        self.keys = list(keys)

    def is_sealed(self, group: str) -> bool:
        return True

    def data_key(self, group: str) -> bytes:
        return self.keys[0]

    def candidates(self, group: str) -> list[bytes]:
        return self.keys


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "plans", FakeClock(), DAY)


def test_a_plan_comes_back_as_it_was_put(shelf: Shelf) -> None:
    plan = a_plan(**{"näme\udcff": ({"a": [1, None]}, "\x1b[2J")})
    shelf.put(plan)
    assert shelf.find(plan.id[:4]).plan == plan


def test_a_plan_is_private_to_its_owner(shelf: Shelf) -> None:
    plan = shelf.put(a_plan()).plan
    assert shelf.directory.stat().st_mode & 0o777 == 0o700
    assert (shelf.directory / f"{plan.id}.json").stat().st_mode & 0o777 == 0o600


def test_an_unknown_id_points_to_the_list(shelf: Shelf) -> None:
    for prefix in ("", "ffff", "../../etc/passwd", "\x00"):
        with pytest.raises(PlanUnknown) as caught:
            shelf.find(prefix)
        assert caught.value.hint == "ai plans"


def test_a_prefix_of_several_plans_is_ambiguous(shelf: Shelf) -> None:
    plans = [shelf.put(a_plan(lamp=(None, n))).plan for n in range(17)]
    first = {plan.id[0] for plan in plans}
    shared = next(c for c in first if sum(plan.id[0] == c for plan in plans) > 1)
    with pytest.raises(PlanAmbiguous):
        shelf.find(shared)


def test_the_newest_plan_is_listed_first(shelf: Shelf) -> None:
    clock = shelf.clock
    assert isinstance(clock, FakeClock)
    for number in range(3):
        clock.advance(60)
        shelf.put(a_plan(lamp=(None, number)))
    assert [s.plan.effects[0].after for s in shelf.plans()] == [2, 1, 0]


def test_a_plan_long_expired_is_forgotten_when_another_is_put(shelf: Shelf) -> None:
    clock = shelf.clock
    assert isinstance(clock, FakeClock)
    old = shelf.put(a_plan()).plan
    clock.advance(2 * DAY.total_seconds())
    shelf.put(a_plan(lamp=(None, "new")))
    with pytest.raises(PlanUnknown):
        shelf.find(old.id)


@pytest.mark.demand("CONSENT-5")
@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{",
        b"\xff\xfe\x00",
        b"[]",
        b"null",
        b"5",
        b"[" * 100_000,
        b'{"plan": {}}',
        b'{"plan": {"effects": 5}, "made_at": 1}',
    ],
)
def test_a_damaged_plan_is_named_and_never_applied(shelf: Shelf, damage: bytes) -> None:
    plan = shelf.put(a_plan()).plan
    (shelf.directory / f"{plan.id}.json").write_bytes(damage)
    with pytest.raises(PlanDamaged) as caught:
        shelf.find(plan.id)
    assert caught.value.kind is Kind.INTEGRITY
    assert shelf.plans() == []


@pytest.mark.demand("CONSENT-5")
def test_a_plan_edited_on_disk_is_no_longer_the_plan_of_its_id(shelf: Shelf) -> None:
    plan = shelf.put(a_plan()).plan
    path = shelf.directory / f"{plan.id}.json"
    document = json.loads(path.read_text())
    document["plan"]["effects"][0]["after"] = "to the attacker"
    path.write_text(json.dumps(document))
    with pytest.raises(PlanDamaged, match="cannot be trusted"):
        shelf.find(plan.id)


def test_every_single_changed_byte_is_caught_or_changes_nothing(shelf: Shelf) -> None:
    plan = shelf.put(a_plan()).plan
    path = shelf.directory / f"{plan.id}.json"
    good = path.read_bytes()
    for index in range(len(good)):
        path.write_bytes(good[:index] + bytes([good[index] ^ 1]) + good[index + 1 :])
        try:
            assert shelf.find(plan.id).plan == plan
        except QuintetError as error:
            assert error.kind is Kind.INTEGRITY


def test_a_truncated_plan_is_always_named(shelf: Shelf) -> None:
    plan = shelf.put(a_plan()).plan
    path = shelf.directory / f"{plan.id}.json"
    good = path.read_bytes()
    for length in range(len(good)):
        path.write_bytes(good[:length])
        with pytest.raises(PlanDamaged):
            shelf.find(plan.id)


def test_a_plan_is_taken_down_once_and_keeps_who_approved_it(shelf: Shelf) -> None:
    plan = shelf.put(a_plan()).plan
    shelf.take(plan, {"by": "ines"})
    assert shelf.find(plan.id).is_applied
    assert b'"by":"ines"' in (shelf.directory / f"{plan.id}.applied.json").read_bytes()
    with pytest.raises(PlanTaken):
        shelf.take(plan, {"by": "ines"})


def test_the_same_plan_may_be_put_and_applied_again_later(shelf: Shelf) -> None:
    plan = shelf.put(a_plan()).plan
    shelf.take(plan, {})
    assert shelf.put(plan).is_applied is False
    assert not shelf.find(plan.id).is_applied
    shelf.take(plan, {})


@pytest.mark.demand("CONSENT-3")
def test_of_many_processes_that_take_one_plan_exactly_one_succeeds(shelf: Shelf) -> None:
    plan = shelf.put(a_plan()).plan
    code = (
        "import sys; from datetime import timedelta; from pathlib import Path\n"
        "from quintet.platform.clock import SystemClock, FakeClock\n"
        "from quintet.platform.policy.shelf import Shelf, PlanTaken\n"
        "shelf = Shelf(Path(sys.argv[1]), FakeClock(), timedelta(1))\n"
        "plan = shelf.find(sys.argv[2]).plan; print('ready', flush=True); sys.stdin.readline()\n"
        "try: shelf.take(plan, {}); print('took it')\n"
        "except PlanTaken: print('too late')\n"
    )
    command = [sys.executable, "-c", code, str(shelf.directory), plan.id]
    env = {"PYTHONPATH": ":".join(sys.path)}
    runs = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env)
        for _ in range(4)
    ]
    for run in runs:
        assert run.stdout and run.stdout.readline() == "ready\n"
    answers = sorted(run.communicate("\n")[0] for run in runs)
    assert answers == ["too late\n"] * 3 + ["took it\n"]


@pytest.mark.demand("CONSENT-6")
def test_a_plan_of_an_encrypted_group_leaves_no_plain_word_on_disk(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "plans", FakeClock(), DAY, OneKey(b"k" * 32))
    plan = shelf.put(a_plan(secret_name=("MARKER-1", "MARKER-2"))).plan
    for path in shelf.directory.iterdir():
        assert b"MARKER" not in path.read_bytes()
        assert b"secret_name" not in path.read_bytes()
    assert shelf.find(plan.id).plan == plan
    shelf.take(plan, {"by": "ines"})
    assert shelf.find(plan.id).plan == plan


def test_a_rotated_key_still_opens_a_plan_and_a_wrong_one_says_so(tmp_path: Path) -> None:
    old, new = b"o" * 32, b"n" * 32
    plan = Shelf(tmp_path, FakeClock(), DAY, OneKey(old)).put(a_plan()).plan
    assert Shelf(tmp_path, FakeClock(), DAY, OneKey(new, old)).find(plan.id).plan == plan
    with pytest.raises(Tampered):
        Shelf(tmp_path, FakeClock(), DAY, OneKey(new)).find(plan.id)


def test_a_shelf_that_is_a_file_is_said_in_plain_words(tmp_path: Path) -> None:
    (tmp_path / "plans").write_text("not a folder")
    with pytest.raises(FileFailure):
        Shelf(tmp_path / "plans", FakeClock(), DAY).put(a_plan())
    with pytest.raises(FileFailure):
        Shelf(tmp_path / "plans", FakeClock(), DAY).plans()


def test_an_empty_shelf_has_no_plans(shelf: Shelf) -> None:
    assert shelf.plans() == []
    assert not shelf.holds(Plan("g", "v", "s", ()))


@pytest.mark.demand("CONSENT-5")
def test_a_number_beyond_all_numbers_makes_a_plan_damaged(shelf: Shelf) -> None:
    plan = shelf.put(a_plan(lamp=(None, "new"))).plan
    path = shelf.directory / f"{plan.id}.json"
    path.write_bytes(path.read_bytes().replace(b'"before":null', b'"before":1e999'))
    with pytest.raises(PlanDamaged):
        shelf.find(plan.id)
