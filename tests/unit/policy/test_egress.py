"""The way out: closed by default, every attempt written down, the help that opens it exact."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from quintet.errors import Kind
from quintet.platform.clock import FakeClock
from quintet.platform.files import FileFailure
from quintet.platform.policy.attempt import Attempt, JournalAttemptLog
from quintet.platform.policy.egress import (
    Consent,
    Egress,
    EgressNeedsApproval,
    EgressRefused,
    sending,
)
from quintet.platform.policy.gate import Gate, PlanRefused, YesAsker
from quintet.platform.policy.label import Label, Labels
from quintet.platform.policy.plan import Plan, Risk
from quintet.platform.policy.rule import LOCAL_MODELS, Request, Rule, Verdict
from quintet.platform.store.journal import Journal
from support.consent import Person, World, a_gate

NONE: Labels = frozenset()
MINE: Labels = frozenset({Label.MINE})
PAIR: Labels = frozenset({Label.PRIVATE, Label.UNTRUSTED})
EVERY: Labels = frozenset(Label)
API = Rule("api.example.com", frozenset({443}), "model", EVERY, line=7)


@dataclass
class Fixed:
    """Rules that stay as they are."""

    given: Sequence[Rule] = (LOCAL_MODELS,)

    def rules(self) -> Sequence[Rule]:
        return self.given


@dataclass
class Kept:
    """A log in memory."""

    attempts: list[Attempt] = field(default_factory=list)

    def append(self, attempt: Attempt) -> None:
        self.attempts.append(attempt)


class FullDisk:
    """A log that can keep nothing."""

    def append(self, attempt: Attempt) -> None:
        raise FileFailure("could not write the log", why="the disk is full")


def an_egress(*rules: Rule, gate: Gate | None = None) -> tuple[Egress, Kept]:
    log = Kept()
    return Egress(Fixed((*rules, LOCAL_MODELS)), log, FakeClock(), gate), log


@pytest.mark.demand("EGRESS-1")
def test_nothing_leaves_without_a_rule_and_the_help_is_the_exact_command() -> None:
    egress, log = an_egress()
    with pytest.raises(EgressRefused) as caught:
        egress.require("API.example.com", 443, purpose="model", labels=MINE)
    error = caught.value
    assert (error.kind, error.code) == (Kind.REFUSED, "egress.denied")
    assert error.hint == "ai policy allow api.example.com --port 443 --purpose model --data mine"
    assert log.attempts == [
        Attempt(
            at="2026-01-01T00:00:00.000+00:00",
            destination="api.example.com",
            port=443,
            purpose="model",
            labels=("mine",),
            verdict="denied",
            rule="",
        )
    ]


def test_a_rule_lets_out_what_it_names_and_is_named_in_the_log() -> None:
    egress, log = an_egress(API)
    egress.require("api.example.com", 443, purpose="model", labels=MINE)
    assert (log.attempts[0].verdict, log.attempts[0].rule) == ("allowed", "egress.toml line 7")


@pytest.mark.parametrize(
    ("host", "port", "purpose", "labels", "why"),
    [
        ("other.example.com", 443, "model", NONE, "no rule allows"),
        ("api.example.com", 80, "model", NONE, "on another port"),
        ("api.example.com", 443, "sync", NONE, "for 'model' only"),
        ("small.example.com", 443, "model", MINE, "does not let mine data"),
        ("bad.example.net", 443, "model", NONE, "line 9 denies it"),
    ],
)
def test_a_refusal_says_what_is_missing(
    host: str, port: int, purpose: str, labels: Labels, why: str
) -> None:
    small = Rule("small.example.com", frozenset({443}), "model", NONE, line=8)
    deny = Rule("*.example.net", is_deny=True, line=9)
    allow = Rule("bad.example.net", frozenset({443}), "model", EVERY, line=10)
    egress, _ = an_egress(API, small, allow, deny)
    with pytest.raises(EgressRefused, match=why):
        egress.require(host, port, purpose=purpose, labels=labels)


@pytest.mark.demand("EGRESS-2")
def test_a_model_server_on_this_machine_is_reached_for_that_purpose_alone() -> None:
    egress, _ = an_egress()
    for host in ("127.0.0.1", "::1", "localhost"):
        egress.require(host, 11434, purpose="model", labels=EVERY)
        with pytest.raises(EgressRefused):
            egress.require(host, 11434, purpose="webhook", labels=NONE)


def test_a_deny_takes_even_the_built_in_rule_away() -> None:
    egress, _ = an_egress(Rule("loopback", is_deny=True, line=3))
    with pytest.raises(EgressRefused) as caught:
        egress.require("localhost", 11434, purpose="model", labels=NONE)
    assert caught.value.hint == "ai policy list"


def test_a_name_that_names_nothing_is_refused_recorded_and_never_pasted() -> None:
    egress, log = an_egress(API)
    for host in ("evil.com; rm -rf ~", "127.1", "\x1b[2J", "a" * 5000, "fe80::1%eth0"):
        with pytest.raises(EgressRefused) as caught:
            egress.require(host, 443, purpose="model", labels=NONE)
        assert caught.value.hint == ""
        assert log.attempts[-1].verdict == "denied"
        assert "\x1b" not in log.attempts[-1].destination
        assert len(log.attempts[-1].destination) <= 200


def test_the_command_in_the_help_survives_a_shell() -> None:
    egress, _ = an_egress()
    with pytest.raises(EgressRefused) as caught:
        egress.require("::2", 443, purpose="model", labels=frozenset())
    assert shlex.split(caught.value.hint)[3:] == ["::2", "--port", "443", "--purpose", "model"]


@pytest.mark.demand("EGRESS-4")
def test_what_cannot_be_written_down_is_not_sent() -> None:
    egress = Egress(Fixed([API]), FullDisk(), FakeClock())
    with pytest.raises(FileFailure):
        egress.require("api.example.com", 443, purpose="model", labels=NONE)


def test_explaining_is_no_attempt() -> None:
    egress, log = an_egress(API)
    decision = egress.explain("api.example.com", 443, purpose="model", labels=PAIR)
    assert decision.verdict is Verdict.NEEDS_APPROVAL
    assert log.attempts == []


def a_consent(gate: Gate, risk: Risk = Risk.SEVERE, labels: Labels = PAIR) -> Consent:
    request = Request("api.example.com", 443, "model", labels)
    plan = Plan("life", "ask", "send it", (sending(request, "abc", "Dear bank"),), risk=risk)
    asker = Person() if risk is Risk.SEVERE else YesAsker()
    return Consent(gate.approve(plan, asker), "abc")


@pytest.mark.demand("EGRESS-3")
def test_untrusted_and_private_data_leave_together_only_by_a_persons_word(tmp_path: Path) -> None:
    gate = a_gate(tmp_path, World())
    egress, log = an_egress(API, gate=gate)
    with pytest.raises(EgressNeedsApproval) as caught:
        egress.require("api.example.com", 443, purpose="model", labels=PAIR)
    assert caught.value.kind is Kind.NEEDS_APPROVAL
    consent = a_consent(gate)
    egress.require("api.example.com", 443, purpose="model", labels=PAIR, consent=consent)
    assert [attempt.verdict for attempt in log.attempts] == ["needs-approval", "allowed"]
    assert log.attempts[1].approval == consent.approval.plan.id


@pytest.mark.demand("EGRESS-3")
def test_one_word_lets_one_message_go_once_to_one_place(tmp_path: Path) -> None:
    gate = a_gate(tmp_path, World())
    other = Rule("other.example.com", frozenset({443}), "model", EVERY)
    egress, log = an_egress(API, other, gate=gate)
    consent = a_consent(gate)
    with pytest.raises(PlanRefused):
        egress.require("other.example.com", 443, purpose="model", labels=PAIR, consent=consent)
    changed = Consent(consent.approval, "another payload")
    with pytest.raises(PlanRefused):
        egress.require("api.example.com", 443, purpose="model", labels=PAIR, consent=changed)
    egress.require("api.example.com", 443, purpose="model", labels=PAIR, consent=consent)
    with pytest.raises(PlanRefused):
        egress.require("api.example.com", 443, purpose="model", labels=PAIR, consent=consent)
    assert len(log.attempts) == 4


@pytest.mark.parametrize("risk", [Risk.MILD, Risk.MODERATE])
def test_a_plan_that_no_person_typed_a_word_for_is_not_enough(tmp_path: Path, risk: Risk) -> None:
    gate = a_gate(tmp_path, World())
    egress, _ = an_egress(API, gate=gate)
    consent = a_consent(gate, risk)
    with pytest.raises(EgressNeedsApproval):
        egress.require("api.example.com", 443, purpose="model", labels=PAIR, consent=consent)


def test_consent_does_not_replace_a_rule(tmp_path: Path) -> None:
    gate = a_gate(tmp_path, World())
    egress, _ = an_egress(gate=gate)
    with pytest.raises(EgressRefused) as caught:
        egress.require(
            "api.example.com", 443, purpose="model", labels=PAIR, consent=a_consent(gate)
        )
    assert caught.value.kind is Kind.REFUSED


@pytest.mark.demand("EGRESS-4")
def test_attempts_are_kept_in_a_journal_that_shows_tampering(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "egress")
    log = JournalAttemptLog(journal)
    egress = Egress(Fixed([API]), log, FakeClock())
    egress.require("api.example.com", 443, purpose="model", labels=MINE)
    with pytest.raises(EgressRefused):
        egress.require("evil.example", 443, purpose="model", labels=MINE)
    assert [(a.destination, a.verdict, a.labels) for a in log.attempts()] == [
        ("api.example.com", "allowed", ("mine",)),
        ("evil.example", "denied", ("mine",)),
    ]
