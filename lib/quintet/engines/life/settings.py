"""What a person may say about their days."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class LifeSettings:
    """The hours in which free time is worth showing, and where they are spent."""

    time_zone: str = field(
        default="", metadata={"help": "such as Europe/Berlin; empty: the machine's own"}
    )
    day_starts: str = field(default="08:00", metadata={"help": "free time is shown from here on"})
    day_ends: str = field(default="20:00", metadata={"help": "free time is shown up to here"})
    shortest_free_min: int = field(
        default=30, metadata={"help": "gaps shorter than this are not shown, in minutes"}
    )
