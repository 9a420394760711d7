"""The doctor knows whether data opens, and would survive a lost key file."""

from pathlib import Path

import pytest

from quintet.app.doctor.data import check_keys, check_stores
from quintet.app.doctor.finding import State
from quintet.app.home import App
from quintet.platform.keys.slots.recovery import Recovery
from quintet.platform.rng import SystemRng


@pytest.fixture
def app(tmp_path: Path) -> App:
    return App({"AI_HOME": str(tmp_path)})


def test_nothing_encrypted_is_nothing_to_worry_about(app: App) -> None:
    assert [finding.state for finding in check_keys(app)] == [State.GOOD]


def test_a_missing_recovery_is_named_with_the_command_that_makes_one(app: App) -> None:
    app.keys.ensure("life")
    assert [(f.state, f.hint) for f in check_keys(app)][1] == (
        State.LACKING,
        "ai key add recovery",
    )
    app.keys.add_slot(Recovery.new(SystemRng()))
    assert [finding.state for finding in check_keys(app)] == [State.GOOD]


def test_a_store_that_opens_is_told_and_one_that_does_not_is_named(app: App) -> None:
    assert list(check_stores(app)) == []
    with app.database("ops").write("a test"):
        pass
    assert [(f.name, f.state) for f in check_stores(app)] == [("store ops", State.GOOD)]
    app.database("ops").file.path.write_bytes(b"no database at all" * 1000)
    (found,) = check_stores(app)
    assert (found.name, found.state) == ("store ops", State.BROKEN)
    assert found.hint
