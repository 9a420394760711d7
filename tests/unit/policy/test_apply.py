"""What was approved is what is done: all of it, in its order, under one recorded action."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from quintet.platform.policy.apply import apply_plan, carry_out
from quintet.platform.policy.gate import NeedsApproval, PlanDeclined, WorldChanged, YesAsker
from quintet.platform.policy.literal import effect_lines
from quintet.platform.policy.plan import Plan, Risk
from quintet.platform.policy.shelf import PlanTaken
from quintet.platform.record.event import Effect, Reversal
from support.consent import Person, World, a_gate, a_plan


@dataclass
class Journal:
    """A record that keeps what it is told, and an action of it."""

    world: World
    id: str = "event1"
    told: list[str] = field(default_factory=list)

    @contextmanager
    def action(self, group: str, verb: str, summary: str) -> "Generator[Journal]":
        self.told.append(f"{group} {verb} {summary}")
        yield self
        self.told.append("done")

    def because(self, reason: str) -> None:
        self.told.append(reason)

    def decided(self, policy: str) -> None:
        self.told.append(policy)

    def apply_all(self, effects: Sequence[Effect]) -> None:
        for effect in effects:
            self.told.append(f"{effect.target}={effect.after}")
            self.world.apply(effect)


@pytest.mark.demand("CONSENT-1")
def test_a_shown_plan_is_applied_exactly_later_on(tmp_path: Path) -> None:
    world = World({"b": 1})
    plan = a_gate(tmp_path, world).propose(a_plan(b=(1, 2), a=(None, 3))).plan
    journal = Journal(world)
    # Another gate, as another process would have.
    apply_plan(plan.id[:6], YesAsker(), gate=a_gate(tmp_path, world), record=journal)
    assert world.values == {"a": 3, "b": 2}
    assert journal.told[0] == "life tidy tidy the house"
    assert "approved by ines" in journal.told[2]
    assert journal.told[3:] == ["b=2", "a=3", "done"]


def test_a_plan_is_applied_once(tmp_path: Path) -> None:
    world = World()
    gate = a_gate(tmp_path, world)
    plan = gate.propose(a_plan()).plan
    apply_plan(plan.id, Person(), gate=gate, record=Journal(world))
    with pytest.raises(PlanTaken):
        apply_plan(plan.id, Person(), gate=gate, record=Journal(world))


@pytest.mark.demand("CONSENT-4")
def test_a_changed_world_is_told_before_anybody_is_asked(tmp_path: Path) -> None:
    world = World({"lamp": "off"})
    gate, person = a_gate(tmp_path, world), Person()
    plan = gate.propose(a_plan(lamp=("off", "on"))).plan
    world.values["lamp"] = "stolen"
    with pytest.raises(WorldChanged):
        apply_plan(plan.id, person, gate=gate, record=Journal(world))
    assert person.asked == []
    assert world.values == {"lamp": "stolen"}


def test_a_declined_or_unanswered_plan_stays_on_the_shelf(tmp_path: Path) -> None:
    world = World()
    gate = a_gate(tmp_path, world)
    plan = gate.propose(a_plan(Risk.SEVERE)).plan
    with pytest.raises(PlanDeclined):
        apply_plan(plan.id, Person(types="no"), gate=gate, record=Journal(world))
    with pytest.raises(NeedsApproval):
        apply_plan(plan.id, None, gate=gate, record=Journal(world))
    assert world.values == {}
    apply_plan(plan.id, Person(), gate=gate, record=Journal(world))
    assert world.values == {"lamp": "on"}


def test_a_world_that_changes_while_the_person_thinks_is_not_touched(tmp_path: Path) -> None:
    world = World({"lamp": "off"})
    gate = a_gate(tmp_path, world)
    approval = gate.approve(a_plan(lamp=("off", "on")), Person())
    world.values["lamp"] = "broken"
    with pytest.raises(WorldChanged):
        carry_out(approval, gate=gate, record=Journal(world))
    assert world.values == {"lamp": "broken"}


def test_the_effects_are_shown_literally_and_without_escapes() -> None:
    effects = (
        Effect("message", "bank\x1b[8m@evil", None, {"to": "x\u202ey"}, Reversal.IRREVERSIBLE),
        Effect("file", "/a", "old", None, note="kept for 30 days"),
        Effect("file", "/b", 1, "n" * 700),
    )
    lines = effect_lines(Plan("life", "send", "harmless!", effects))
    assert lines[:2] == [
        "create message bank\\x1b[8m@evil   (cannot be undone)",
        '    becomes  {"to": "x\\u202ey"}',
    ]
    assert lines[2:5] == ["remove file /a", "        was  old", "       note  kept for 30 days"]
    assert "and 100 more characters (sha256 " in lines[-1]
