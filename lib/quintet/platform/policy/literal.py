"""A plan in the words that a person approves: each effect as it will happen, nothing retold.

A summary may have been written by a model that read something hostile; the effects were not.
"""

import json
from collections.abc import Iterator
from typing import Any

from quintet.platform.crypto import digest_hex
from quintet.platform.policy.plain import plain_text
from quintet.platform.policy.plan import Plan
from quintet.platform.record.event import Effect, Reversal

_SHOWN_CHARS = 600


def effect_lines(plan: Plan) -> list[str]:
    """One line for each effect and one for each of its two states, safe to print."""
    return [line for effect in plan.effects for line in _lines_of(effect)]


def _lines_of(effect: Effect) -> Iterator[str]:
    undo = {
        Reversal.REVERSIBLE: "",
        Reversal.COMPENSABLE: "   (cannot be taken back, only made good)",
        Reversal.IRREVERSIBLE: "   (cannot be undone)",
    }[effect.reversal]
    yield f"{_verb_of(effect)} {plain_text(effect.kind)} {plain_text(effect.target)}{undo}"
    for lead, text in (("was", effect.before), ("becomes", effect.after), ("note", effect.note)):
        if text not in (None, ""):
            yield f"    {lead:>7}  {_shown(text)}"


def _verb_of(effect: Effect) -> str:
    if effect.before is None:
        return "create"
    return "remove" if effect.after is None else "change"


def _shown(state: Any) -> str:
    """A state on one line; where it is too long the rest is counted and named by its hash."""
    text = state if isinstance(state, str) else json.dumps(state, ensure_ascii=False)
    if len(text) <= _SHOWN_CHARS:
        return plain_text(text)
    digest = digest_hex(text.encode("utf-8", "surrogatepass"))
    hidden = len(text) - _SHOWN_CHARS
    return f"{plain_text(text[:_SHOWN_CHARS])} … and {hidden:,} more characters (sha256 {digest})"
