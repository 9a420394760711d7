"""Suites for tests: case files written from plain values, and subjects that do as they are told."""

import contextlib
import json
import random
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from quintet.app.evals import INSTRUMENTS
from quintet.evals.answer_checks import Contains
from quintet.evals.case import Case, Suite, VerbSubject
from quintet.evals.casefile import parse_suite
from quintet.evals.check import Place
from quintet.evals.observation import Observation


def lines_of(*values: Any) -> bytes:
    return "".join(json.dumps(value) + "\n" for value in values).encode()


def case(**fields: Any) -> dict[str, Any]:
    """A case that is whole, with these fields instead of its own."""
    whole = {"id": "one", "run": ["version"], "assert": [{"contains": "x"}], **fields}
    return {name: value for name, value in whole.items() if value is not None}


def suite_of(*values: Any) -> Suite:
    return parse_suite(lines_of(*values), "suite", INSTRUMENTS)


def write_suite(path: Path, *values: Any) -> Path:
    path.write_bytes(lines_of(*values))
    return path


def plain_suite(count: int) -> Suite:
    """Cases that want the word `right` and nothing else."""
    cases = tuple(
        Case(f"case-{number}", VerbSubject(("version",)), (Contains(Place(), ("right",)),))
        for number in range(count)
    )
    return Suite("plain", cases, "0" * 64)


@dataclass
class ChanceObserver:
    """Answers rightly with the probability of the case, drawn from the seed that it is given."""

    passes: Callable[[str], float]

    @contextlib.contextmanager
    def observed(self, case: Case, seed: int) -> Generator[Observation]:
        is_right = random.Random(seed).random() < self.passes(case.id)
        yield Observation("right" if is_right else "wrong")

    def stop(self) -> None:
        return
