"""The person at the terminal: what they see before they answer, and how the answer is recorded."""

import io
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from quintet.app.home import App
from quintet.platform.policy.gate import NeedsApproval, PlanDeclined
from quintet.platform.policy.plan import Plan, Risk
from quintet.platform.record.event import Effect
from quintet_cli.consent.asking import TerminalAsker
from quintet_cli.console import Console
from quintet_cli.session import Flags, Session
from support.consent import World, a_gate, a_plan


class Asked:
    """A terminal on which somebody types these lines."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, typed: str, *, says_yes: bool) -> None:
        self.err = io.StringIO()
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        session = Session(App({"HOME": "/nowhere"}), Console(io.StringIO(), self.err, {}), Flags())
        self.asker = TerminalAsker(session, says_yes=says_yes)


def test_the_literal_effects_are_shown_before_the_question(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    effect = Effect("thing", "bank\x1b[8m", None, {"amount": 900})
    plan = Plan("life", "pay", "a harmless summary", (effect,))
    asked = Asked(monkeypatch, "y\n", says_yes=False)
    approval = a_gate(tmp_path, World()).approve(plan, asked.asker)
    text = asked.err.getvalue()
    assert text.index("create thing bank\\x1b[8m") < text.index("go ahead? [y/N]")
    assert '{"amount": 900}' in text
    assert approval.how == "the terminal"


@pytest.mark.parametrize("typed", ["n\n", "\n", "", "yeah\n", "maybe y\n"])
def test_anything_but_a_yes_is_a_no(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    asked = Asked(monkeypatch, typed, says_yes=False)
    with pytest.raises(PlanDeclined):
        a_gate(tmp_path, World()).approve(a_plan(), asked.asker)


def test_the_standing_yes_asks_nobody_about_moderate_plans(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = Asked(monkeypatch, "n\n", says_yes=True)
    assert a_gate(tmp_path, World()).approve(a_plan(), asked.asker).how == "--yes"
    assert asked.err.getvalue() == ""


@pytest.mark.demand("CONSENT-2")
@pytest.mark.parametrize("says_yes", [False, True])
def test_a_severe_plan_is_typed_with_and_without_the_standing_yes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, says_yes: bool
) -> None:
    gate, plan = a_gate(tmp_path, World()), a_plan(Risk.SEVERE)
    asked = Asked(monkeypatch, "lamp\n", says_yes=says_yes)
    assert gate.approve(plan, asked.asker).how == "the terminal"
    assert "type lamp to go ahead" in asked.err.getvalue()
    for typed in ("yes\n", "\n", ""):
        with pytest.raises((PlanDeclined, NeedsApproval)):
            gate.approve(plan, Asked(monkeypatch, typed, says_yes=says_yes).asker)


@pytest.mark.slow
@pytest.mark.parametrize(("typed", "status"), [(b"y\n", 0), (b"n\n", 5), (b"\x04", 5)])
def test_on_a_real_terminal_the_question_is_asked(
    tmp_path: Path, typed: bytes, status: int
) -> None:
    ours, theirs = pty.openpty()
    words = ["policy", "allow", "a.example.com", "--port", "443", "--purpose", "model"]
    environment = {**os.environ, "AI_HOME": str(tmp_path), "PYTHONPATH": ":".join(sys.path)}
    ai = subprocess.Popen(
        [sys.executable, "-m", "quintet_cli", *words],
        stdin=theirs,
        stderr=theirs,
        stdout=subprocess.PIPE,
        env=environment,
    )
    os.close(theirs)
    shown = b""
    while b"[y/N]" not in shown:
        shown += os.read(ours, 4096)
    os.write(ours, typed)
    ai.communicate(timeout=60)
    os.close(ours)
    assert ai.returncode == status
    assert (tmp_path / "config" / "egress.toml").exists() is (status == 0)
