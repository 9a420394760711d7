"""What the verbs of the policy have in common: labels on the command line, rules as rows."""

from collections.abc import Iterable

from quintet.errors import UsageError
from quintet.platform.policy.label import Label, Labels
from quintet.platform.policy.rule import Rule


def labels_of(text: str) -> Labels:
    """Labels as they are typed: mine,private."""
    words = [word.strip() for word in text.split(",") if word.strip()]
    known = {label.value for label in Label}
    for word in words:
        if word not in known:
            raise UsageError(f"there is no label '{word}'", hint=f"labels are {', '.join(known)}")
    return frozenset(Label(word) for word in words)


def told(labels: Iterable[Label]) -> str:
    return ", ".join(sorted(label.value for label in labels)) or "unlabelled"


def place_of(rule: Rule) -> str:
    """Where a rule points to."""
    ports = ",".join(map(str, sorted(rule.ports)))
    return f"{rule.destination}:{ports}" if ports else rule.destination
