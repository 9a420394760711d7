"""Words and model answers that are kept so that a run can be frozen, and when they go again."""

import os
import time
from pathlib import Path

import pytest

from quintet.app.home import App
from quintet.models.port import Message, Request, Role
from support.terminal import Terminal

_FREEZABLE = ("--config", "record.freezable=true")


def _app(terminal: Terminal) -> App:
    return App({"HOME": str(terminal.home)}, clock=terminal.clock)


def _asked(terminal: Terminal, *, group: str = "eval", wanted: bool = True) -> App:
    script = terminal.home / "answers.jsonl"
    script.write_text('{"text": "yes", "again": true}\n')
    given = _FREEZABLE[1:] if wanted else ()
    app = App({"HOME": str(terminal.home)}, given=given)
    model = app.models.chat(f"scripted:{script}", group=group)
    model.complete(Request((Message(Role.USER, "well?"),)))
    return app


def test_words_are_kept_only_where_that_is_wanted(terminal: Terminal) -> None:
    terminal.ai("life", "brief")
    terminal.ai("life", "brief", *_FREEZABLE)
    kept, plain = _app(terminal).record.events()
    assert plain.words == ()
    assert kept.words == ("life", "brief", *_FREEZABLE)


def test_what_models_answer_is_kept_only_where_that_is_wanted(terminal: Terminal) -> None:
    plain = _asked(terminal, wanted=False)
    assert not plain.record.tapes.path(plain.record.run).exists()
    app = _asked(terminal)
    tape = app.record.tapes.path(app.record.run)
    assert tape.stat().st_mode & 0o777 == 0o600
    assert "well?" in tape.read_text()


def test_a_sealed_group_leaves_no_tape(terminal: Terminal) -> None:
    terminal.ai("life", "add", "call the plumber")
    app = _asked(terminal, group="life")
    assert not app.record.tapes.path(app.record.run).exists()


def test_words_of_a_sealed_group_are_sealed(terminal: Terminal) -> None:
    terminal.ai("life", "add", "call the plumber", *_FREEZABLE)
    journal = terminal.home / ".local/share/ai/record/journal"
    assert b"plumber" not in b"".join(path.read_bytes() for path in journal.iterdir())


@pytest.mark.demand("RECORD-7")
def test_a_forgotten_action_takes_its_tape_along(terminal: Terminal) -> None:
    app = _asked(terminal)
    with app.record.action("eval", "run", "one") as action:
        pass
    app.record.forget([action.id])
    assert not app.record.tapes.path(app.record.run).exists()


@pytest.mark.demand("RECORD-6")
def test_old_tapes_go_when_the_record_is_tidied(terminal: Terminal, tmp_path: Path) -> None:
    app = _asked(terminal)
    tape = app.record.tapes.path(app.record.run)
    app.record.tidy()
    assert tape.exists()
    old_s = time.time() - 100 * 86400
    os.utime(tape, (old_s, old_s))
    app.record.tidy()
    assert not tape.exists()


def test_a_tape_answers_for_every_model_and_nobody_is_asked(terminal: Terminal) -> None:
    app = _asked(terminal)
    tape = app.record.tapes.path(app.record.run)
    replaying = App({"HOME": str(terminal.home)}, given=(f"models.replay_from={tape}",))
    model = replaying.models.chat("openai:any@http://127.0.0.1:9/v1", group="eval")
    assert model.complete(Request((Message(Role.USER, "well?"),))).text == "yes"
