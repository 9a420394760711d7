"""Changes of the rules as recorded effects: planned, shown, approved, and undone one by one."""

from dataclasses import replace
from typing import Any

from quintet.platform.files import ensure_private_dir, write_atomic
from quintet.platform.policy.label import Label
from quintet.platform.policy.plan import Plan, Risk
from quintet.platform.policy.rule import Rule
from quintet.platform.policy.rulebook import Rulebook
from quintet.platform.record.effects.port import WorldChanged
from quintet.platform.record.event import Effect


class RuleEffects:
    """Rules of `egress.toml`. A target says which rule, a state what it lets go."""

    kind = "egress-rule"

    def __init__(self, rulebook: Rulebook) -> None:
        self._rulebook = rulebook

    def state(self, target: str) -> Any:
        rules = self._titled(target)
        return _state_of(_joined(rules)) if rules else None

    def apply(self, effect: Effect) -> None:
        self._put(effect.target, effect.after, was=effect.before, note=effect.note)

    def revert(self, effect: Effect) -> None:
        self._put(effect.target, effect.before, was=effect.after)

    def _titled(self, title: str) -> list[Rule]:
        return [rule for rule in self._rulebook.rules() if rule.line and title_of(rule) == title]

    def _put(self, title: str, wanted: Any, *, was: Any, note: str = "") -> None:
        present = self.state(title)
        if present == wanted:
            return
        if present != was:
            raise WorldChanged(f"the rule to {title} changed meanwhile", hint="ai policy list")
        # From the end, so that the lines of the others stay what they are.
        for rule in sorted(self._titled(title), key=lambda rule: -rule.line):
            self._write(self._rulebook.removing(rule.line))
        if wanted is not None:
            self._write(self._rulebook.adding(_rule_from(wanted), note))

    def _write(self, data: bytes) -> None:
        path = self._rulebook.path.resolve()
        ensure_private_dir(path.parent)
        write_atomic(path, data)


def title_of(rule: Rule) -> str:
    """A rule in words, without what it lets go: `allow api.example.com:443 for model`."""
    host = f"[{rule.destination}]" if ":" in rule.destination else rule.destination
    ports = f":{','.join(map(str, sorted(rule.ports)))}" if rule.ports else ""
    purpose = f" for {rule.purpose}" if rule.purpose else ""
    return f"{'deny' if rule.is_deny else 'allow'} {host}{ports}{purpose}"


def plan_rule(rulebook: Rulebook, rule: Rule, note: str = "") -> Plan:
    """A plan to let a rule hold; what an allowing rule lets go is added to what it let go."""
    title = title_of(rule)
    before = RuleEffects(rulebook).state(title)
    wanted = rule if before is None else _joined([_rule_from(before), rule])
    after = _state_of(wanted)
    effect = Effect(RuleEffects.kind, title, before, after, note=note)
    risk = Risk.MILD if rule.is_deny else Risk.MODERATE
    verb = "deny" if rule.is_deny else "allow"
    return Plan("policy", verb, title, () if before == after else (effect,), risk=risk)


def plan_removal(rulebook: Rulebook, rule: Rule) -> Plan:
    """A plan to take a rule out of the file. To take out a denial is to open a way."""
    title = title_of(rule)
    effect = Effect(RuleEffects.kind, title, RuleEffects(rulebook).state(title), None)
    risk = Risk.MODERATE if rule.is_deny else Risk.MILD
    return Plan("policy", "remove", f"no longer {title}", (effect,), risk=risk)


def _joined(rules: list[Rule]) -> Rule:
    """One rule for several with the same title."""
    data = frozenset(label for rule in rules for label in rule.data)
    return replace(rules[0], data=data, together=any(rule.together for rule in rules), line=0)


def _state_of(rule: Rule) -> dict[str, Any]:
    return {
        "destination": rule.destination,
        "ports": sorted(rule.ports),
        "purpose": rule.purpose,
        "data": sorted(rule.data),
        "together": rule.together,
        "deny": rule.is_deny,
    }


def _rule_from(state: dict[str, Any]) -> Rule:
    return Rule(
        destination=state["destination"],
        ports=frozenset(state["ports"]),
        purpose=state["purpose"],
        data=frozenset(Label(name) for name in state["data"]),
        together=state["together"],
        is_deny=state["deny"],
    )
