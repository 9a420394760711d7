"""Puts a plan before the person at the terminal: the literal effects first, then the question."""

import sys

from quintet.platform.policy.gate import Asker, YesAsker
from quintet.platform.policy.literal import effect_lines
from quintet.platform.policy.plain import plain_text
from quintet.platform.policy.plan import Plan
from quintet_cli.session import Session

_YES = {"y", "yes"}


class TerminalAsker:
    """Asks on stderr and reads from stdin. With `says_yes` only severe plans are asked about."""

    def __init__(self, session: Session, *, says_yes: bool) -> None:
        self._session = session
        self._says_yes = says_yes
        self.how = "--yes"

    def confirms(self, plan: Plan) -> bool:
        return self._says_yes or self._ask(plan, "go ahead? [y/N] ").lower() in _YES

    def typed(self, plan: Plan, word: str) -> str | None:
        return self._ask(plan, f"this is severe: type {word} to go ahead: ")

    def _ask(self, plan: Plan, question: str) -> str:
        self.how = "the terminal"
        err = self._session.console.err
        err.write("\n".join(plan_lines(plan)) + f"\n{question}")
        err.flush()
        return sys.stdin.readline().strip()


def asker_for(session: Session) -> Asker | None:
    """Who answers for this run: a person, their `--yes`, or nobody."""
    if session.is_interactive:
        return TerminalAsker(session, says_yes=session.flags.yes)
    return YesAsker() if session.flags.yes else None


def plan_lines(plan: Plan) -> list[str]:
    """A plan as a person is shown it."""
    reasons = [f"  because {plain_text(reason)}" for reason in plan.reasons]
    return [f"plan {plan.id}: {plain_text(plan.summary)}", *reasons] + [
        f"  {line}" for line in effect_lines(plan)
    ]
