"""The ladder of risk, and approvals that open exactly one door, once."""

from datetime import timedelta
from pathlib import Path

import pytest

from quintet.errors import Kind
from quintet.platform.clock import FakeClock
from quintet.platform.policy.gate import (
    Approval,
    NeedsApproval,
    PlanDeclined,
    PlanExpired,
    PlanRefused,
    WorldChanged,
    YesAsker,
    word_to_type,
)
from quintet.platform.policy.plan import Plan, Risk
from quintet.platform.record.event import Effect
from support.consent import Person, World, a_gate, a_plan

demand = pytest.mark.demand


def test_a_mild_plan_passes_without_a_question(tmp_path: Path) -> None:
    person = Person(says_yes=False)
    approval = a_gate(tmp_path, World()).approve(a_plan(Risk.MILD), person)
    assert person.asked == []
    assert "needs no approval" in approval.words


def test_a_moderate_plan_passes_with_a_yes_and_says_who_gave_it(tmp_path: Path) -> None:
    approval = a_gate(tmp_path, World()).approve(a_plan(), Person())
    assert approval.words.endswith("approved by ines at 2026-01-01T00:00:00+00:00 through terminal")


def test_a_moderate_plan_passes_with_the_standing_yes(tmp_path: Path) -> None:
    assert a_gate(tmp_path, World()).approve(a_plan(), YesAsker()).how == "--yes"


def test_a_no_is_a_refusal_that_changes_nothing(tmp_path: Path) -> None:
    with pytest.raises(PlanDeclined) as caught:
        a_gate(tmp_path, World()).approve(a_plan(), Person(says_yes=False))
    assert caught.value.kind is Kind.REFUSED


@demand("CONSENT-2")
def test_the_standing_yes_never_covers_a_severe_plan(tmp_path: Path) -> None:
    plan = a_plan(Risk.SEVERE)
    with pytest.raises(NeedsApproval) as caught:
        a_gate(tmp_path, World()).approve(plan, YesAsker())
    assert caught.value.kind is Kind.NEEDS_APPROVAL
    assert caught.value.hint == f"ai apply {plan.id}"


def test_a_severe_plan_wants_the_very_word(tmp_path: Path) -> None:
    gate, plan = a_gate(tmp_path, World()), a_plan(Risk.SEVERE)
    assert gate.approve(plan, Person(types="lamp")).how == "terminal"
    for wrong in ("yes", "y", "LAMP", "lam"):
        with pytest.raises(PlanDeclined):
            gate.approve(plan, Person(types=wrong))


@demand("CONSENT-1")
@pytest.mark.parametrize("risk", [Risk.MODERATE, Risk.SEVERE])
def test_without_anybody_to_ask_the_plan_is_kept_and_named(tmp_path: Path, risk: Risk) -> None:
    gate, plan = a_gate(tmp_path, World()), a_plan(risk)
    with pytest.raises(NeedsApproval) as caught:
        gate.approve(plan, None)
    assert caught.value.hint == f"ai apply {plan.id}"
    assert gate.take_down(plan.id[:5]) == plan


@pytest.mark.parametrize(
    ("target", "word"),
    [
        ("/home/ines/photos", "photos"),
        ("/home/ines/photos/", "photos"),
        ("yes", None),
        ("a", None),
        ("/srv/\u202etxt.exe", None),
        ("two words", None),
        ("-rf", None),
    ],
)
def test_the_word_is_the_name_of_the_one_target_unless_it_could_mislead(
    target: str, word: str | None
) -> None:
    plan = a_plan(Risk.SEVERE, **{target: (1, None)})
    assert word_to_type(plan) == (word or plan.id[:6])


def test_the_word_for_several_targets_is_the_short_id() -> None:
    plan = a_plan(Risk.SEVERE, one=(1, None), two=(2, None))
    assert word_to_type(plan) == plan.id[:6]


@demand("CONSENT-3")
def test_an_approval_is_used_once(tmp_path: Path) -> None:
    gate = a_gate(tmp_path, World())
    approval = gate.approve(a_plan(), Person())
    gate.redeem(approval)
    with pytest.raises(PlanRefused, match="cannot be used"):
        gate.redeem(approval)


def test_an_approval_that_the_gate_never_gave_opens_nothing(tmp_path: Path) -> None:
    gate, plan = a_gate(tmp_path, World()), a_plan()
    given = gate.approve(plan, Person())
    other = a_plan(lamp=(None, "burning"))
    forged = Approval(given.id, other, other.digest, given.at, given.by, given.how)
    with pytest.raises(PlanRefused, match="cannot be used"):
        gate.redeem(forged)


@demand("CONSENT-3")
def test_a_plan_that_is_altered_after_the_approval_is_not_the_approved_one(tmp_path: Path) -> None:
    gate = a_gate(tmp_path, World())
    after = {"to": "bank"}
    plan = Plan("life", "tidy", "s", (Effect("thing", "lamp", None, after),))
    approval = gate.approve(plan, Person())
    after["to"] = "thief"
    with pytest.raises(PlanRefused, match="not the one that was approved"):
        gate.redeem(approval)


def test_an_old_approval_has_expired(tmp_path: Path) -> None:
    clock = FakeClock()
    gate = a_gate(tmp_path, World(), clock)
    approval = gate.approve(a_plan(), Person())
    clock.advance(3601)
    with pytest.raises(PlanExpired):
        gate.redeem(approval)


@demand("CONSENT-4")
def test_a_changed_world_refuses_the_plan_and_names_what_changed(tmp_path: Path) -> None:
    world = World({"lamp": "off"})
    gate = a_gate(tmp_path, world)
    approval = gate.approve(a_plan(lamp=("off", "on")), Person())
    world.values["lamp"] = "broken"
    with pytest.raises(WorldChanged, match="no longer fits") as caught:
        gate.redeem(approval)
    assert caught.value.code == "plan.world_changed"
    assert caught.value.details["target"] == "lamp"


def test_two_effects_on_one_target_follow_each_other(tmp_path: Path) -> None:
    gate = a_gate(tmp_path, World({"lamp": 1}))
    effects = (Effect("thing", "lamp", 1, 2), Effect("thing", "lamp", 2, 3))
    gate.redeem(gate.approve(Plan("life", "tidy", "s", effects), Person()))


def test_states_are_compared_as_the_journal_would_write_them(tmp_path: Path) -> None:
    gate = a_gate(tmp_path, World({"lamp": ("a", 1)}))
    gate.redeem(gate.approve(a_plan(lamp=(["a", 1], None)), Person()))


def test_an_effect_that_nothing_here_can_apply_is_refused(tmp_path: Path) -> None:
    gate = a_gate(tmp_path, World(kind="other"))
    with pytest.raises(PlanRefused, match="nothing here can apply"):
        gate.redeem(gate.approve(a_plan(), Person()))


def test_effects_may_be_used_up_one_by_one_and_each_once(tmp_path: Path) -> None:
    gate, plan = a_gate(tmp_path, World()), a_plan(a=(None, 1), b=(None, 2))
    approval = gate.approve(plan, Person())
    gate.redeem_effect(approval, plan.effects[1])
    gate.redeem_effect(approval, plan.effects[0])
    for effect in (*plan.effects, Effect("thing", "c", None, 3)):
        with pytest.raises(PlanRefused, match="does not cover"):
            gate.redeem_effect(approval, effect)


def test_a_plan_on_the_shelf_expires(tmp_path: Path) -> None:
    clock = FakeClock()
    gate = a_gate(tmp_path, World(), clock)
    plan = gate.propose(a_plan()).plan
    clock.advance(timedelta(hours=24).total_seconds())
    with pytest.raises(PlanExpired) as caught:
        gate.take_down(plan.id)
    assert caught.value.hint == "ai life tidy --dry-run"


def test_a_clock_set_back_by_years_does_not_keep_a_plan_fresh(tmp_path: Path) -> None:
    clock = FakeClock()
    gate = a_gate(tmp_path, World(), clock)
    plan = gate.propose(a_plan()).plan
    clock.advance(-56 * 365 * 86400)
    with pytest.raises(PlanExpired):
        gate.take_down(plan.id)
