"""The state file under kills, cuts, forks, garbage and refusals of the system."""

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from quintet.errors import Kind, QuintetError
from quintet.platform.budget.amount import Amount
from quintet.platform.budget.budget import Budget
from quintet.platform.budget.limits import limits_of
from quintet.platform.budget.refusal import BudgetSpent
from quintet.platform.budget.settings import BudgetSettings
from quintet.platform.budget.statefile import (
    SLOT_BYTES,
    SLOTS,
    BudgetBusy,
    BudgetCorrupt,
    StateFile,
)
from support.budgets import BudgetHome

ONE = Amount(tokens=1)


@pytest.fixture
def home(tmp_path: Path) -> BudgetHome:
    return BudgetHome(tmp_path)


def start(path: Path, body: str) -> subprocess.Popen[str]:
    """A real process with a budget of 1,000 tokens a day."""
    script = f"""
import os, sys, time
from pathlib import Path
from quintet.platform.budget.amount import Amount
from quintet.platform.budget.budget import Budget
from quintet.platform.budget.limits import limits_of
from quintet.platform.budget.refusal import BudgetSpent
from quintet.platform.budget.settings import BudgetSettings
budget = Budget(Path({str(path)!r}), limits_of(BudgetSettings(day_tokens=1000)),
                lease=os.environ.get("AI_BUDGET_LEASE", ""))
{textwrap.dedent(body)}
"""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    return subprocess.Popen(
        [sys.executable, "-c", script], env=env, stdout=subprocess.PIPE, text=True
    )


def real(path: Path, **limits: int) -> Budget:
    return Budget(path, limits_of(BudgetSettings(**limits)))  # type: ignore[arg-type]


def spent(budget: Budget) -> int:
    return next(use.spent.tokens for use in budget.standing().uses if use.account == "day")


def test_the_file_is_private_and_of_fixed_size(home: BudgetHome) -> None:
    budget = home.budget()
    for _ in range(50):
        budget.reserve(ONE, group="life").settle(ONE)
    status = home.path.stat()
    assert (status.st_mode & 0o777, status.st_size) == (0o600, SLOTS * SLOT_BYTES)
    assert home.path.parent.stat().st_mode & 0o777 == 0o700
    assert [item.name for item in home.path.parent.iterdir()] == [home.path.name]


@pytest.mark.demand("BUDGET-4")
def test_a_killed_process_is_charged_what_it_held(home: BudgetHome) -> None:
    process = start(
        home.path,
        """
        reservation = budget.reserve(Amount(tokens=700), group="life")
        print("held", flush=True)
        time.sleep(60)
        """,
    )
    assert process.stdout and process.stdout.readline()
    budget = real(home.path, day_tokens=1000)
    with pytest.raises(BudgetSpent):
        budget.reserve(Amount(tokens=301), group="ops")
    assert spent(budget) == 0
    process.send_signal(signal.SIGKILL)
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    # Not even collected by its parent yet, and dead all the same.
    assert spent(budget) == 700
    assert [charge.group for charge in budget.standing().lost] == ["life"]
    process.wait()


@pytest.mark.demand("BUDGET-6")
def test_a_child_process_spends_from_the_lease_in_its_environment(
    home: BudgetHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    budget = real(home.path, day_tokens=1000)
    with budget.lease(Amount(tokens=100), group="ops") as lease:
        for name, value in lease.environment.items():
            monkeypatch.setenv(name, value)
        child = start(
            home.path,
            """
            budget.reserve(Amount(tokens=60), group="life").settle(Amount(tokens=50))
            try:
                budget.reserve(Amount(tokens=51), group="life")
            except BudgetSpent as error:
                print(error)
            """,
        )
        said, _ = child.communicate(timeout=60)
        assert "50 tokens is left of what its parent leased to it" in said
    assert spent(budget) == 50


@pytest.mark.demand("BUDGET-3")
def test_processes_and_forks_and_threads_together_never_pass_the_limit(home: BudgetHome) -> None:
    body = """
    import threading
    if {fork}:
        budget.standing()
        os.fork()
    def spend():
        for _ in range(150):
            try:
                budget.reserve(Amount(tokens=3), group="life").settle(Amount(tokens=2))
            except BudgetSpent:
                pass
    threads = [threading.Thread(target=spend) for _ in range(2)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    """
    processes = [start(home.path, body.format(fork=fork)) for fork in (True, False)]
    assert [process.wait(60) for process in processes] == [0, 0]
    for process in processes:
        assert process.stdout
        process.stdout.read()
    budget = real(home.path, day_tokens=1000)
    assert 998 <= spent(budget) <= 1000


@pytest.mark.demand("BUDGET-8")
def test_a_cut_at_any_byte_of_the_last_write_leaves_the_state_before_it(home: BudgetHome) -> None:
    budget = home.budget()
    budget.reserve(ONE, group="life").settle(ONE)
    before = home.path.read_bytes()
    budget.reserve(ONE, group="life")
    after = home.path.read_bytes()
    changed = [at for at in range(len(after)) if before[at] != after[at]]
    start_of_slot = changed[0] // SLOT_BYTES * SLOT_BYTES
    for cut in range(start_of_slot, changed[-1] + 1, 3):
        home.path.write_bytes(after[:cut] + before[cut:])
        assert len(home.budget().standing().held) == 0
        assert spent(home.budget()) == 1
    home.path.write_bytes(after)
    assert len(home.budget().standing().held) == 1


@pytest.mark.demand("BUDGET-8")
@pytest.mark.parametrize(
    "content",
    [b"", b"x", b"\0" * (SLOTS * SLOT_BYTES), b"budget1\n" * 1000, os.urandom(5000)],
    ids=["empty", "short", "zeros", "magic", "random"],
)
def test_a_state_that_cannot_be_read_stops_spending_until_the_user_resets(
    home: BudgetHome, content: bytes
) -> None:
    budget = home.budget()
    budget.standing()
    home.path.write_bytes(content)
    for attempt in (budget.standing, lambda: budget.reserve(ONE, group="life")):
        with pytest.raises(BudgetCorrupt) as caught:
            attempt()
        assert caught.value.kind is Kind.INTEGRITY
        assert caught.value.hint == "ai budget reset"
    assert home.path.read_bytes() == content
    budget.restart()
    budget.reserve(ONE, group="life")


def test_whoever_holds_the_lock_for_ever_is_reported(home: BudgetHome) -> None:
    home.budget().standing()
    with (
        StateFile(home.path).change(durable=False),
        pytest.raises(BudgetBusy),
        StateFile(home.path, patience_s=0.05).change(durable=False),
    ):
        pass


def test_an_interruption_midway_changes_nothing(home: BudgetHome) -> None:
    home.budget().standing()
    with pytest.raises(KeyboardInterrupt), StateFile(home.path).change(durable=False) as state:
        state.spent["day"] = (9, 9, 9)
        raise KeyboardInterrupt
    assert spent(home.budget()) == 0


@pytest.mark.parametrize(
    "make", [Path.mkdir, os.mkfifo, lambda path: path.symlink_to("/etc/passwd")]
)
def test_other_things_in_the_place_of_the_file_are_refused(home: BudgetHome, make: object) -> None:
    assert callable(make)
    home.path.parent.mkdir()
    make(home.path)
    with pytest.raises(QuintetError):
        home.budget().reserve(ONE, group="life")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_explained(home: BudgetHome) -> None:
    home.path.parent.mkdir(mode=0o500)
    with pytest.raises(QuintetError, match="permission denied"):
        home.budget().reserve(ONE, group="life")
