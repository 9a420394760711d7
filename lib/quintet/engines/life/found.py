"""What reading a source gives, whoever read it: items, and what was odd about the rest."""

from dataclasses import dataclass

from quintet.engines.life.item import Item, Source
from quintet.errors import QuintetError


class SourceUnreadable(QuintetError):
    """The bytes are not what they were taken for."""

    code = "life.source_unreadable"


@dataclass(frozen=True, slots=True)
class Skipped:
    """What was left out or read with a reservation, and why."""

    index: int
    title: str
    why: str


@dataclass(frozen=True, slots=True)
class Found:
    """What a source tells, before the store is asked. `choices` says how a line was understood."""

    source: Source
    items: tuple[Item, ...]
    skipped: tuple[Skipped, ...] = ()
    choices: tuple[str, ...] = ()
