"""An index in a group's own store, encrypted where that is."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from quintet.platform.store.upkeep import Upkeep
from quintet.retrieval import tables, vectors
from quintet.retrieval.index import Prepared, Reader
from quintet.retrieval.nothing import NothingIndexed
from quintet.retrieval.table_reader import TableReader

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from quintet.platform.store.connection import Connection
    from quintet.platform.store.database import Database


class _Matrix(NamedTuple):
    """All vectors of one state of the index, in the order of its corpus; none if all are zero."""

    revision: int
    embedder: str
    rows: NDArray[np.float32]


class DuckDbIndex:
    """Tables in a store; each change is one of its transactions. Vectors are kept in memory from
    one search to the next, until the index changes.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._matrix: _Matrix | None = None

    @contextlib.contextmanager
    def reading(self) -> Generator[Reader]:
        if not self._database.exists:
            # Asking before anything was taken in must not make a store.
            yield NothingIndexed()
            return
        with self._database.read() as connection:
            yield DuckDbReader(connection, self._vectors)

    def replace(self, paths: Sequence[str], prepared: Sequence[Prepared]) -> None:
        gone = {*paths, *(one.entry.path for one in prepared)}
        with self._database.write("indexing") as connection:
            tables.forget(connection, sorted(gone))
            tables.take_in(connection, prepared, vectors.pack)
            tables.touch(connection)

    def erase(self) -> None:
        """Write the store anew; marked as done only then, so that after a kill it is repeated."""
        Upkeep(self._database).vacuum()
        with self._database.write("erasing") as connection:
            tables.mark_clean(connection)

    def _vectors(
        self, revision: int, embedder: str, load: Callable[[], NDArray[np.float32]]
    ) -> NDArray[np.float32]:
        known = self._matrix
        if known is None or (known.revision, known.embedder) != (revision, embedder):
            known = self._matrix = _Matrix(revision, embedder, load())
        return known.rows


class DuckDbReader(TableReader):
    """One read transaction."""

    def __init__(
        self,
        connection: Connection,
        cached: Callable[[int, str, Callable[[], NDArray[np.float32]]], NDArray[np.float32]],
    ) -> None:
        super().__init__(connection)
        self._cached = cached

    def nearness(self, vector: NDArray[np.float32], embedder: str) -> NDArray[np.float32] | None:
        import numpy as np

        matrix = self._cached(self.revision(), embedder, lambda: self._load(embedder, len(vector)))
        # Not `@`: the threads of its library spin while they wait, for longer than this takes.
        return np.einsum("ij,j->i", matrix, vector) if len(matrix) else None

    def _load(self, embedder: str, dimensions: int) -> NDArray[np.float32]:
        import numpy as np

        rows = self._sql.rows("SELECT numbers, passages, embedder, vectors FROM segments")
        numbers = [np.frombuffer(row["numbers"], np.int32) for row in rows]
        parts = [
            vectors.unpack(row["vectors"], dimensions)
            if row["embedder"] == embedder and len(row["vectors"]) == row["passages"] * dimensions
            else np.zeros((row["passages"], dimensions), np.float32)
            for row in rows
        ]
        if not rows:
            return np.zeros((0, dimensions), np.float32)
        matrix = np.concatenate(parts)[np.argsort(np.concatenate(numbers), kind="stable")]
        return matrix if matrix.any() else matrix[:0]
