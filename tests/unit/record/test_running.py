"""Whether an action is at work is told by a lock, which nobody can forget to give back."""

from pathlib import Path

import pytest

from quintet.platform.record.running import Running, StillRunning


def test_a_claim_is_held_by_one_and_told_to_others(tmp_path: Path) -> None:
    one, other = Running(tmp_path / "running"), Running(tmp_path / "running")
    with one.claim("k7f3q9"):
        assert other.is_running("k7f3q9")
        with pytest.raises(StillRunning), other.claim("k7f3q9"):
            pass
        with other.claim("another"):
            pass
    assert not other.is_running("k7f3q9")
    with other.claim("k7f3q9"):
        pass


def test_nothing_runs_where_nothing_ever_ran(tmp_path: Path) -> None:
    assert not Running(tmp_path / "running").is_running("k7f3q9")


def test_what_a_dead_process_left_is_no_claim_and_is_tidied(tmp_path: Path) -> None:
    running = Running(tmp_path)
    (tmp_path / "dead").touch()
    assert not running.is_running("dead")
    with running.claim("alive"):
        running.tidy()
        assert [path.name for path in tmp_path.iterdir()] == ["alive"]
        assert running.is_running("alive")


def test_a_link_in_place_of_a_claim_is_not_followed(tmp_path: Path) -> None:
    running = Running(tmp_path / "running")
    (tmp_path / "running").mkdir()
    (tmp_path / "running" / "k7f3q9").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Exception, match="lock"), running.claim("k7f3q9"):
        pass
    assert not (tmp_path / "elsewhere").exists()
