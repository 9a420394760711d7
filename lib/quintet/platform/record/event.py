"""The words of the record: what an action saw, decided and changed."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

# By this variable a child process is told which action it belongs to.
CAUSE_VARIABLE = "AI_CAUSE"
# By this one it is told which other program asked for it.
ACTOR_VARIABLE = "AI_ACTOR"
USER = "user"


def stamp_of(moment: datetime) -> str:
    """A moment as the record writes it: in UTC, of fixed width, so that text sorts as time."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"


class Reversal(StrEnum):
    """What can be done about an effect afterwards."""

    REVERSIBLE = "reversible"
    COMPENSABLE = "compensable"
    IRREVERSIBLE = "irreversible"


class Outcome(StrEnum):
    """How an action stands. `OPEN` after a crash means: begun, and cut off midway."""

    OPEN = "open"
    DONE = "done"
    FAILED = "failed"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A typed reference to what an action relied on, down to the row, frame, line or span.

    `kind` says what `ref` is: file, row, frame, line, span, event, url or value. `where` narrows it
    (a line number, `120:180`, a frame), `digest` lets a later reader see whether it still says so:
    it is the SHA-256 of the whole file that `ref` names, or of the row.
    """

    kind: str
    ref: str
    where: str = ""
    digest: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Effect:
    """A change to the world, described well enough to see whether it still stands and to revert it.

    `kind` names the handler (`file`, `row`, or one that an engine registered). `before` and `after`
    are the handler's own description of the two states, JSON values; None means that there was,
    or is, nothing.
    """

    kind: str
    target: str
    before: Any = None
    after: Any = None
    reversal: Reversal = Reversal.REVERSIBLE
    note: str = ""

    def inverse(self) -> "Effect":
        """The same change told backwards."""
        return replace(self, before=self.after, after=self.before)


@dataclass(frozen=True, slots=True)
class Cost:
    """What an action used up. Money is in millionths of a US dollar, so that sums stay exact."""

    money_micros: int = 0
    tokens: int = 0
    duration_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Event:
    """One action as the record tells it, put together from its journal entries.

    `folder` is the working directory, against which relative names in evidence are meant.
    `uncertain` numbers the effects that were about to be applied when the telling stops: after a
    crash each of them may or may not have happened. `sealed` means that the key is not at hand.
    `words` are those of the command line, where they are kept.
    """

    id: str
    seq: int
    at: str
    group: str
    verb: str
    summary: str
    actor: str = USER
    run: str = ""
    folder: str = ""
    cause: str = ""
    undoes: str = ""
    outcome: Outcome = Outcome.OPEN
    reasons: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    effects: tuple[Effect, ...] = ()
    policy: str = ""
    labels: tuple[str, ...] = ()
    cost: Cost = field(default_factory=Cost)
    error: str = ""
    ended_at: str = ""
    undone_by: str = ""
    expired: bool = False
    uncertain: tuple[int, ...] = ()
    sealed: bool = False
    words: tuple[str, ...] = ()
