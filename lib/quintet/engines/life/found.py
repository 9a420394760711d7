"""What reading a source gives, whoever read it: items, and what was odd about the rest."""

from dataclasses import dataclass

from quintet.engines.life.item import Item, Source
from quintet.errors import QuintetError


class SourceUnreadable(QuintetError):
    """The bytes are not what they were taken for."""

    code = "life.source_unreadable"


@dataclass(frozen=True, slots=True)
class Skipped:
    """What was read with a reservation, or was `lost` altogether, and why."""

    index: int
    title: str
    why: str
    is_lost: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What a source tells, before the store is asked. `choices` says how a line was understood."""

    source: Source
    items: tuple[Item, ...]
    skipped: tuple[Skipped, ...] = ()
    choices: tuple[str, ...] = ()

    @property
    def lost_count(self) -> int:
        return sum(skip.is_lost for skip in self.skipped)
