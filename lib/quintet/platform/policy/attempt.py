"""What tried to leave the machine, kept whether it was let out or not."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Protocol

from quintet.platform.crypto import canonical_json


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt: never what was sent, only where to, what for, and what was decided."""

    at: str
    destination: str
    port: int
    purpose: str
    labels: tuple[str, ...]
    verdict: str
    rule: str
    approval: str = ""


class AttemptLog(Protocol):
    """Keeps attempts. `append` is durable when it returns; if it raises, nothing may leave."""

    def append(self, attempt: Attempt) -> None: ...


class Entry(Protocol):
    """What a journal gives back: the payload is None once it was redacted."""

    @property
    def payload(self) -> bytes | None: ...


class AppendOnly(Protocol):
    """The part of a journal that the log needs."""

    def append(self, payload: bytes) -> object: ...

    def scan(self) -> Iterable[Entry]: ...


@dataclass(frozen=True, slots=True)
class JournalAttemptLog:
    """Attempts in a hash-chained journal, where none can be taken away unseen."""

    journal: AppendOnly

    def append(self, attempt: Attempt) -> None:
        self.journal.append(canonical_json(asdict(attempt)))

    def attempts(self) -> Iterator[Attempt]:
        """All of them, the oldest first."""
        for entry in self.journal.scan():
            if entry.payload is not None:
                fields = json.loads(entry.payload)
                yield Attempt(**fields | {"labels": tuple(fields["labels"])})
