"""A plan in the words that a person approves: each effect as it will happen, nothing retold.

A summary may have been written by a model that read something hostile; the effects were not.
"""

import difflib
import json
from collections.abc import Iterator
from typing import Any, cast

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
    if _is_lines(effect.before) and _is_lines(effect.after):
        yield from _compared(effect.before or [], effect.after or [])
        return
    for lead, text in (("was", effect.before), ("becomes", effect.after)):
        if text not in (None, ""):
            yield f"    {lead:>7}  {_shown(text)}"
    note = effect.note.split("\n")
    if len(note) > 1:
        yield from (f"    | {plain_text(line.expandtabs(2))}".rstrip() for line in note)
    elif effect.note:
        yield f"    {'note':>7}  {_shown(effect.note)}"


def _is_lines(state: Any) -> bool:
    """Whether a state is lines of a text, or nothing."""
    if not isinstance(state, list):
        return state is None
    return all(isinstance(line, str) for line in cast("list[Any]", state))


def _compared(before: list[str], after: list[str]) -> Iterator[str]:
    """Two texts line by line: what goes, what comes, and what stays between them."""
    for line in difflib.ndiff(before, after):
        if not line.startswith("?"):
            yield f"    {plain_text(line)}"


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
