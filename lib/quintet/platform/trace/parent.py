"""Which trace a process belongs to, as the W3C's `traceparent` hands it from parent to child."""

from collections.abc import Mapping
from typing import NamedTuple

from quintet.platform.rng import ALPHABET, ID_LENGTH

VARIABLE = "TRACEPARENT"
_FORM = r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?"


class Parent(NamedTuple):
    """The span, perhaps of another process, that a new one stands below."""

    trace_id: str
    span_id: str

    def as_text(self) -> str:
        return f"00-{self.trace_id}-{self.span_id}-01"


def parent_of(env: Mapping[str, str]) -> Parent | None:
    """What the environment says; anything that is not of the form counts as nothing."""
    if not env.get(VARIABLE):
        return None
    import re

    found = re.fullmatch(_FORM, env[VARIABLE])
    if found is None or found[1] == "ff" or (found[1] == "00" and found[4]):
        return None
    if not found[2].strip("0") or not found[3].strip("0"):
        return None
    return Parent(found[2], found[3])


def run_id(trace_id: str) -> str:
    """A trace's id as a person types it; it looks like every other id of ours."""
    number = int(trace_id, 16)
    letters: list[str] = []
    for _ in range(ID_LENGTH):
        number, index = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[index])
    return "".join(letters)
