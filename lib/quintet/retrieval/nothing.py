"""An index that is not there yet: looking into it finds nothing and makes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from quintet.retrieval.index import Corpus, Entry, Stored
from quintet.retrieval.postings import Posting

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class NothingIndexed:
    """A `Reader` without documents."""

    def revision(self) -> int:
        return 0

    def entries(self, under: str = "") -> list[Entry]:
        return []

    def has_rests(self) -> bool:
        return False

    def corpus(self) -> Corpus:
        import numpy as np

        nothing = np.zeros(0, np.int32)
        return Corpus(nothing, nothing, nothing)

    def postings(self, terms: Sequence[str]) -> Mapping[str, Posting]:
        return {}

    def all_postings(self) -> Mapping[str, Posting]:
        return {}

    def nearness(self, vector: NDArray[np.float32], embedder: str) -> NDArray[np.float32] | None:
        return None

    def stored(self, numbers: Sequence[int]) -> list[Stored]:
        return []

    def texts(self, numbers: Sequence[int]) -> Mapping[int, str]:
        return {}

    def paths(self) -> Mapping[int, tuple[str, float]]:
        return {}
