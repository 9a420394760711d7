"""What can go wrong, in words a person can act on.

Every failure that a user may cause or meet is a `QuintetError`: it says what happened, why, and
what to do next, and carries a stable code. Modules define their own beside their code; only the
command line maps a kind to an exit status.
"""

from enum import StrEnum
from typing import ClassVar


class Kind(StrEnum):
    """How a failure ends the process: one member per exit status of the grammar."""

    FAILED = "failed"
    USAGE = "usage"
    PARTIAL = "partial"
    NEEDS_APPROVAL = "needs-approval"
    REFUSED = "refused"
    BUDGET = "budget"
    INTEGRITY = "integrity"
    BUSY = "busy"
    UNAVAILABLE = "unavailable"
    INTERRUPTED = "interrupted"


class QuintetError(Exception):
    """A failure with a kind, a stable code, and a hint that helps."""

    kind: ClassVar[Kind] = Kind.FAILED
    code: ClassVar[str] = "failed"

    def __init__(
        self, what: str, *, why: str = "", hint: str = "", details: dict[str, object] | None = None
    ) -> None:
        super().__init__(what)
        self.what = what
        self.why = why
        self.hint = hint
        self.details = details or {}

    def __str__(self) -> str:
        return f"{self.what}: {self.why}" if self.why else self.what


class UsageError(QuintetError):
    """The request itself makes no sense, whatever the state of the world."""

    kind = Kind.USAGE
    code = "usage"


class NotFound(QuintetError):
    """A thing that the user named does not exist."""

    code = "not-found"
