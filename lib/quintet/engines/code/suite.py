"""What the engine asks of a project's tests, and what it hears back."""

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple, Protocol

from quintet.errors import Kind, QuintetError


class NoTests(QuintetError):
    """There is nothing to run here."""

    code = "code.no_tests"


class RunnerMissing(QuintetError):
    """The project's own interpreter lacks what its tests need."""

    kind = Kind.UNAVAILABLE
    code = "code.runner_missing"


class Ending(StrEnum):
    """How a test ended. `BROKEN` is what could not even become a test, a module for instance."""

    PASSED = "passed"
    FAILED = "failed"
    BROKEN = "broken"
    HUNG = "hung"


class Place(NamedTuple):
    """A line of a file of the project, named from its root."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class RanTest:
    """One test: how it ended, where its error passed through the project, which lines it ran."""

    name: str
    ending: Ending
    path: str = ""
    message: str = ""
    frames: tuple[Place, ...] = ()
    lines: Mapping[str, tuple[int, ...]] = field(default_factory=dict[str, tuple[int, ...]])


@dataclass(frozen=True, slots=True)
class SuiteRun:
    """A finished run. `tests` may be empty although tests ran: not every command can be watched."""

    command: tuple[str, ...]
    status: int
    is_timed_out: bool
    output: str
    tests: Iterable[RanTest]


class TestSuite(Protocol):
    """A project's tests, which can be run once for each call."""

    @property
    def root(self) -> Path: ...

    def run(self) -> AbstractContextManager[SuiteRun]:
        """Run all tests now; `tests` of the result can be read while the context is open."""
        ...
