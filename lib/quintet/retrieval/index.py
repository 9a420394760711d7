"""The port behind which an index lies, and what goes into one and comes out of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, Protocol

from quintet.retrieval.postings import Posting

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Embedder(Protocol):
    """Turns texts into vectors; `digest` changes whenever the vectors would."""

    @property
    def dimensions(self) -> int: ...

    @property
    def digest(self) -> str: ...

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]: ...


@dataclass(frozen=True, slots=True)
class Entry:
    """A file as the index knows it: taken in, or `skipped` for a reason.

    `method` says how it was read and cut, `embedder` what made its vectors; a file that was taken
    in by others is due. `at_s` is when it was written, by its own words or by its file's time.
    """

    path: str
    digest: str
    source: str
    size_bytes: int
    modified_ns: int
    indexed_ns: int
    method: str = ""
    embedder: str = ""
    loader: str = ""
    title: str = ""
    at_s: float = 0.0
    passages: int = 0
    skipped: str = ""


class Passage(NamedTuple):
    """A span of a document, with its text and where it stands."""

    start: int
    end: int
    place: str
    head: str
    text: str


@dataclass(frozen=True, slots=True)
class Prepared:
    """A file ready to be taken in; `vectors` has a row for each passage."""

    entry: Entry
    passages: tuple[Passage, ...] = ()
    vectors: NDArray[np.float32] | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """A passage as it lies in the index, under its number."""

    number: int
    passage: Passage
    entry: Entry


@dataclass(frozen=True)
class Corpus:
    """All passages at a glance, in the order of their numbers, which is that of their documents.

    `lengths` counts the terms of a passage, `documents` numbers the documents.
    """

    numbers: NDArray[np.int32]
    documents: NDArray[np.int32]
    lengths: NDArray[np.int32]

    @cached_property
    def positions(self) -> NDArray[np.int32]:
        """For each number the position of its passage, or -1."""
        import numpy as np

        last = int(self.numbers[-1]) if len(self.numbers) else -1
        found = np.full(last + 2, -1, np.int32)
        found[self.numbers] = np.arange(len(self.numbers), dtype=np.int32)
        return found


class Reader(Protocol):
    """One unchanging state of an index."""

    def revision(self) -> int:
        """A number that is another one after every change."""
        ...

    def entries(self, under: str = "") -> list[Entry]:
        """The files at or below a path, skipped ones too, in the order of their paths."""
        ...

    def has_rests(self) -> bool:
        """Whether bytes of something forgotten may still be on disk."""
        ...

    def corpus(self) -> Corpus: ...

    def postings(self, terms: Sequence[str]) -> Mapping[str, Posting]:
        """Terms that nothing holds are left out."""
        ...

    def all_postings(self) -> Mapping[str, Posting]:
        """Every term at once, for whoever searches often and has the memory."""
        ...

    def nearness(self, vector: NDArray[np.float32], embedder: str) -> NDArray[np.float32] | None:
        """The cosine of each passage of the corpus, 0 where it has no vector by this embedder;
        None where none has one.
        """
        ...

    def stored(self, numbers: Sequence[int]) -> list[Stored]:
        """These passages, those that there are, in the order of their numbers."""
        ...

    def texts(self, numbers: Sequence[int]) -> Mapping[int, str]:
        """Headings and text of these passages by their numbers: what their words are taken from."""
        ...

    def paths(self) -> Mapping[int, tuple[str, float]]:
        """Path and time of each document that has passages, by its number."""
        ...


class Index(Protocol):
    """Where documents are kept to be found. Safe for several processes and threads at once."""

    def reading(self) -> AbstractContextManager[Reader]: ...

    def replace(self, paths: Sequence[str], prepared: Sequence[Prepared]) -> None:
        """Forget what is known of these paths and take in these files, in one step or not at all.

        A path that is prepared is forgotten first, whether it is named or not.
        """
        ...

    def erase(self) -> None:
        """Have no byte left on disk of what was forgotten."""
        ...
