"""Which lines to suspect: those that failing tests run and passing tests do not.

The score is Ochiai's, the cosine between "runs this line" and "fails": 1 for a line that every
failing test runs and no passing one does.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from math import sqrt

from quintet.engines.code.suite import Ending, Place, RanTest

# Lines of one statement or one branch stand this close and are told together.
_NEAR_LINES = 2


@dataclass(frozen=True, slots=True)
class Suspect:
    """Neighbouring lines with the same figures. `raised` names the tests whose error was here."""

    file: str
    first: int
    last: int
    score: float
    failing: tuple[str, ...]
    failing_total: int
    passing: int
    passing_total: int
    raised: tuple[str, ...] = ()

    @property
    def where(self) -> str:
        lines = f"{self.first}" if self.first == self.last else f"{self.first}-{self.last}"
        return f"{self.file}:{lines}"

    @property
    def why(self) -> str:
        reason = f"run by {len(self.failing)} of {self.failing_total} failing tests"
        if self.passing_total:
            reason += f" and {self.passing} of {self.passing_total} passing ones"
        return f"{reason}; the error of {self.raised[0]} came from here" if self.raised else reason


class Spectrum:
    """Takes in one test after the other, so that a large suite need not fit in memory."""

    def __init__(self) -> None:
        self.failing: list[RanTest] = []
        self.passing_count = 0
        self._passing: Counter[Place] = Counter()
        self._failing: defaultdict[Place, list[int]] = defaultdict(list)
        self._test_files: set[str] = set()

    def add(self, test: RanTest) -> None:
        self._test_files.add(test.path)
        places = (Place(file, line) for file, lines in test.lines.items() for line in lines)
        if test.ending is Ending.PASSED:
            self.passing_count += 1
            self._passing.update(places)
            return
        for place in places:
            self._failing[place].append(len(self.failing))
        self.failing.append(test)

    @property
    def has_lines(self) -> bool:
        return bool(self._failing)

    def suspects(self) -> list[Suspect]:
        """All of them, most suspicious first; a test's own lines come after everything else."""
        raised = self._raised()
        found: list[Suspect] = []
        for _, group in groupby(sorted(self._failing), key=lambda place: place.file):
            found.extend(self._merged(list(group), raised))
        return sorted(found, key=self._rank)

    def _merged(self, places: list[Place], raised: dict[Place, list[str]]) -> Iterator[Suspect]:
        last: Suspect | None = None
        for place in places:
            next_one = self._suspect(place, tuple(raised.get(place, ())))
            if last is not None and _belongs(last, next_one):
                last = _stretched(last, place.line)
                continue
            if last is not None:
                yield last
            last = next_one
        if last is not None:
            yield last

    def _suspect(self, place: Place, raised: tuple[str, ...]) -> Suspect:
        failing = tuple(self.failing[index].name for index in self._failing[place])
        passing = self._passing[place]
        return Suspect(
            file=place.file,
            first=place.line,
            last=place.line,
            score=len(failing) / sqrt(len(self.failing) * (len(failing) + passing)),
            failing=failing,
            failing_total=len(self.failing),
            passing=passing,
            passing_total=self.passing_count,
            raised=raised,
        )

    def _raised(self) -> dict[Place, list[str]]:
        """The innermost line of each error that is the project's and not the test's."""
        raised: dict[Place, list[str]] = {}
        for test in self.failing:
            own = [frame for frame in test.frames if not self._is_test(frame.file)]
            if own:
                raised.setdefault(own[-1], []).append(test.name)
        return raised

    def _is_test(self, file: str) -> bool:
        return file in self._test_files or looks_like_test(file)

    def _rank(self, suspect: Suspect) -> tuple[bool, float, bool, str, int]:
        is_test = self._is_test(suspect.file)
        return (is_test, -suspect.score, not suspect.raised, suspect.file, suspect.first)


def looks_like_test(file: str) -> bool:
    """By the names that pytest and unittest go by; used only to rank a test's own lines last."""
    *folders, name = file.split("/")
    return (
        name == "conftest.py"
        or name.startswith("test_")
        or name.endswith("_test.py")
        or not {"test", "tests"}.isdisjoint(folders)
    )


def traced(failing: list[RanTest]) -> list[Suspect]:
    """Without coverage: the lines that errors passed through, where they were raised first."""
    through: defaultdict[Place, list[str]] = defaultdict(list)
    raised: defaultdict[Place, list[str]] = defaultdict(list)
    for test in failing:
        for place in set(test.frames):
            through[place].append(test.name)
        own = [frame for frame in test.frames if not looks_like_test(frame.file)] or test.frames
        if own:
            raised[own[-1]].append(test.name)
    suspects = [
        Suspect(
            file=place.file,
            first=place.line,
            last=place.line,
            score=len(names) / len(failing),
            failing=tuple(names),
            failing_total=len(failing),
            passing=0,
            passing_total=0,
            raised=tuple(raised[place]),
        )
        for place, names in through.items()
    ]
    return sorted(suspects, key=_rank_of_traced)


def _rank_of_traced(suspect: Suspect) -> tuple[bool, bool, float, str, int]:
    is_test = looks_like_test(suspect.file)
    return (is_test, not suspect.raised, -suspect.score, suspect.file, suspect.first)


def _belongs(last: Suspect, following: Suspect) -> bool:
    same = (last.failing, last.passing, last.raised) == (
        following.failing,
        following.passing,
        following.raised,
    )
    return same and following.first - last.last <= _NEAR_LINES


def _stretched(suspect: Suspect, last: int) -> Suspect:
    return replace(suspect, last=last)
