"""A recorded action frozen into a case: its words, its files as they were, what models answered.

The case is tried at once in a home of its own. Only if what is recorded there is what was recorded
then, it is worth keeping.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import TYPE_CHECKING

from quintet.app.eval_frozen import case_line, difference_to, words_of
from quintet.app.eval_subjects import VerbObserver
from quintet.app.evals import GROUP, INSTRUMENTS
from quintet.errors import Kind, QuintetError
from quintet.evals.case import Case, VerbSubject
from quintet.evals.casefile import parse_suite
from quintet.evals.observation import Observation
from quintet.platform.crypto import digest_hex
from quintet.platform.files import PRIVATE_FILE, explained, read_bytes
from quintet.platform.policy.label import Label
from quintet.platform.policy.plan import Plan, Risk
from quintet.platform.record.effects.file import FileHandler, is_file
from quintet.platform.record.event import Event, Outcome

if TYPE_CHECKING:
    from quintet.app.home import App

_FILE_LIMIT_BYTES = 2 << 20
_SEEDS = (1, 2)
_TIMEOUT_S = 600.0


class NotFrozen(QuintetError):
    """The action cannot be made into a case that does the same again."""

    code = "evals.not_frozen"


class PrivateRun(QuintetError):
    """A case is plain text, and what it would hold is private."""

    kind = Kind.REFUSED
    code = "evals.private_run"


@dataclass(frozen=True, slots=True)
class Frozen:
    """A case that was seen to do the same again. `contents` are the files to be written."""

    case: str
    plan: Plan
    contents: Mapping[Path, bytes]


@dataclass(frozen=True, slots=True)
class Freezer:
    """`program` starts a verb in a child."""

    app: App
    program: Sequence[str]

    def freeze(self, name: str, into: str, *, allows_private: bool) -> Frozen:
        """The case of a recorded action, tried; raises `NotFrozen` with what is missing."""
        event = self._event(name, allows_private=allows_private)
        id = f"{event.group}-{event.verb}-{event.id[:6]}".replace(" ", "-")
        place = self.app.cwd / (into or f"{id}.jsonl")
        tape = self._tape(event)
        tape_name = f"{id}.tape" if tape else ""
        subject = VerbSubject(
            words_of(event), (), dict(self._files(event)), tape=tape_name, now=event.at
        )
        line = case_line(id, event, subject, self._replayed(event, subject, tape))
        contents = {place: _with_earlier(place, line)}
        if tape:
            contents[place.with_name(tape_name)] = tape
        return Frozen(id, self._plan(event, contents, subject), contents)

    def _event(self, name: str, *, allows_private: bool) -> Event:
        event = self.app.record.resolve(name)
        short = event.id[:6]
        if event.sealed:
            raise NotFrozen(f"action {short} is sealed", hint="ai key unlock")
        if not event.words:
            raise NotFrozen(
                f"the words of action {short} were not kept",
                why="record.freezable was not set when it ran",
                hint="ai config set record.freezable true, then run it again",
            )
        if event.outcome is Outcome.OPEN:
            raise NotFrozen(f"action {short} did not come to an end")
        if "-" in event.words:
            raise NotFrozen(
                f"action {short} cannot be frozen", why="what came by standard input is not kept"
            )
        is_private = Label.PRIVATE in event.labels or self.app.keys.is_sealed(event.group)
        if is_private and not allows_private:
            raise PrivateRun(
                f"action {short} of {event.group} is private",
                why="a case is a plain file, with its words, its files and its answer in it",
                hint=f"ai eval from-run {short} --private, if that may be",
            )
        return event

    def _tape(self, event: Event) -> bytes:
        path = self.app.record.tapes.path(event.run)
        if path.exists():
            return read_bytes(path, _FILE_LIMIT_BYTES)
        if event.cost.tokens:
            raise NotFrozen(
                "what the model answered is not kept",
                why="it was not recorded, is too old, or its group seals its data",
            )
        return b""

    def _files(self, event: Event) -> Iterator[tuple[str, bytes]]:
        """The files that the action read or replaced, as they were before it."""
        before = {one.target: one.before for one in event.effects if one.kind == FileHandler.kind}
        for target, state in before.items():
            if is_file(state):
                yield _name(event, target), self._from_vault(event, target, state["sha256"])
        read = {str(Path(event.folder) / e.ref): e for e in event.evidence if e.kind == "file"}
        for path, evidence in read.items():
            if path not in before:
                yield _name(event, path), _as_it_was(path, evidence.digest)

    def _from_vault(self, event: Event, target: str, digest: str) -> bytes:
        shelf = self.app.record.vault.shelf(event.group)
        with explained("read the old content of", target), TemporaryFile() as stream:
            try:
                shelf.copy_to(digest, stream.fileno())
            except QuintetError as error:
                raise NotFrozen(f"{target} as it was is no longer kept", why=error.why) from error
            stream.seek(0)
            return stream.read()

    def _replayed(
        self, event: Event, subject: VerbSubject, tape: bytes
    ) -> tuple[Observation, Observation]:
        """The answer, twice and with other ids, so that what is chance in it shows."""
        case = Case("frozen", subject, (), timeout_s=_TIMEOUT_S)
        seen: list[Observation] = []
        with TemporaryDirectory(prefix="ai-eval-") as folder:
            if tape:
                (Path(folder) / subject.tape).write_bytes(tape)
            observer = VerbObserver(self.app, self.program, Path(folder))
            for seed in _SEEDS:
                with observer.witnessed(case, seed) as tried:
                    if difference := difference_to(event, tried):
                        raise NotFrozen(
                            f"action {event.id[:6]} came out otherwise when it was tried again",
                            why=difference,
                            hint="it depends on what is not kept: stored rows, the machine, time",
                        )
                    seen.append(tried.seen)
        return seen[0], seen[1]

    def _plan(self, event: Event, contents: Mapping[Path, bytes], subject: VerbSubject) -> Plan:
        record = self.app.record
        changes, shelf = record.effects.changes(GROUP), record.vault.shelf(GROUP)
        for data in contents.values():
            # Where the plan finds it, whoever carries it out.
            shelf.keep_bytes(data)
        # What a person or a model said is nobody else's to read.
        mode = PRIVATE_FILE if event.labels or subject.tape else None
        written = [changes.writing(path, data, mode) for path, data in contents.items()]
        effects = [effect for one in written for effect in one]
        reasons = [f"the words: ai {' '.join(subject.words)}"]
        reasons += [f"the file {name}, {len(data):,} bytes" for name, data in subject.files.items()]
        if subject.tape:
            reasons.append("what models were asked and answered, with secrets masked")
        if event.labels:
            reasons.append(f"what goes into it is labelled {', '.join(event.labels)}")
        reasons.append("it was tried twice in a home of its own, and did what is recorded")
        summary = f"freeze {event.id[:6]} {event.group} {event.verb}"
        return Plan(GROUP, "from-run", summary, tuple(effects), tuple(reasons), Risk.MODERATE)


def _name(event: Event, path: str) -> str:
    try:
        return str(Path(path).relative_to(event.folder))
    except ValueError as error:
        raise NotFrozen(
            f"{path} cannot go into a case",
            why=f"it lies outside {event.folder}, where the command ran",
        ) from error


def _as_it_was(path: str, digest: str) -> bytes:
    """A file that was read, if it is still what it was then."""
    with explained("read again", path):
        data = read_bytes(Path(path), _FILE_LIMIT_BYTES)
    if digest_hex(data) != digest:
        raise NotFrozen(f"{path} as it was is not kept", why="it was changed since")
    return data


def _with_earlier(place: Path, line: bytes) -> bytes:
    """The suite with one more case; a suite that is broken is not made longer."""
    earlier = read_bytes(place) if place.exists() else b""
    data = earlier + (b"" if not earlier or earlier.endswith(b"\n") else b"\n") + line
    parse_suite(data, place.stem, INSTRUMENTS)
    return data
