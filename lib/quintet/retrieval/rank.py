"""How well passages fit a question: words first, everything else added to them on one scale.

Scores of different kinds are brought to the same scale by their mean and deviation over all
passages, and summed. Ranks are never mixed: a weak list would then count as much as a good one.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest
from math import log
from operator import itemgetter
from typing import TYPE_CHECKING

from quintet.retrieval.index import Corpus
from quintet.retrieval.postings import Posting
from quintet.retrieval.words import Word

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Scores = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Weights:
    """Chosen on one public collection and reported on others; see docs/retrieval.md."""

    saturation: float = 1.6
    length: float = 0.75
    head: float = 2.0
    nearness: float = 0.3
    neighbour: float = 0.5
    document: float = 0.3
    feedback: float = 0.5
    proximity: float = 0.6
    recency: float = 0.0


class Lexicon:
    """The weight of each passage for each term, from the counts of one state of an index."""

    def __init__(self, corpus: Corpus, weights: Weights) -> None:
        import numpy as np

        self._corpus = corpus
        self._weights = weights
        lengths = corpus.lengths.astype(np.float32)
        average = max(1.0, float(lengths.mean())) if len(lengths) else 1.0
        share = lengths / np.float32(average)
        share *= np.float32(weights.length)
        self._norms = np.float32(weights.saturation) * (np.float32(1 - weights.length) + share)

    def rarity(self, posting: Posting | None) -> float:
        """How much a term tells: the fewer passages hold it, the more."""
        count = len(self._corpus.numbers)
        held = len(posting.numbers) if posting else 0
        return log(1 + (count - held + 0.5) / (held + 0.5))

    def scores(self, asked: Mapping[str, float], postings: Mapping[str, Posting]) -> Scores:
        """BM25 over the text and the headings; `asked` weighs the terms."""
        import numpy as np

        total = np.zeros(len(self._corpus.numbers), np.float32)
        saturation, head = np.float32(self._weights.saturation), np.float32(self._weights.head)
        for term, weight in asked.items():
            posting = postings.get(term)
            if posting is None:
                continue
            at = self._corpus.positions[posting.numbers]
            count = posting.body + head * posting.head
            gain = count * (saturation + 1) / (count + self._norms[at])
            total[at] += np.float32(weight * self.rarity(posting)) * gain
        return total


def shared_terms(passages: Sequence[Sequence[str]], most: int = 40) -> list[str]:
    """The terms that most of these passages have in common, and at least two of them."""
    held = Counter(term for terms in passages for term in set(terms))
    least = 2 if len(passages) > 1 else 1
    shared = [term for term, count in held.items() if count >= least]
    return sorted(shared, key=lambda term: (-held[term], term))[:most]


def typical_terms(
    passages: Iterable[tuple[float, Sequence[str]]], rarity: Mapping[str, float], count: int
) -> dict[str, float]:
    """The terms that tell most about good passages, weighted so that they sum to one."""
    found: defaultdict[str, float] = defaultdict(float)
    for score, terms in passages:
        for term, times in Counter(terms).items():
            found[term] += score * times / len(terms) * rarity.get(term, 0.0)
    best = [one for one in nlargest(count, found.items(), key=itemgetter(1)) if one[1] > 0]
    total = sum(weight for _, weight in best) or 1.0
    return {term: weight / total for term, weight in best}


def standard(scores: Scores) -> Scores:
    """In deviations from the mean."""
    deviation = float(scores.std())
    if deviation < 1e-9:
        return scores * 0
    import numpy as np

    found: Scores = np.subtract(scores, scores.mean(), dtype=np.float32)
    found /= np.float32(deviation)
    return found


def with_surroundings(scores: Scores, corpus: Corpus, weights: Weights) -> Scores:
    """A passage gains from a good one beside it, and from the best of its document."""
    import numpy as np

    if len(scores) < 2:
        return scores
    same = corpus.documents[1:] == corpus.documents[:-1]
    beside = np.zeros_like(scores)
    beside[1:] = np.where(same, scores[:-1], 0)
    beside[:-1] = np.maximum(beside[:-1], np.where(same, scores[1:], 0))
    gained: Scores = np.maximum(beside, 0)
    gained *= np.float32(weights.neighbour)
    gained += scores
    gained += np.float32(weights.document) * _of_documents(scores, corpus)
    return gained


def _of_documents(scores: Scores, corpus: Corpus) -> Scores:
    """For each passage the mean of the three best of its document."""
    import numpy as np

    starts = np.flatnonzero(np.diff(corpus.documents, prepend=-1))
    sizes = np.diff(np.append(starts, len(scores)))
    left = scores.copy()
    total = np.zeros(len(starts), np.float32)
    taken = np.zeros(len(starts), np.float32)
    for _ in range(3):
        best = np.maximum.reduceat(left, starts)
        is_there = np.isfinite(best)
        total[is_there] += best[is_there]
        taken += is_there
        # Only the first of equals is taken out, as one passage counts once.
        hit = np.flatnonzero(left == np.repeat(best, sizes))
        owner = np.repeat(np.arange(len(starts)), sizes)[hit]
        _, first = np.unique(owner, return_index=True)
        left[hit[first]] = -np.inf
    total /= np.maximum(taken, 1)
    return np.repeat(total, sizes)


def proximity(words: Iterable[Word], rarity: Mapping[str, float], reach: int = 8) -> float:
    """How near to each other the words of the question stand: 1 if all do, in their rarity."""
    found: dict[tuple[str, str], float] = {}
    last: dict[str, int] = {}
    for place, word in enumerate(words):
        for term in word.terms:
            if term not in rarity:
                continue
            for other, at in last.items():
                if other != term and place - at <= reach:
                    pair = (min(term, other), max(term, other))
                    gain = min(rarity[term], rarity[other]) / max(1, place - at)
                    found[pair] = max(found.get(pair, 0.0), gain)
            last[term] = place
    return sum(found.values()) / (sum(rarity.values()) or 1.0)
