"""What a person may say about their days."""

from dataclasses import dataclass, field
from datetime import time


def _is_zone(name: str) -> bool:
    from quintet.engines.life.moments import zone_named

    return not name or zone_named(name) is not None


def _is_clock(text: str) -> bool:
    try:
        time.fromisoformat(text)
    except ValueError:
        return False
    return True


def _hour(default: str, help: str) -> str:
    rules = {"help": help, "accepts": _is_clock, "expects": 'a time of day such as "08:00"'}
    return field(default=default, metadata=rules)


@dataclass(frozen=True, slots=True)
class LifeSettings:
    """The hours in which free time is worth showing, and where they are spent."""

    time_zone: str = field(
        default="",
        metadata={
            "help": "such as Europe/Berlin; empty: the machine's own",
            "accepts": _is_zone,
            "expects": 'a time zone such as "Europe/Berlin"',
        },
    )
    day_starts: str = _hour("08:00", "free time is shown from here on")
    day_ends: str = _hour("20:00", "free time is shown up to here")
    shortest_free_min: int = field(
        default=30, metadata={"help": "gaps shorter than this are not shown, in minutes"}
    )
