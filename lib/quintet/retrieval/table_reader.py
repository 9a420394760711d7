"""What every adapter reads from the shared tables in the same way; nearness is its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from quintet.retrieval import tables
from quintet.retrieval.index import Corpus, Entry, Stored
from quintet.retrieval.postings import Posting
from quintet.retrieval.tables import Sql


class TableReader:
    """One read transaction: a `Reader` but for `nearness`. What it sees does not change."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql
        self._revision: int | None = None

    def revision(self) -> int:
        if self._revision is None:
            self._revision = tables.revision(self._sql)
        return self._revision

    def entries(self, under: str = "") -> list[Entry]:
        return tables.entries(self._sql, under)

    def has_rests(self) -> bool:
        return tables.has_rests(self._sql)

    def corpus(self) -> Corpus:
        return tables.corpus(self._sql)

    def postings(self, terms: Sequence[str]) -> Mapping[str, Posting]:
        return tables.postings(self._sql, terms)

    def all_postings(self) -> Mapping[str, Posting]:
        return tables.all_postings(self._sql)

    def stored(self, numbers: Sequence[int]) -> list[Stored]:
        return tables.stored(self._sql, numbers)

    def texts(self, numbers: Sequence[int]) -> Mapping[int, str]:
        return tables.texts(self._sql, numbers)

    def paths(self) -> Mapping[int, tuple[str, float]]:
        return tables.paths(self._sql)
