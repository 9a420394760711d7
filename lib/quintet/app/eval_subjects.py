"""What cases try, tried: verbs of `ai` in a home of their own or the user's, and prompts."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import tempfile
import threading
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quintet.errors import Kind, QuintetError
from quintet.evals.adapters.child import Children, Ended
from quintet.evals.case import Case, PromptSubject, VerbSubject
from quintet.evals.observation import ABSENT, Observation
from quintet.models.metered import Call
from quintet.models.port import (
    ChatModel,
    Message,
    Request,
    Role,
    Tool,
)
from quintet.models.recorded import NotOnTape
from quintet.models.strict_json import JsonInvalid, parse_json
from quintet.models.structured import ask_for
from quintet.platform.files import explained, read_bytes
from quintet.platform.record.effects.row import RowHandler
from quintet.platform.record.event import Effect, Event
from quintet.platform.record.reading import Query

if TYPE_CHECKING:
    from quintet.app.home import App
    from quintet.models.access import Models
    from quintet.platform.clock import Clock

_CITED_LIMIT_BYTES = 16 << 20
_STEADY = ("scripted", "recorded")
# What a child in its own home is told of the world: nothing that differs from user to user.
_PASSED_ON = ("PATH", "PYTHONDONTWRITEBYTECODE", "COVERAGE_PROCESS_START")


@dataclass(frozen=True, slots=True)
class Witnessed:
    """What was seen of a verb, and the actions that it recorded, oldest first."""

    seen: Observation
    events: tuple[Event, ...]


@dataclass(slots=True)
class VerbObserver:
    """Runs a verb as a child. `program` is how a child is started, `folder` that of the suite.

    With `own` it acts in the user's home, in the environment that `own` adds, one at a time.
    """

    app: App
    program: Sequence[str]
    folder: Path
    own: Mapping[str, str] | None = None
    cause: str = ""
    _children: Children = field(default_factory=Children, init=False)
    _turn: threading.Lock = field(default_factory=threading.Lock, init=False)

    @contextlib.contextmanager
    def observed(self, case: Case, seed: int) -> Generator[Observation]:
        with self.witnessed(case, seed) as tried:
            yield tried.seen

    @contextlib.contextmanager
    def witnessed(self, case: Case, seed: int) -> Generator[Witnessed]:
        """As `observed`, with the actions that its record tells of."""
        assert isinstance(case.subject, VerbSubject)
        with tempfile.TemporaryDirectory(prefix="ai-eval-", ignore_cleanup_errors=True) as place:
            work = Path(place) / "work"
            _put(case.subject.files, work)
            if self.own is None:
                yield self._in_own_home(case, case.subject, Path(place), seed)
            else:
                with self._turn:
                    yield self._in_users_home(case, case.subject, work)

    def stop(self) -> None:
        self._children.stop()

    def _in_own_home(self, case: Case, subject: VerbSubject, place: Path, seed: int) -> Witnessed:
        given: dict[str, Any] = {"now": subject.now, "seed": seed}
        if subject.tape:
            tape = (self.folder / subject.tape).absolute()
            given["settings"] = [f"models.replay_from={tape}"]
        env = _environment(self.app.env, place)
        return self._seen(case, subject, given, place / "work", env, after=0)

    def _in_users_home(self, case: Case, subject: VerbSubject, work: Path) -> Witnessed:
        assert self.own is not None
        env = {**self.app.env, **self.own}
        last = self.app.record.events(Query(limit=1))
        folder = work if subject.files else self.app.cwd
        return self._seen(case, subject, {}, folder, env, after=last[0].seq if last else 0)

    def _seen(
        self,
        case: Case,
        subject: VerbSubject,
        given: Mapping[str, Any],
        work: Path,
        env: Mapping[str, str],
        *,
        after: int,
    ) -> Witnessed:
        def run(words: Sequence[str], stdin: str) -> Ended:
            return self._children.run(
                [*self.program, json.dumps({**given, "words": words})],
                cwd=work,
                env=env,
                stdin=stdin.encode(),
                timeout_s=case.timeout_s,
            )

        for words in subject.before:
            ended = run(words, "")
            if ended.status or ended.why:
                why = ended.why or f"it ended with status {ended.status}"
                why = f"`ai {' '.join(words)}` goes before: {why}"
                return Witnessed(Observation("", status=1, ended=why), ())
            after = max([after, *(event.seq for event in self._events(env, after))])
        ended = run(subject.words, subject.stdin)
        events = self._events(env, after)
        return Witnessed(self._observation(ended, events, work), tuple(events))

    def _observation(self, ended: Ended, events: Sequence[Event], work: Path) -> Observation:
        return Observation(
            text=ended.out,
            value=_parsed(ended.out),
            status=ended.status if ended.status >= 0 else 128 - ended.status,
            steps=tuple(step for event in events for step in steps_of(event, work)),
            money_micros=sum(event.cost.money_micros for event in events),
            tokens=sum(event.cost.tokens for event in events),
            latency_s=ended.duration_s,
            ended=ended.why,
            is_steady=self.own is None,
            read_file=lambda name: _read_below(work, name),
        )

    def _events(self, env: Mapping[str, str], after: int) -> list[Event]:
        """What the child did, oldest first, as its record tells."""
        from quintet.app.home import App

        app = self.app if self.own is not None else App(env, cwd=self.folder)
        if not (app.paths.data_dir / "record").is_dir():
            return []
        found = [event for event in app.record.events(Query(limit=None)) if event.seq > after]
        return [event for event in found[::-1] if not self.cause or event.cause == self.cause]


def steps_of(event: Event, work: Path) -> list[str]:
    """An action and its effects as steps: names that are the same in every run."""
    return [
        f"action:{event.group}.{event.verb}",
        *(f"effect:{_told(effect, work)}" for effect in event.effects),
    ]


def _told(effect: Effect, work: Path) -> str:
    if effect.kind == RowHandler.kind:
        # Behind the table stands the key of the row, which is another one each time.
        return f"{effect.kind} {effect.target.partition(' ')[0]}"
    with contextlib.suppress(ValueError):
        return f"{effect.kind} {Path(effect.target).relative_to(work.resolve())}"
    return effect.kind


def _put(files: Mapping[str, bytes], work: Path) -> None:
    work.mkdir(mode=0o700)
    for name, data in files.items():
        path = work / name
        with explained("write", name):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)


def _environment(env: Mapping[str, str], place: Path) -> dict[str, str]:
    return {
        **{name: env[name] for name in _PASSED_ON if name in env},
        "HOME": str(place / "home"),
        "AI_HOME": str(place / "ai"),
        "TMPDIR": str(place),
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
    }


def _parsed(text: str) -> Any:
    try:
        return parse_json(text)
    except JsonInvalid:
        return ABSENT


def _read_below(work: Path, name: str) -> bytes | None:
    """A cited file; an absolute name is as good, if it lies in the same folder."""
    try:
        path = (work / name).resolve(strict=True)
        path.relative_to(work.resolve())
        return read_bytes(path, _CITED_LIMIT_BYTES)
    except (OSError, ValueError, QuintetError):
        return None


class PromptObserver:
    """Asks a model, through the same gates as everything else. Relative files are the suite's."""

    def __init__(
        self,
        models: Models,
        clock: Clock,
        *,
        folder: Path,
        run: str,
        given_model: str = "",
        sends_seed: bool = False,
    ) -> None:
        self._models = models
        self._clock = clock
        self._folder = folder
        self._run = run
        self._given_model = given_model
        self._sends_seed = sends_seed
        self._own = threading.local()
        self._open: list[ChatModel] = []
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def observed(self, case: Case, seed: int) -> Generator[Observation]:
        assert isinstance(case.subject, PromptSubject)
        yield self._asked(case.subject, seed)

    def stop(self) -> None:
        with self._lock:
            for model in self._open:
                model.close()
            self._open.clear()

    def _asked(self, subject: PromptSubject, seed: int) -> Observation:
        spec = self._models.spec_of(self._name(subject))
        is_steady = spec.provider in _STEADY
        calls = vars(self._own).setdefault("calls", list[Call]())
        calls.clear()
        model = self._model(str(spec), is_steady=is_steady)
        began_s = self._clock.monotonic_s()
        seen = _answer(model, subject, seed if self._sends_seed else None)
        return replace(
            seen,
            money_micros=sum(call.cost.money_micros for call in calls),
            tokens=sum(call.cost.tokens for call in calls),
            latency_s=self._clock.monotonic_s() - began_s,
            is_steady=is_steady,
        )

    def _name(self, subject: PromptSubject) -> str:
        """A spec that names a file means one beside the suite."""
        name = self._given_model or subject.model
        kind, colon, rest = name.partition(":")
        if colon and kind in _STEADY and not self._given_model:
            return f"{kind}:{self._folder / Path(rest).expanduser()}"
        return name

    def _model(self, name: str, *, is_steady: bool) -> ChatModel:
        """One for each thread; a script or a tape begins anew with every try."""
        held: dict[str, ChatModel] = vars(self._own).setdefault("held", {})
        if is_steady or name not in held:
            calls: list[Call] = vars(self._own)["calls"]
            held[name] = self._models.chat(name, group="eval", run=self._run, on_call=calls.append)
            with self._lock:
                self._open.append(held[name])
        return held[name]


def _answer(model: ChatModel, subject: PromptSubject, seed: int | None) -> Observation:
    """What a model says. That it fails is an outcome of the case; that none may be asked, or none
    is there, ends the run.
    """
    request = _request(subject, seed)
    try:
        if subject.schema is not None:
            value = ask_for(model, request, subject.schema).value
            return Observation(json.dumps(value, ensure_ascii=False), value)
        reply = model.complete(request)
    except QuintetError as error:
        if error.kind is not Kind.FAILED and not isinstance(error, NotOnTape):
            raise
        return Observation(str(error.details.get("text", "")), status=1, ended=str(error))
    steps = tuple(f"tool:{call.name}" for call in reply.tool_calls)
    return Observation(reply.text, _parsed(reply.text), steps=steps)


def _request(subject: PromptSubject, seed: int | None) -> Request:
    return Request(
        messages=tuple(Message(Role(turn.role), turn.content) for turn in subject.turns),
        max_tokens=subject.max_tokens,
        tools=tuple(Tool(one.name, one.description, one.parameters) for one in subject.tools),
        temperature=subject.temperature,
        seed=seed,
    )


@dataclass(slots=True)
class Observers:
    """Either kind of subject."""

    verbs: VerbObserver
    prompts: PromptObserver

    @contextlib.contextmanager
    def observed(self, case: Case, seed: int) -> Generator[Observation]:
        is_verb = isinstance(case.subject, VerbSubject)
        with (self.verbs if is_verb else self.prompts).observed(case, seed) as seen:
            yield seen

    def stop(self) -> None:
        self.verbs.stop()
        self.prompts.stop()
