"""What was seen of a subject: its answer, what it did on the way, and what that took."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final


class _Absent:
    """Stands where there is no JSON value; None is one."""


ABSENT: Final = _Absent()


def no_files(_name: str) -> bytes | None:
    """A place without files."""
    return None


@dataclass(frozen=True, slots=True)
class Observation:
    """`value` is the answer as JSON, or `ABSENT`. `steps` are told as `action:life.add`,
    `effect:row`, `effect:file notes.txt` or `tool:search`, in their order. `ended` says why the
    subject was cut short, if it was. A `steady` subject gives the same again.
    """

    text: str
    value: Any = ABSENT
    status: int = 0
    steps: tuple[str, ...] = ()
    money_micros: int = 0
    tokens: int = 0
    latency_s: float = 0.0
    ended: str = ""
    is_steady: bool = False
    read_file: Callable[[str], bytes | None] = no_files


def answer_of(reference: Any) -> Observation:
    """An answer that somebody wrote down, as if it had been seen."""
    if isinstance(reference, str):
        return Observation(reference)
    return Observation(text_of(reference), reference)


def text_of(value: Any) -> str:
    """A text is itself; any other JSON value is written out on one line."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def remembering(seen: Observation) -> Observation:
    """The same, whose files that are asked for now can be asked for when they are gone."""
    known: dict[str, bytes | None] = {}

    def read(name: str) -> bytes | None:
        if name not in known:
            known[name] = seen.read_file(name)
        return known[name]

    return replace(seen, read_file=read)
