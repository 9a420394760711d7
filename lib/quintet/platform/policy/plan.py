"""A plan: the literal effects that somebody may approve, bound to the world that they saw."""

from dataclasses import asdict, dataclass
from enum import StrEnum

from quintet.platform.crypto import canonical_json, digest_hex
from quintet.platform.record.event import Effect

PLAN_ID_LENGTH = 14


class Risk(StrEnum):
    """Mild asks nothing, moderate wants a yes, severe a typed word that `--yes` never covers."""

    MILD = "mild"
    MODERATE = "moderate"
    SEVERE = "severe"


@dataclass(frozen=True, slots=True)
class Plan:
    """Effects in the order in which they will be applied, exactly these and no others."""

    group: str
    verb: str
    summary: str
    effects: tuple[Effect, ...]
    reasons: tuple[str, ...] = ()
    risk: Risk = Risk.MODERATE

    @property
    def digest(self) -> str:
        """SHA-256 over everything that the plan says: what an approval is bound to."""
        return digest_hex(canonical_json(asdict(self)))

    @property
    def id(self) -> str:
        """The same plan always has the same id; a changed one is another plan."""
        return self.digest[:PLAN_ID_LENGTH]
