"""`ai policy list`: the rules for what may leave this machine."""

from quintet.platform.policy.rule import Rule
from quintet_cli.policy.wording import place_of, told
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb


def _row(rule: Rule) -> tuple[str, ...]:
    word = "deny" if rule.is_deny else "allow"
    data = "" if rule.is_deny else told(rule.data)
    data += ", also together" if rule.together else ""
    return word, place_of(rule), rule.purpose or "any purpose", data, rule.where


@verb(
    does=Does.READS,
    results={"policy.list/1": {"file": str, "rules": [Rule]}},
    examples=("ai policy list", "ai policy list --json"),
)
def list(session: Session) -> None:
    """The rules for what may leave this machine. What no rule allows is denied."""
    rules = session.app.rulebook.rules()
    rows = [_row(rule) for rule in rules]
    human = session.table(("", "place", "for", "data", "where it stands"), rows)
    session.show("policy.list/1", {"file": session.app.rulebook.path, "rules": rules}, human)
