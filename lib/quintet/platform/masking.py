"""Takes what looks like a key or password out of text that is about to be written down."""

import re
from typing import Any, cast

MASK = "‹masked›"

_SHAPES = re.compile(
    r"""
      -----BEGIN\ [A-Z0-9\ ]*PRIVATE\ KEY-----.*?(?:-----END\ [A-Z0-9\ ]*PRIVATE\ KEY-----|\Z)
    | \b(?:sk|pk|rk)-[A-Za-z0-9_-]{16,}
    | \bgh[pousr]_[A-Za-z0-9]{20,} | \bgithub_pat_[A-Za-z0-9_]{20,} | \bglpat-[A-Za-z0-9_-]{16,}
    | \b(?:AKIA|ASIA)[A-Z0-9]{16}\b
    | \bAIza[A-Za-z0-9_-]{30,}
    | \bxox[abeoprs]-[A-Za-z0-9-]{10,}
    | \bhf_[A-Za-z0-9]{20,}
    | \beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*
    """,
    re.VERBOSE | re.DOTALL,
)
_NAMED = re.compile(
    r"""(?ix)
    (\b(?:authorization | x-api-key | api[_-]?key | [a-z0-9_]*secret | [a-z0-9_]*token
        | pass(?:word|wd|phrase))
     ["']? \s* [:=] \s* (?:bearer\s+|basic\s+)? ["']?)
    ([^\s"',;{}\[\]]{6,})
    """
)
_IN_URL = re.compile(r"(\b[a-z][a-z0-9+.-]*://[^\s/:@]+:)[^\s/@]+(@)", re.IGNORECASE)


def masked(text: str) -> str:
    """The text without what looks like a secret, and without halves of characters."""
    text = _SHAPES.sub(MASK, text.encode("utf-8", "replace").decode())
    text = _NAMED.sub(rf"\1{MASK}", text)
    return _IN_URL.sub(rf"\1{MASK}\2", text)


def masked_value(value: Any) -> Any:
    """A JSON value with every text in it masked."""
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, dict):
        members = cast("dict[str, Any]", value)
        return {masked(name): masked_value(inner) for name, inner in members.items()}
    if isinstance(value, list | tuple):
        return [masked_value(inner) for inner in cast("list[Any]", value)]
    return value
