"""`ai config` where a transcript cannot show it: editors, undo, completeness of the sample."""

import tomllib
from pathlib import Path

import pytest

from quintet.app.home import App
from quintet.app.sections import SECTIONS
from quintet.platform.config.sample import json_schema, sample_file
from quintet.platform.config.schema import Schema
from support.terminal import Terminal


def settings_of(terminal: Terminal) -> Path:
    return terminal.home / ".config" / "ai" / "config.toml"


def editor(terminal: Terminal, script: str) -> None:
    """What the user does to the file named by $1."""
    program = terminal.home / "editor"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o700)
    terminal.extra_env = {"EDITOR": str(program)}


@pytest.mark.demand("CONF-11")
def test_the_sample_with_every_line_in_force_changes_nothing(terminal: Terminal) -> None:
    lines = sample_file(Schema(SECTIONS)).splitlines()
    in_force = [line.removeprefix("# ") if " = " in line else line for line in lines]
    settings_of(terminal).parent.mkdir(parents=True)
    settings_of(terminal).write_text("\n".join(in_force))
    result = terminal.ai("config", "validate")
    assert (result.status, result.out) == (0, "all settings can be used\n"), result.err
    assert all(
        setting["value"] == setting["default"]
        for setting in terminal.ai("config", "list", "--json").json["settings"]
    )


def test_every_setting_has_help_and_a_place_in_the_json_schema() -> None:
    schema = Schema(SECTIONS)
    properties = json_schema(schema)["properties"]
    for option in schema.options():
        assert option.help, option.key
        assert properties[option.section]["properties"][option.name]["description"] == option.help


def test_a_dry_run_shows_the_plan_and_changes_nothing(terminal: Terminal) -> None:
    result = terminal.ai("config", "set", "budget.month_usd", "20", "--dry-run", "--json")
    (effect,) = result.json["plan"]["effects"]
    assert (effect["kind"], effect["before"], effect["after"]) == ("setting", None, 20)
    assert not settings_of(terminal).exists()


@pytest.mark.demand("CONF-5")
def test_trust_needs_a_yes_and_is_taken_back_by_undo(terminal: Terminal) -> None:
    file = terminal.home / ".ai" / "config.toml"
    file.parent.mkdir()
    file.write_text("[budget]\nday_usd = 9\n")
    assert terminal.ai("config", "trust").status == 4
    assert terminal.ai("config", "trust", "--yes").status == 0
    app = App({"HOME": str(terminal.home)}, cwd=terminal.home)
    assert app.config.notices() == []
    (event,) = app.record.history().events()
    with app.record.undoing(event) as action:
        action.take_back(event.effects)
    again = App({"HOME": str(terminal.home)}, cwd=terminal.home)
    assert [notice.hint for notice in again.config.notices()] == ["ai config trust"]


def test_an_editor_changes_the_file_and_undo_brings_it_back(terminal: Terminal) -> None:
    terminal.ai("config", "set", "budget.day_usd", "1")
    editor(terminal, 'echo "month_usd = 5" >> "$1"')
    assert terminal.ai("config", "edit").status == 0
    assert tomllib.loads(settings_of(terminal).read_text()) == {
        "budget": {"day_usd": 1, "month_usd": 5}
    }
    assert [path.name for path in settings_of(terminal).parent.glob("*.toml")] == ["config.toml"]


def test_a_mistake_in_the_editor_leaves_the_settings_and_keeps_the_text(terminal: Terminal) -> None:
    terminal.ai("config", "set", "budget.day_usd", "1")
    before = settings_of(terminal).read_text()
    editor(terminal, 'echo "[[[" >> "$1"')
    result = terminal.ai("config", "edit")
    assert result.status == 1
    assert settings_of(terminal).read_text() == before
    (draft,) = settings_of(terminal).parent.glob("edit-*.toml")
    assert str(draft) in result.err
    assert draft.read_text() == before + "[[[\n"


def test_an_editor_that_fails_changes_nothing(terminal: Terminal) -> None:
    editor(terminal, "exit 3")
    result = terminal.ai("config", "edit")
    assert result.status == 9
    assert not settings_of(terminal).exists()


def test_an_editor_mends_a_file_that_stops_every_other_command(terminal: Terminal) -> None:
    settings_of(terminal).parent.mkdir(parents=True)
    settings_of(terminal).write_text("[[[\n")
    assert terminal.ai("config", "list").status == 1
    editor(terminal, 'echo "[budget]" > "$1"')
    assert terminal.ai("config", "edit").status == 0
    assert terminal.ai("config", "list").status == 0


@pytest.mark.demand("CONF-10")
def test_undo_takes_back_one_setting_and_leaves_later_ones(terminal: Terminal) -> None:
    terminal.ai("config", "set", "budget.day_usd", "1")
    terminal.ai("config", "set", "budget.month_usd", "5")
    app = App({"HOME": str(terminal.home)}, cwd=terminal.home)
    first, second = app.record.history().events()
    with app.record.undoing(first) as action:
        action.take_back(first.effects)
    assert tomllib.loads(settings_of(terminal).read_text()) == {"budget": {"month_usd": 5}}
    assert second.effects[0].target == f"{settings_of(terminal)}#budget.month_usd"
