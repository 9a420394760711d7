"""The embedder that is always there: a table of word vectors that ships with the package.

It needs no download, no model runtime and a few milliseconds. It is much weaker than a real
sentence model, which is why retrieval ranks by words first and lets this one only add to them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from importlib import resources
from typing import TYPE_CHECKING

from quintet.models.registry import Services
from quintet.models.wordpiece import WordPiece, words_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NAME = "static-minilm-128"
DIMENSIONS = 128
TABLE = "static_minilm_128.npz"
TABLE_SHA256 = "1f7fbb0dfa243ac50da372ac7ec30c86b004233d63a0c2c8c2b097e74002a0bf"
# Raise it when texts are split or combined differently: vectors made before no longer compare.
_METHOD = 1
# The median length of a row of the table, so that an unknown word weighs as much as a known one.
_TYPICAL_LENGTH = 0.774


def open_embedder(rest: str, services: Services) -> StaticEmbedder:
    return StaticEmbedder()


class StaticEmbedder:
    """The sum of the vectors of a text's word pieces; unknown words get one made from their hash.

    The table is loaded by the first call.
    """

    def __init__(self) -> None:
        self._table: _Table | None = None

    @property
    def name(self) -> str:
        return NAME

    def close(self) -> None:
        self._table = None

    @property
    def dimensions(self) -> int:
        return DIMENSIONS

    @property
    def digest(self) -> str:
        return f"{TABLE_SHA256[:16]}.{_METHOD}"

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        import numpy as np

        table = self._table = self._table or _Table()
        rows = np.zeros((len(texts), DIMENSIONS), np.float32)
        for row, text in enumerate(texts):
            rows[row] = table.sum_of(text)
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        lengths[lengths == 0] = 1
        rows /= lengths
        return rows


class _Table:
    def __init__(self) -> None:
        import numpy as np

        source = resources.files("quintet.models") / "data" / TABLE
        with source.open("rb") as stream, np.load(stream, allow_pickle=False) as table:
            self._vectors: NDArray[np.int8] = table["vectors"]
            self._scales: NDArray[np.float32] = table["scales"]
            vocabulary = bytes(table["vocabulary"]).decode().split("\n")
        self._pieces = WordPiece({piece: index for index, piece in enumerate(vocabulary)})

    def sum_of(self, text: str) -> NDArray[np.float32]:
        import numpy as np

        known: list[int] = []
        unknown: list[str] = []
        for word in words_of(text):
            pieces = self._pieces.pieces(word)
            if pieces is None:
                unknown.append(word)
            else:
                known.extend(pieces)
        total = self._scales[known] @ self._vectors[known].astype(np.float32)
        for word in unknown:
            total = total + _from_hash(word)
        return total


def _from_hash(word: str) -> NDArray[np.float32]:
    """A direction that only this word has; those of two words stand near a right angle."""
    import numpy as np

    digest = hashlib.shake_128(word.encode("utf-8", "surrogatepass")).digest(DIMENSIONS)
    vector = np.frombuffer(digest, np.int8).astype(np.float32)
    return vector * np.float32(_TYPICAL_LENGTH / np.linalg.norm(vector))
