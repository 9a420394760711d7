"""Suites put together with this home's models, record, budget and store."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from quintet.app.eval_history import NAME, History
from quintet.app.eval_subjects import Observers, PromptObserver, VerbObserver
from quintet.app.models import as_meant, models_of
from quintet.errors import NotFound, UsageError
from quintet.evals.case import Case, Suite, VerbSubject
from quintet.evals.casefile import FILE_LIMIT_BYTES, parse_suite
from quintet.evals.compare import Comparison, compare
from quintet.evals.instruments import Instruments
from quintet.evals.observation import ABSENT, Observation
from quintet.evals.results import SuiteResult
from quintet.evals.runner import Effort, Trying
from quintet.evals.standing import LIMIT_BYTES, Standing, parse_standing, standing_bytes
from quintet.evals.teeth import Teeth, teeth_of
from quintet.models import pattern
from quintet.models.schema import check_schema
from quintet.models.strict_json import parse_json, same
from quintet.models.validation import problems
from quintet.platform.budget.amount import Amount, Dimension
from quintet.platform.crypto import canonical_json, digest_hex
from quintet.platform.files import read_bytes
from quintet.platform.record.event import Cost, Evidence

if TYPE_CHECKING:
    from quintet.app.home import App
    from quintet.platform.budget.budget import Budget
    from quintet.platform.record.action import Action

GROUP = "eval"
_SHIPPED = Path(str(resources.files("quintet.evals") / "suites"))
# Tokens and seconds that a lease of money may use: no bound of their own.
_AMPLE_TOKENS, _AMPLE_MILLIS = 1 << 40, 1 << 40

INSTRUMENTS = Instruments(
    parse_json=parse_json,
    check_schema=check_schema,
    schema_problems=lambda schema, value: [str(one) for one in problems(schema, value, limit=1)],
    pattern_size=pattern.size_of,
    found=pattern.matches,
    same=same,
)


class SuiteChanged(UsageError):
    """A run is to be gone on with, but its file of cases is another one now."""

    code = "evals.suite_changed"


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a suite is to be run. Empty fields ask for nothing in particular."""

    effort: Effort = field(default_factory=Effort)
    only: tuple[str, ...] = ()
    model: str = ""
    sends_seed: bool = False
    budget_micros: int | None = None
    in_users_home: bool = False
    resume: str = ""
    baseline: str = ""
    confidence: float = 0.99


@dataclass(frozen=True, slots=True)
class Ran:
    """A run that is over: its result, what its cases can catch, and how it compares."""

    action: Action
    suite: Suite
    result: SuiteResult
    teeth: tuple[Teeth, ...]
    comparison: Comparison | None


Files = Callable[[SuiteResult, Comparison | None], Mapping[Path, bytes]]


class Evals:
    """`program` is the command that starts a verb in a child; the terminal knows it."""

    def __init__(self, app: App, program: Sequence[str] = ()) -> None:
        self._app = app
        self._program = program
        # The run that is going on: what was tried in it is kept, however it ends.
        self.begun = ""

    @cached_property
    def history(self) -> History:
        return History(self._app.database(NAME))

    def file_of(self, text: str) -> Path:
        """A file, or the name of a suite that is shipped."""
        path = self._app.cwd / text
        shipped = _SHIPPED / f"{text}.jsonl"
        return shipped if "/" not in text and not path.exists() and shipped.is_file() else path

    def cases(self, text: str, only: Sequence[str] = ()) -> Suite:
        """What would be tried, and nothing tried."""
        return chosen(self.load(self.file_of(text)), only)

    def load(self, path: Path) -> Suite:
        data = read_bytes(path, FILE_LIMIT_BYTES)
        return parse_suite(data, path.stem or "suite", INSTRUMENTS)

    def standing(self, text: str) -> Standing:
        """A baseline's file, or a run of the history by its id."""
        path = self._app.cwd / text
        if path.is_file():
            return parse_standing(read_bytes(path, LIMIT_BYTES), INSTRUMENTS)
        if "/" in text or "." in text:
            raise NotFound(
                f"there is no baseline {path}", hint="ai eval run … --save-baseline FILE"
            )
        return self.history.find(text).standing

    def run(self, text: str, wanted: Wanted, files: Files) -> Ran:
        """Try the cases as a recorded action. `files` says what is to be written at the end."""
        file = self.file_of(text)
        suite = chosen(self.load(file), wanted.only)
        before = self._baseline(wanted)
        earlier = self._resumed(suite, wanted)
        effort = replace(wanted.effort, **_as_before(earlier))
        summary = f"{suite.name}: {len(suite.cases)} cases, {effort.repeats} times"
        with self._app.record.action(GROUP, "run", summary) as action:
            action.because("the cases", Evidence("file", str(file), digest=suite.digest))
            result, references = self._tried(
                suite, file, action, replace(wanted, effort=effort), earlier
            )
            teeth = teeth_of(suite, INSTRUMENTS, references)
            comparison = compare(before, result.standing, wanted.confidence) if before else None
            action.because(told(result, comparison))
            action.spend(Cost(result.money_micros, result.tokens))
            for place, data in files(result, comparison).items():
                action.write_file(self._app.cwd / place, data)
        return Ran(action, suite, result, tuple(teeth), comparison)

    def check(self, text: str) -> list[Teeth]:
        """Put wrong answers to every case. A verb without a reference is run once to get one."""
        file = self.file_of(text)
        suite = self.load(file)
        with self._app.record.action(GROUP, "check", f"{suite.name}: can it fail?") as action:
            action.because("the cases", Evidence("file", str(file), digest=suite.digest))
            teeth = teeth_of(suite, INSTRUMENTS, self._references(suite, file.parent, action))
            bad = sum(not one.is_sound for one in teeth)
            action.because(f"{bad} of {len(teeth)} cases cannot tell right from wrong")
        return teeth

    def _references(self, suite: Suite, folder: Path, action: Action) -> dict[str, Observation]:
        cases = tuple(
            case
            for case in suite.cases
            if isinstance(case.subject, VerbSubject) and case.expect is ABSENT
        )
        observers = self._observers(Wanted(), folder, action, self._app.budget, {})
        trying = Trying(replace(suite, cases=cases), observers, INSTRUMENTS, Effort())
        for number, _ in enumerate(trying.attempts()):
            self._app.progress.report("eval: a right answer of each case", number, len(cases))
        return trying.references

    def _tried(
        self, suite: Suite, file: Path, action: Action, wanted: Wanted, earlier: SuiteResult | None
    ) -> tuple[SuiteResult, dict[str, Observation]]:
        attempts = list(earlier.attempts) if earlier else []
        run, effort = earlier.id if earlier else action.id, wanted.effort
        self.begun = run
        at = earlier.at if earlier else self._begin(action, suite, file, effort)
        total = len(suite.cases) * effort.repeats
        with self._observing(wanted, file.parent, action) as observers:
            trying = Trying(suite, observers, INSTRUMENTS, effort)
            for attempt in trying.attempts({(one.case, one.repeat) for one in attempts}):
                self.history.add(run, attempt)
                attempts.append(attempt)
                self._app.progress.report(f"eval: {suite.name}", len(attempts), total)
        order = {case.id: at for at, case in enumerate(suite.cases)}
        attempts.sort(key=lambda one: (order[one.case], one.repeat))
        result = SuiteResult(
            run, suite.name, suite.digest, at, effort.seed, effort.repeats, tuple(attempts)
        )
        return result, trying.references

    def _begin(self, action: Action, suite: Suite, file: Path, effort: Effort) -> str:
        return self.history.begin(action.id, suite, str(file), self._app.clock.now(), effort)

    @contextlib.contextmanager
    def _observing(self, wanted: Wanted, folder: Path, action: Action) -> Generator[Observers]:
        if wanted.budget_micros is None:
            yield self._observers(wanted, folder, action, self._app.budget, {})
            return
        amount = self._ample(wanted.budget_micros)
        with self._app.budget.lease(amount, group=GROUP, run=action.id) as lease:
            yield self._observers(wanted, folder, action, lease.budget, lease.environment)

    def _ample(self, money_micros: int) -> Amount:
        """A lease of money, with half of the tokens and the time that are left where they count."""
        lines = self._app.budget.standing().lines
        tokens = [line.left // 2 for line in lines if line.limit.dimension is Dimension.TOKENS]
        millis = [line.left // 2 for line in lines if line.limit.dimension is Dimension.TIME]
        return Amount(
            money_micros,
            min(tokens, default=_AMPLE_TOKENS),
            min(millis, default=_AMPLE_MILLIS) / 1000,
        )

    def _observers(
        self,
        wanted: Wanted,
        folder: Path,
        action: Action,
        budget: Budget,
        lease: Mapping[str, str],
    ) -> Observers:
        own = {**action.for_child(), **lease} if wanted.in_users_home else None
        cause = action.id if wanted.in_users_home else ""
        return Observers(
            VerbObserver(self._app, self._program, folder, own, cause),
            PromptObserver(
                models_of(self._app, budget),
                self._app.clock,
                folder=folder,
                run=action.id,
                given_model=as_meant(self._app, wanted.model) if wanted.model else "",
                sends_seed=wanted.sends_seed,
            ),
        )

    def _baseline(self, wanted: Wanted) -> Standing | None:
        return self.standing(wanted.baseline) if wanted.baseline else None

    def _resumed(self, suite: Suite, wanted: Wanted) -> SuiteResult | None:
        if not wanted.resume:
            return None
        earlier = self.history.find(wanted.resume)
        if earlier.suite_digest != suite.digest:
            raise SuiteChanged(
                f"the run {earlier.id[:6]} cannot be gone on with",
                why="its cases are not those of this file",
                hint="run it anew, without --resume",
            )
        return earlier


def chosen(suite: Suite, only: Sequence[str]) -> Suite:
    """The cases with these ids, or all; a suite of some of them is another suite."""
    if not only:
        return suite
    known = {case.id: case for case in suite.cases}
    for id in only:
        if id not in known:
            raise NotFound(f"there is no case {id}", why=f"the suite has {len(known)} others")
    cases: tuple[Case, ...] = tuple(known[id] for id in dict.fromkeys(only))
    part = canonical_json([suite.digest, *(case.id for case in cases)])
    return replace(suite, cases=cases, digest=digest_hex(part))


def told(result: SuiteResult, comparison: Comparison | None) -> str:
    """A run in one line."""
    passed = sum(attempt.is_passed for attempt in result.attempts)
    line = f"{passed} of {len(result.attempts)} tries passed, {result.passed_cases} of "
    line += f"{len(result.cases)} cases every time"
    return f"{line}; {comparison.verdict} against {comparison.before[:6]}" if comparison else line


def _as_before(earlier: SuiteResult | None) -> dict[str, int]:
    return {"seed": earlier.seed, "repeats": earlier.repeats} if earlier else {}


def baseline_bytes(result: SuiteResult) -> bytes:
    """The file that a later run is compared with."""
    return standing_bytes(result.standing)
