"""What a trial is: it does one kind of harm until its time is up, and counts what came of it."""

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from quintet.errors import QuintetError
from quintet.platform.files import FileFailure, ensure_private_dir, explained
from quintet.platform.progress import Progress


@dataclass(slots=True)
class Outcome:
    """How often something was tried and how often a promise was broken by it."""

    tries: int = 0
    failures: int = 0
    examples: list[str] = field(default_factory=list[str])
    skipped: str = ""

    def failed(self, example: str) -> None:
        self.failures += 1
        if len(self.examples) < 3:
            self.examples.append(example)


@dataclass(frozen=True, slots=True)
class Deadline:
    """The moment at which a trial must come to an end."""

    at_s: float

    @property
    def is_over(self) -> bool:
        return time.monotonic() >= self.at_s


@dataclass(frozen=True, slots=True)
class Trial:
    """A promise, and the attack on it. The attack gets an empty folder of its own."""

    name: str
    promise: str
    attack: Callable[[Path, Deadline], Outcome]


@dataclass(frozen=True, slots=True)
class Result:
    """A trial that was carried out."""

    name: str
    promise: str
    outcome: Outcome
    duration_s: float


def carry_out(
    trials: Sequence[Trial], folder: Path, duration_s: float, progress: Progress
) -> Iterator[Result]:
    """Run the trials one after another, each with its share of the time."""
    ends_s = time.monotonic() + duration_s
    for number, trial in enumerate(trials):
        progress.report(f"selftest: {trial.name}", number, len(trials))
        begins_s = time.monotonic()
        share_s = max(0.5, (ends_s - begins_s) / (len(trials) - number))
        place = Path(tempfile.mkdtemp(prefix="selftest-", dir=ensure_private_dir(folder)))
        try:
            with explained("test in", place):
                outcome = trial.attack(place, Deadline(begins_s + share_s))
        except FileFailure:
            # A full disk breaks no promise, but nothing can be tried on it.
            raise
        except QuintetError as error:
            outcome = Outcome(tries=1)
            outcome.failed(str(error))
        finally:
            shutil.rmtree(place, ignore_errors=True)
        yield Result(trial.name, trial.promise, outcome, time.monotonic() - begins_s)
