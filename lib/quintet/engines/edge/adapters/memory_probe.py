"""Measures memory by moving some of it: several threads, since a model reads with several."""

import time
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Block = NDArray[np.uint8]

_BLOCK_BYTES = 64 << 20
_ROUND_S = 0.02
_ROUNDS = 3
_THREADS_LIMIT = 8


class CopyProbe:
    """Takes about 60 ms and 128 MB; less memory where little is available."""

    def __init__(self, cores: int, available_bytes: int) -> None:
        self._threads = max(1, min(cores, _THREADS_LIMIT))
        self._block_bytes = max(1 << 20, min(_BLOCK_BYTES, available_bytes // 16))

    def bytes_per_s(self) -> float:
        """The best of a few rounds: whatever else runs can only slow it down."""
        import numpy as np

        # Filled, not only reserved: an untouched page costs nothing to read.
        source = np.full(self._block_bytes, 1, np.uint8)
        target = np.full(self._block_bytes, 2, np.uint8)
        parts = np.array_split(source, self._threads), np.array_split(target, self._threads)
        with ThreadPoolExecutor(self._threads) as pool:
            return max(_round(pool, *parts) for _ in range(_ROUNDS))


def _round(pool: ThreadPoolExecutor, sources: "list[Block]", targets: "list[Block]") -> float:
    began_s = time.perf_counter()
    moved = sum(pool.map(_move, sources, targets, repeat(began_s + _ROUND_S)))
    return moved / (time.perf_counter() - began_s)


def _move(source: "Block", target: "Block", until_s: float) -> int:
    """Copy until the time is up; a copy moves its bytes twice, in and out."""
    import numpy as np

    moved = 0
    while moved == 0 or time.perf_counter() < until_s:
        np.copyto(target, source)
        moved += 2 * source.nbytes
    return moved
