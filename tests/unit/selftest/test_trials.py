"""The selftest's own promise: its trials hold here, and a broken store makes them fail."""

import time
from pathlib import Path

import pytest

from quintet.app.torture import journal_trials
from quintet.app.torture.budget_trial import attack_by_spending
from quintet.app.torture.trial import Deadline, Outcome, Trial, carry_out
from quintet.app.torture.undo_trial import attack_by_undoing
from quintet.errors import QuintetError
from quintet.platform.progress import SilentProgress
from quintet.platform.store.verdict import Verdict


def soon() -> Deadline:
    return Deadline(time.monotonic() + 0.3)


@pytest.mark.parametrize(
    "attack",
    [
        journal_trials.attack_by_cut,
        journal_trials.attack_by_change,
        attack_by_spending,
        attack_by_undoing,
    ],
)
def test_a_trial_tries_and_finds_nothing_broken(attack: object, tmp_path: Path) -> None:
    outcome: Outcome = attack(tmp_path, soon())  # type: ignore[operator]
    assert outcome.tries > 0
    assert outcome.failures == 0, outcome.examples


@pytest.mark.slow
@pytest.mark.parametrize("attack", [journal_trials.attack_by_kill, journal_trials.attack_by_crowd])
def test_processes_that_write_are_killed_and_crowded(attack: object, tmp_path: Path) -> None:
    outcome: Outcome = attack(tmp_path, soon())  # type: ignore[operator]
    assert outcome.tries > 0
    assert outcome.failures == 0, outcome.examples


def test_a_journal_that_notices_nothing_fails_the_trial(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Verdict, "ok", property(lambda self: True))
    assert journal_trials.attack_by_change(tmp_path, soon()).failures > 0


def test_a_trial_that_cannot_run_is_a_failure_with_its_words(tmp_path: Path) -> None:
    def attack(folder: Path, deadline: Deadline) -> Outcome:
        raise QuintetError("the disk is full")

    (result,) = carry_out([Trial("x", "y", attack)], tmp_path, 0.1, SilentProgress())
    assert result.outcome.examples == ["the disk is full"]
    assert list(tmp_path.iterdir()) == []
