"""Vectors as an index keeps them where the database knows none: a byte for each direction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from quintet.retrieval.index import Prepared

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_SCALE = 127.0


def pack(prepared: Sequence[Prepared]) -> bytes:
    """A row for each passage, scaled to its largest part; nothing unless all have a vector."""
    import numpy as np

    with_passages = [one for one in prepared if one.passages]
    found = [one.vectors for one in with_passages if one.vectors is not None]
    if not found or len(found) != len(with_passages):
        return b""
    rows = np.concatenate(found)
    largest = np.abs(rows).max(axis=1, keepdims=True)
    largest[largest == 0] = 1
    return np.rint(rows / largest * _SCALE).astype(np.int8).tobytes()


def unpack(data: bytes, dimensions: int) -> NDArray[np.float32]:
    """The rows with length one again, or zero."""
    import numpy as np

    rows = np.frombuffer(data, np.int8).reshape(-1, dimensions).astype(np.float32)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    lengths[lengths == 0] = 1
    rows /= lengths
    return rows
