"""A small world of named values, and people who answer in fixed ways."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from quintet.platform.clock import FakeClock
from quintet.platform.policy.gate import Gate
from quintet.platform.policy.plan import Plan, Risk
from quintet.platform.policy.shelf import Shelf
from quintet.platform.record.event import Effect
from quintet.platform.rng import SeededRng


@dataclass
class World:
    """Named values that effects of kind `thing` change."""

    values: dict[str, Any] = field(default_factory=dict)
    kind: str = "thing"

    def state(self, target: str) -> Any:
        return self.values.get(target)

    def apply(self, effect: Effect) -> None:
        self.values[effect.target] = effect.after

    def revert(self, effect: Effect) -> None:
        self.values[effect.target] = effect.before


@dataclass
class Person:
    """Answers what the test says and remembers what was asked."""

    says_yes: bool = True
    types: str | None = ""
    how: str = "terminal"
    asked: list[str] = field(default_factory=list)

    def confirms(self, plan: Plan) -> bool:
        self.asked.append(plan.id)
        return self.says_yes

    def typed(self, plan: Plan, word: str) -> str | None:
        self.asked.append(word)
        return word if self.types == "" else self.types


def a_plan(risk: Risk = Risk.MODERATE, **changes: tuple[Any, Any]) -> Plan:
    """A plan that moves each named thing from one value to another."""
    states = changes or {"lamp": (None, "on")}
    effects = tuple(Effect("thing", name, *pair) for name, pair in states.items())
    return Plan("life", "tidy", "tidy the house", effects, ("it is dark",), risk)


def a_gate(tmp_path: Path, world: World, clock: FakeClock | None = None) -> Gate:
    clock = clock or FakeClock()
    shelf = Shelf(tmp_path / "plans", clock, timedelta(hours=24))
    return Gate(shelf, {world.kind: world}, clock=clock, rng=SeededRng(1), user="ines")
