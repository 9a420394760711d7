"""A change of the rules is planned, approved, recorded and taken back like any other."""

import json
from pathlib import Path

import pytest

from quintet.platform.policy.label import Label
from quintet.platform.policy.plan import Risk
from quintet.platform.policy.rule import LOCAL_MODELS, Rule
from quintet.platform.policy.rule_effects import RuleEffects, plan_removal, plan_rule, title_of
from quintet.platform.policy.rulebook import Rulebook
from quintet.platform.record.effects.port import WorldChanged
from support.terminal import Terminal

MINE = frozenset({Label.MINE})
RULE = Rule("a.example.com", frozenset({443}), "model", MINE)
DENY = Rule("a.example.com", is_deny=True)


@pytest.fixture
def book(tmp_path: Path) -> Rulebook:
    return Rulebook(tmp_path / "config" / "egress.toml")


def apply(book: Rulebook, rule: Rule, note: str = "") -> None:
    (effect,) = plan_rule(book, rule, note).effects
    RuleEffects(book).apply(effect)


@pytest.mark.parametrize(
    ("rule", "title"),
    [
        (RULE, "allow a.example.com:443 for model"),
        (Rule("::1", frozenset({80, 443}), "x"), "allow [::1]:80,443 for x"),
        (DENY, "deny a.example.com"),
        (LOCAL_MODELS, "allow loopback for model"),
    ],
)
def test_a_rule_has_a_title(rule: Rule, title: str) -> None:
    assert title_of(rule) == title


def test_opening_a_way_wants_a_yes_and_closing_one_does_not(book: Rulebook) -> None:
    assert plan_rule(book, RULE).risk is Risk.MODERATE
    assert plan_rule(book, DENY).risk is Risk.MILD
    apply(book, RULE)
    apply(book, DENY)
    assert plan_removal(book, RULE).risk is Risk.MILD
    assert plan_removal(book, DENY).risk is Risk.MODERATE


def test_a_rule_comes_and_goes_and_the_rest_of_the_file_stays(book: Rulebook) -> None:
    book.path.parent.mkdir()
    before = "# mine\n[[deny]]\ndestination = 'x.example.org'  # why not\n"
    book.path.write_text(before)
    book.path.chmod(0o600)
    (effect,) = plan_rule(book, RULE, "for the summaries").effects
    RuleEffects(book).apply(effect)
    RuleEffects(book).apply(effect)
    assert book.path.read_text().startswith(before)
    assert book.path.read_text().count("# for the summaries\n[[allow]]") == 1
    RuleEffects(book).revert(effect)
    RuleEffects(book).revert(effect)
    assert [rule.destination for rule in book.rules()] == ["x.example.org", "loopback"]


def test_more_data_for_the_same_place_is_added_to_the_rule(book: Rulebook) -> None:
    apply(book, RULE)
    assert plan_rule(book, RULE).effects == ()
    apply(book, Rule("a.example.com", frozenset({443}), "model", frozenset({Label.PRIVATE})))
    first, _ = book.rules()
    assert first.data == {Label.MINE, Label.PRIVATE}


def test_a_rule_that_changed_meanwhile_is_not_overwritten(book: Rulebook) -> None:
    (effect,) = plan_rule(book, RULE).effects
    apply(book, Rule("a.example.com", frozenset({443}), "model", frozenset({Label.PRIVATE})))
    with pytest.raises(WorldChanged):
        RuleEffects(book).apply(effect)


def test_a_link_to_the_rules_stays_a_link(book: Rulebook, tmp_path: Path) -> None:
    real = tmp_path / "dotfiles" / "egress.toml"
    real.parent.mkdir()
    real.write_text("")
    real.chmod(0o600)
    book.path.parent.mkdir()
    book.path.symlink_to(real)
    apply(book, RULE)
    assert book.path.is_symlink()
    assert "a.example.com" in real.read_text()


ALLOW = ("policy", "allow", "a.example.com", "--port", "443", "--purpose", "model")


@pytest.mark.demand("EGRESS-9")
def test_nobody_opens_a_way_without_a_yes(terminal: Terminal) -> None:
    asked = terminal.ai(*ALLOW)
    assert asked.status == 4
    assert "ai apply " in asked.err
    assert len(terminal.ai("policy", "list", "--json").json["rules"]) == 1


@pytest.mark.demand("EGRESS-9")
def test_a_way_that_was_opened_is_closed_again_by_undo(terminal: Terminal) -> None:
    assert terminal.ai(*ALLOW, "--yes").status == 0
    assert len(terminal.ai("policy", "list", "--json").json["rules"]) == 2
    assert terminal.ai("undo", "--yes").status == 0
    assert len(terminal.ai("policy", "list", "--json").json["rules"]) == 1


def test_a_way_can_be_shown_first_and_opened_later_by_its_id(terminal: Terminal) -> None:
    plan = json.loads(terminal.ai(*ALLOW, "--dry-run", "--json").out)
    assert terminal.ai("apply", plan["id"][:6], "--yes").status == 0
    explained = terminal.ai("policy", "explain", "a.example.com", "--purpose", "model")
    assert explained.out.startswith("allowed")
    assert terminal.ai("apply", plan["id"][:6], "--yes").status == 5


def test_the_command_that_a_refusal_names_opens_exactly_that_way(terminal: Terminal) -> None:
    explain = ("policy", "explain", "a.example.com", "--port", "8443", "--data", "mine")
    denied = terminal.ai(*explain).out
    command = denied.partition("to allow it: ai ")[2].split()
    assert terminal.ai(*command, "--yes").status == 0
    assert terminal.ai(*explain).out.startswith("allowed")
    wider = terminal.ai("policy", "explain", "a.example.com", "--port", "8443", "--data", "private")
    assert wider.out.startswith("denied")
