"""Searching an index: which passages, in which order, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from quintet.retrieval.index import Corpus, Embedder, Index, Reader, Stored
from quintet.retrieval.postings import Posting
from quintet.retrieval.rank import (
    Lexicon,
    Weights,
    proximity,
    shared_terms,
    standard,
    typical_terms,
    with_surroundings,
)
from quintet.retrieval.words import terms, words

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from quintet.retrieval.rank import Scores

_FEEDBACK_PASSAGES = 5
_FEEDBACK_TERMS = 12
_LOOKED_AT = 20
_KNOWN_TERMS = 2000
# A process that asks again and again is given all words at once: that costs as much as about ten
# searches, and half a kilobyte of memory for each passage.
_SEARCHES_BEFORE_ALL = 5
_DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Scope:
    """Where to look: below these paths, written between these moments (seconds since 1970)."""

    under: tuple[str, ...] = ()
    since_s: float | None = None
    until_s: float | None = None

    @property
    def is_everything(self) -> bool:
        return not self.under and self.since_s is None and self.until_s is None

    def holds(self, path: str, at_s: float) -> bool:
        is_below = not self.under or any(
            path == folder or path.startswith(folder.rstrip("/") + "/") for folder in self.under
        )
        is_after = self.since_s is None or at_s >= self.since_s
        return is_below and is_after and (self.until_s is None or at_s <= self.until_s)


EVERYWHERE = Scope()


class Hit(NamedTuple):
    """A passage that was found, the best first."""

    stored: Stored
    score: float


class Found(NamedTuple):
    """What a search gives: hits, how much each term of the question tells here, and which of them
    nothing here holds.
    """

    hits: list[Hit]
    rarity: Mapping[str, float]
    unknown: frozenset[str]


class _State(NamedTuple):
    """What is kept from one search to the next, until the index changes."""

    revision: int
    corpus: Corpus
    lexicon: Lexicon
    postings: dict[str, Posting | None]
    is_all: bool = False


class Searcher:
    """Searches one index; what it has read of it is kept while it does not change."""

    def __init__(
        self, index: Index, embedder: Embedder | None, *, weights: Weights | None = None
    ) -> None:
        self._index = index
        self._embedder = embedder
        self._weights = weights or Weights()
        self._state: _State | None = None
        self._searches = 0

    def search(
        self, question: str, *, limit: int = 10, scope: Scope = EVERYWHERE, now_s: float = 0.0
    ) -> Found:
        """The passages that fit best, at most `limit`."""
        asked = Counter(terms(question))
        with self._index.reading() as reader:
            state = self._current(reader)
            if not len(state.corpus.numbers):
                return Found([], {}, frozenset(asked))
            postings = self._postings(reader, state, asked)
            rarity = {term: state.lexicon.rarity(postings.get(term)) for term in asked}
            lexical = state.lexicon.scores(asked, postings)
            lexical += self._feedback(reader, state, lexical, len(asked))
            total = self._fused(reader, state, lexical, question)
            self._narrow(reader, state, total, scope, now_s)
            near = _Nearness(rarity, postings, self._weights.proximity)
            hits = self._best(reader, state, total, near, limit)
            return Found(hits, rarity, frozenset(asked.keys() - postings.keys()))

    def _current(self, reader: Reader) -> _State:
        revision = reader.revision()
        if self._state is None or self._state.revision != revision:
            corpus = reader.corpus()
            self._state = _State(revision, corpus, Lexicon(corpus, self._weights), {})
            self._searches = 0
        self._searches += 1
        if self._searches > _SEARCHES_BEFORE_ALL and not self._state.is_all:
            every: dict[str, Posting | None] = {**reader.all_postings()}
            self._state = self._state._replace(postings=every, is_all=True)
        return self._state

    def _postings(
        self, reader: Reader, state: _State, wanted: Mapping[str, float] | Sequence[str]
    ) -> dict[str, Posting]:
        known = state.postings
        if state.is_all:
            return {term: one for term in wanted if (one := known.get(term)) is not None}
        if len(known) > _KNOWN_TERMS:
            known.clear()
        missing = [term for term in wanted if term not in known]
        if missing:
            found = reader.postings(missing)
            known.update({term: found.get(term) for term in missing})
        return {term: one for term in wanted if (one := known[term]) is not None}

    def _feedback(
        self, reader: Reader, state: _State, lexical: Scores, asked_count: int
    ) -> Scores | float:
        """What the best passages speak of beside the words of the question."""
        if not self._weights.feedback or not lexical.any():
            return 0.0
        best = _top(lexical, _FEEDBACK_PASSAGES)
        score_of = {
            int(state.corpus.numbers[at]): float(lexical[at]) for at in best if lexical[at] > 0
        }
        texts = [
            (score_of[number], terms(text))
            for number, text in sorted(reader.texts(list(score_of)).items())
        ]
        postings = self._postings(reader, state, shared_terms([t for _, t in texts]))
        rarity = {term: state.lexicon.rarity(one) for term, one in postings.items()}
        typical = typical_terms([(s, t) for s, t in texts if t], rarity, _FEEDBACK_TERMS)
        weight = self._weights.feedback * asked_count
        return state.lexicon.scores({term: w * weight for term, w in typical.items()}, postings)

    def _fused(self, reader: Reader, state: _State, lexical: Scores, question: str) -> Scores:
        total = standard(lexical)
        if self._embedder is not None and self._weights.nearness:
            vector: NDArray[np.float32] = self._embedder.embed([question])[0]
            near = reader.nearness(vector, self._embedder.digest)
            if near is not None:
                total += standard(near) * total.dtype.type(self._weights.nearness)
        return with_surroundings(total, state.corpus, self._weights)

    def _narrow(
        self, reader: Reader, state: _State, total: Scores, scope: Scope, now_s: float
    ) -> None:
        """Rule out what is out of scope; prefer what is newer, if that is wanted."""
        import numpy as np

        if scope.is_everything and not self._weights.recency:
            return
        documents = state.corpus.documents
        paths = reader.paths()
        last = int(documents.max()) + 1
        is_in = np.zeros(last, bool)
        fresh = np.zeros(last, np.float32)
        for number, (path, at_s) in paths.items():
            is_in[number] = scope.holds(path, at_s)
            fresh[number] = 1 / (1 + max(0.0, now_s - at_s) / (30 * _DAY_S))
        total += np.float32(self._weights.recency) * fresh[documents]
        total[~is_in[documents]] = -np.inf

    def _best(
        self, reader: Reader, state: _State, total: Scores, near: _Nearness, limit: int
    ) -> list[Hit]:
        """The first few are looked at closely: words that stand together count for more."""
        at = [place for place in _top(total, max(limit, _LOOKED_AT)) if total[place] > -1e30]
        score_of = {int(state.corpus.numbers[place]): float(total[place]) for place in at}
        gain_of = near.gains(reader.stored(list(score_of)))
        hits = [Hit(one, score_of[one.number] + gain) for one, gain in gain_of]
        hits.sort(key=lambda hit: (-hit.score, hit.stored.number))
        return hits[:limit]


class _Nearness(NamedTuple):
    """What a passage gains where words of the question stand together in it."""

    rarity: Mapping[str, float]
    postings: Mapping[str, Posting]
    weight: float

    def gains(self, passages: Sequence[Stored]) -> list[tuple[Stored, float]]:
        several = self._holding_several([one.number for one in passages])
        return [(one, self._gain(one) if one.number in several else 0.0) for one in passages]

    def _gain(self, one: Stored) -> float:
        return self.weight * proximity(words(one.passage.text), self.rarity)

    def _holding_several(self, numbers: Sequence[int]) -> set[int]:
        """Those in whose text at least two of the terms stand: only there can any be near."""
        import numpy as np

        wanted = np.array(numbers, np.int32)
        held = np.zeros(len(wanted), np.int32)
        for posting in self.postings.values():
            at = np.searchsorted(posting.numbers, wanted)
            at[at == len(posting.numbers)] = 0
            held += (posting.numbers[at] == wanted) & (posting.body[at] > 0)
        return {int(number) for number in wanted[held > 1]}


def _top(scores: Scores, count: int) -> list[int]:
    import numpy as np

    if len(scores) > count:
        some = np.argpartition(-scores, count)[:count]
    else:
        some = np.arange(len(scores))
    return [int(at) for at in some[np.argsort(-scores[some], kind="stable")]]
