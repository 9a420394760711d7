"""Tries every case as often as asked, a few at once, and tells of each try as it ends."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Collection, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager
from contextvars import copy_context
from dataclasses import dataclass, field
from typing import Protocol

from quintet.evals.case import Case, Suite, problems_of
from quintet.evals.instruments import Instruments
from quintet.evals.observation import Observation, remembering
from quintet.evals.results import Attempt

JOBS_MOST = 32
REPEATS_MOST = 10_000
Key = tuple[str, int]


class Observer(Protocol):
    """Carries out what a case tries.

    `observed` may be used by several threads. What is seen, and the files that it speaks of, last
    as long as its block. `stop` ends what is running, from any thread, and lets nothing else begin.
    """

    def observed(self, case: Case, seed: int) -> AbstractContextManager[Observation]: ...

    def stop(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Effort:
    """How often each case is tried, from which seed, how many at once."""

    repeats: int = 1
    seed: int = 0
    jobs: int = 2


@dataclass(slots=True)
class Trying:
    """A run while it goes on. `references` keeps one passing answer a case, for the known-bad."""

    suite: Suite
    observer: Observer
    tools: Instruments
    effort: Effort
    references: dict[str, Observation] = field(default_factory=dict[str, Observation])

    def attempts(self, done: Collection[Key] = ()) -> Iterator[Attempt]:
        """Every try that is not done yet, as it ends; leaving early ends what runs."""
        left = (key for key in self._keys() if key not in done)
        cases = {case.id: case for case in self.suite.cases}
        with ThreadPoolExecutor(self.effort.jobs) as pool, contextlib.ExitStack() as stack:
            stack.callback(self.observer.stop)
            running: set[Future[Attempt]] = set()
            for id, repeat in left:
                running.add(pool.submit(copy_context().run, self._attempt, cases[id], repeat))
                if len(running) >= self.effort.jobs:
                    yield from _ended(running)
            while running:
                yield from _ended(running)

    def _keys(self) -> Iterator[Key]:
        """Round by round, so that a run that is cut short knows something of every case."""
        for repeat in range(self.effort.repeats):
            for case in self.suite.cases:
                yield case.id, repeat

    def _attempt(self, case: Case, repeat: int) -> Attempt:
        seed = seed_of(self.effort.seed, case.id, repeat)
        with self.observer.observed(case, seed) as observed:
            # A wrong answer is put to the case later, when the files are gone.
            seen = remembering(observed)
            problems = problems_of(case, seen, self.tools)
            if not problems and case.id not in self.references:
                self.references[case.id] = seen
        return Attempt(
            case.id,
            repeat,
            problems,
            seen.status,
            seen.money_micros,
            seen.tokens,
            seen.latency_s,
            case.steadiness(seen),
        )


def _ended(running: set[Future[Attempt]]) -> Iterator[Attempt]:
    done, _ = wait(running, return_when=FIRST_COMPLETED)
    running -= done
    for future in done:
        yield future.result()


def seed_of(seed: int, case: str, repeat: int) -> int:
    """A seed of its own for each try, the same in every run."""
    digest = hashlib.sha256(f"{seed}:{case}:{repeat}".encode()).digest()
    return int.from_bytes(digest[:4], "big") >> 1
