"""What the server is handed: tools that know nothing of the protocol, and how they answer."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from quintet.platform.policy.label import Label

Schema = dict[str, Any]
Arguments = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, as it says itself: a name to write down, never a reason to trust."""

    name: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a call. A failure is an answer too: what, why and what to do."""

    value: dict[str, Any]
    is_error: bool = False
    labels: frozenset[Label] = field(default_factory=frozenset[Label])
    exit_status: int | None = None


Run = Callable[[Arguments, Caller], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool. `result` describes every value that it can answer with, failures included."""

    name: str
    title: str
    description: str
    arguments: Schema
    result: Schema
    run: Run
    is_reading: bool = False
    is_destructive: bool = False


def failure(kind: str, code: str, what: str, *, why: str = "", hint: str = "") -> Answer:
    """An answer in the form that every failure of `ai` has."""
    error = {"kind": kind, "code": code, "what": what, "why": why, "hint": hint}
    return Answer({"schema": "ai.error/1", "error": error}, is_error=True)
