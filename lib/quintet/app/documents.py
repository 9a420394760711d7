"""Retrieval put together with a group's store, the embedder and this machine's files."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from quintet.engines.edge.ask import Asked, ask
from quintet.errors import NotFound
from quintet.platform.policy.label import Label
from quintet.platform.policy.plan import Plan, Risk
from quintet.platform.trace.conventions import QUERY, retrieval
from quintet.platform.trace.span import begin
from quintet.retrieval.cite import Verifier
from quintet.retrieval.effects import forgetting
from quintet.retrieval.index import Entry
from quintet.retrieval.indexing import Survey, carry_out, survey
from quintet.retrieval.intake import Intake
from quintet.retrieval.names import path_of, text_of
from quintet.retrieval.search import Scope, Searcher

if TYPE_CHECKING:
    from quintet.app.home import App

_LABELS = (Label.PRIVATE, Label.UNTRUSTED)
_SHOWN = 3


def intake_of(app: App, group: str) -> Intake:
    """How files get into the index in a group's store."""
    from quintet.retrieval.adapters.duckdb_index import DuckDbIndex
    from quintet.retrieval.adapters.load_process import BoundedLoading

    index = DuckDbIndex(app.database(group))
    return Intake(index, BoundedLoading(), app.models.embedder(), app.clock)


@dataclass(frozen=True, slots=True)
class Source:
    """A file or folder that its owner named, and what of it is in the index."""

    path: str
    documents: int
    passages: int
    skipped: int
    is_there: bool


@dataclass(frozen=True, slots=True)
class Indexed:
    """What bringing the index up to date did."""

    action: str
    survey: Survey
    entries: tuple[Entry, ...]

    @property
    def skipped(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.skipped]


class Documents:
    """The documents that a group knows. Its store is encrypted from the first one on."""

    def __init__(self, app: App, group: str = "edge") -> None:
        self._app = app
        self._group = group
        self._intake = app.intake(group)

    def open(self) -> tuple[str, ...]:
        """Have the store encrypted before the first text; what its owner should know of that."""
        return self._app.keys.ensure(self._group)

    def survey(self, paths: Sequence[Path]) -> Survey:
        """What is new, changed or gone at these places."""
        roots = [self._root(path) for path in paths]
        for root in roots:
            if not root.exists():
                raise NotFound(
                    f"there is no file or folder {root}",
                    hint=f"if it was indexed and is gone: ai edge forget '{root}'",
                )
        return survey(roots, self._intake, self._app.progress)

    def plan(self, found: Survey) -> Plan:
        """The same as effects, to be looked at first."""
        reasons = tuple(f"passed over {count}: {why}" for why, count in found.left_counts)
        effects = tuple(found.effects(self._group))
        return Plan(
            self._group, "index", _summary("index", found.sources), effects, reasons, Risk.MILD
        )

    def index(self, found: Survey) -> Indexed:
        """Make it so, as one action."""
        summary = _summary("index", found.sources)
        with self._app.record.action(self._group, "index", summary, labels=_LABELS) as action:
            entries = carry_out(
                found,
                self._group,
                intake=self._intake,
                action=action,
                progress=self._app.progress,
            )
        return Indexed(action.id, found, tuple(entries))

    def forgetting(self, paths: Sequence[Path]) -> Plan:
        """What forgetting these files or folders would take out of the index."""
        entries: dict[str, Entry] = {}
        for path in paths:
            below = self._below(path)
            if not below:
                raise NotFound(f"nothing at {path} is indexed", hint="ai edge sources")
            entries |= {entry.path: entry for entry in below}
        effects = tuple(forgetting(self._group, entry) for entry in entries.values())
        summary = _summary("forget", [text_of(str(self._root(path))) for path in paths])
        return Plan(self._group, "forget", summary, effects, (), Risk.MODERATE)

    def sources(self) -> list[Source]:
        """What was named to be indexed, by its name."""
        entries = self._entries()
        passages, skipped = Counter[str](), Counter[str]()
        for entry in entries:
            passages[entry.source] += entry.passages
            skipped[entry.source] += bool(entry.skipped)
        counts = Counter(entry.source for entry in entries)
        return [
            Source(
                path_of(source),
                count - skipped[source],
                passages[source],
                skipped[source],
                Path(path_of(source)).exists(),
            )
            for source, count in sorted(counts.items())
        ]

    def skipped(self) -> list[Entry]:
        """Files that could not be taken in, each with its reason."""
        return [entry for entry in self._entries() if entry.skipped]

    def ask(self, question: str, *, scope: Scope, limit: int) -> tuple[str, Asked]:
        """Quotes that answer; the id of the action comes first."""
        if not any(entry.passages for entry in self._entries()):
            raise NotFound("no documents are indexed yet", hint="ai edge index FOLDER")
        searcher = Searcher(self._intake.index, self._intake.embedder)
        verifier = Verifier(self._intake.load, self._intake.limits.file_bytes)
        summary = f"ask: {question[:200]}"
        with (
            self._app.record.action(self._group, "ask", summary, labels=_LABELS) as action,
            begin(retrieval("documents", limit)) as span,
        ):
            span.offer(QUERY, lambda: question, _LABELS)
            asked = ask(
                question,
                scope=scope,
                limit=limit,
                searcher=searcher,
                verifier=verifier,
                action=action,
            )
        return action.id, asked

    def below(self, paths: Sequence[Path]) -> tuple[str, ...]:
        """Places in the words of the index."""
        return tuple(text_of(str(self._root(path))) for path in paths)

    def _below(self, path: Path) -> list[Entry]:
        with self._intake.index.reading() as reader:
            return reader.entries(text_of(str(self._root(path))))

    def _entries(self) -> list[Entry]:
        with self._intake.index.reading() as reader:
            return reader.entries()

    def _root(self, path: Path) -> Path:
        # One place has one name, so that nothing is indexed twice by way of a link.
        return Path(os.path.realpath(self._app.cwd / path.expanduser()))


def _summary(verb: str, sources: Sequence[str]) -> str:
    more = f" and {len(sources) - _SHOWN} more" if len(sources) > _SHOWN else ""
    return f"{verb} {', '.join(sources[:_SHOWN])}{more}"
