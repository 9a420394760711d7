"""Changes of the egress rules, each a recorded change of one file."""

from typing import TYPE_CHECKING

from quintet.platform.files import PRIVATE_FILE
from quintet.platform.policy.rule import Rule

if TYPE_CHECKING:
    from quintet.app.home import App
    from quintet.platform.record.action import Action


def add_rule(app: "App", rule: Rule, note: str) -> "Action":
    """Append a rule to the user's file."""
    word = "deny" if rule.is_deny else "allow"
    return _write(app, word, f"{word} {rule.destination}", app.rulebook.adding(rule, note))


def remove_rule(app: "App", line: int) -> "Action":
    """Take out the rule that stands on this line of the file."""
    return _write(app, "remove", f"remove the rule on line {line}", app.rulebook.removing(line))


def _write(app: "App", verb: str, summary: str, data: bytes) -> "Action":
    with app.record.action("policy", verb, summary) as action:
        action.write_file(app.rulebook.path, data, PRIVATE_FILE)
    return action
