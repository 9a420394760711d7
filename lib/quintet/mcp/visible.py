"""JSON for eyes and models: what hides or repaints is written as an escape, the value is the same.

A calendar entry may hold letters of no width, or marks that swap the order of words. In JSON each
of them has an escape that every reader turns back into the very same text.
"""

import json
import re
import unicodedata
from typing import Any

_SUSPICIOUS = re.compile(r"[^\x20-\x7e]")
_HIDING = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def visible_json(value: Any) -> str:
    """The value as JSON on one line, with nothing in it that a person would not see."""
    return _SUSPICIOUS.sub(_escaped, json.dumps(value, ensure_ascii=False))


def _escaped(match: re.Match[str]) -> str:
    char = match.group()
    if unicodedata.category(char) not in _HIDING:
        return char
    return json.dumps(char)[1:-1] if char != "\x7f" else "\\u007f"
