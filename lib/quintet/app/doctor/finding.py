"""What a check found, and how checks are run so that one broken part does not hide the others."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from quintet.errors import QuintetError


class State(StrEnum):
    """`GOOD` works, `LACKING` works with less than it could, `BROKEN` needs the user."""

    GOOD = "good"
    LACKING = "lacking"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor: what was looked at, how it stands, and the command that helps."""

    name: str
    state: State
    what: str
    hint: str = ""
    repair: Callable[[], None] | None = None


Check = Callable[[], Iterable[Finding]]


def examine(checks: Iterable[tuple[str, Check]]) -> Iterator[Finding]:
    """Run every check; one that fails becomes a finding of its own."""
    for name, check in checks:
        try:
            yield from check()
        except QuintetError as error:
            yield Finding(name, State.BROKEN, str(error), error.hint)
        except Exception as error:
            # The doctor must see the rest of the patient whatever one organ does.
            yield Finding(
                name,
                State.BROKEN,
                f"{type(error).__name__}: {error}",
                "ai doctor --bundle report.zip",
            )
