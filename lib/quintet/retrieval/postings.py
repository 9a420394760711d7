"""Which passages hold a term and how often, as arrays: the unit in which an index keeps words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_MOST = 255


@dataclass(frozen=True, slots=True)
class Posting:
    """One term: the numbers of the passages in ascending order, its count in the text of each, and
    in the headings above it.
    """

    numbers: NDArray[np.int32]
    body: NDArray[np.uint8]
    head: NDArray[np.uint8]

    def packed(self) -> tuple[bytes, bytes, bytes]:
        return self.numbers.tobytes(), self.body.tobytes(), self.head.tobytes()

    def without(self, numbers: NDArray[np.int32]) -> Posting:
        import numpy as np

        kept = ~np.isin(self.numbers, numbers)
        return Posting(self.numbers[kept], self.body[kept], self.head[kept])


def unpacked(numbers: bytes, body: bytes, head: bytes) -> Posting:
    import numpy as np

    return Posting(
        np.frombuffer(numbers, np.int32),
        np.frombuffer(body, np.uint8),
        np.frombuffer(head, np.uint8),
    )


def joined(postings: Sequence[Posting]) -> Posting:
    """One out of several, for passages that are all different."""
    if len(postings) == 1:
        return postings[0]
    import numpy as np

    numbers = np.concatenate([posting.numbers for posting in postings])
    order = np.argsort(numbers, kind="stable")
    body = np.concatenate([posting.body for posting in postings])
    head = np.concatenate([posting.head for posting in postings])
    return Posting(numbers[order], body[order], head[order])


def postings_of(
    passages: Iterable[tuple[int, Sequence[str], Sequence[str]]],
) -> dict[str, Posting]:
    """The postings of passages, given by number, terms of the text and terms of the headings."""
    import numpy as np

    found: dict[str, tuple[list[int], list[int], list[int]]] = {}
    for number, body, head in passages:
        in_body, in_head = Counter(body), Counter(head)
        for term in in_body.keys() | in_head.keys():
            numbers, bodies, heads = found.setdefault(term, ([], [], []))
            numbers.append(number)
            bodies.append(min(in_body[term], _MOST))
            heads.append(min(in_head[term], _MOST))
    return {
        term: Posting(
            np.array(numbers, np.int32), np.array(bodies, np.uint8), np.array(heads, np.uint8)
        )
        for term, (numbers, bodies, heads) in sorted(found.items())
    }
