"""Answers a question with sentences that stand in the documents, or says that they do not say.

Nothing is put into other words. Whether there is an answer is judged by how much of the question
its words cover, weighted by how much each word tells here; a word that no document has counts most.
"""

from collections.abc import Mapping, Sequence
from string import punctuation
from typing import NamedTuple

from quintet.retrieval.chunk import sentences
from quintet.retrieval.cite import Citation, Verdict, Verifier, cite
from quintet.retrieval.search import Found, Hit
from quintet.retrieval.words import terms

# Chosen so that questions about other things are turned away; see docs/retrieval.md.
ENOUGH = 0.6
_LOOKED_AT = 8
_LONGEST_CHARS = 500


class Quote(NamedTuple):
    """A sentence that answers, how much of the question its passage covers, and how it stands."""

    citation: Citation
    covered: float
    verdict: Verdict


class Answer(NamedTuple):
    """Quotes, the best first; none where the documents do not say.

    `missing` are the words of the question that no document has.
    """

    quotes: tuple[Quote, ...]
    best_covered: float
    missing: tuple[str, ...]


class _Candidate(NamedTuple):
    hit: Hit
    covered: float
    start: int
    end: int


def answer(question: str, found: Found, verifier: Verifier, *, limit: int = 3) -> Answer:
    """The sentences that say it, each looked up in its file; a quote that is gone is left out."""
    candidates = [one for hit in found.hits[:_LOOKED_AT] if (one := _candidate(hit, found.rarity))]
    best = max((one.covered for one in candidates), default=0.0)
    quotes: list[Quote] = []
    for one in sorted(candidates, key=lambda c: -round(c.covered, 1)):
        if one.covered < max(ENOUGH, best - 0.2):
            continue
        if len(quotes) == limit:
            break
        citation = cite(one.hit.stored, one.start, one.end)
        verdict = verifier.verify(citation)
        if verdict.is_good:
            quotes.append(Quote(verdict.citation, one.covered, verdict))
    return Answer(tuple(quotes), best, _missing(question, found))


def _candidate(hit: Hit, rarity: Mapping[str, float]) -> _Candidate | None:
    """The sentence of a passage that covers most, and its neighbour if that covers more."""
    total = sum(rarity.values())
    passage = hit.stored.passage
    around = set(terms(passage.head))
    every = sentences(passage.text)
    # A heading is no answer, but what stands below it is about what it says.
    spans = [(a, b) for a, b in every if not around.issuperset(terms(passage.text[a:b]))] or every
    if not total or not spans:
        return None
    covers = [_covered(terms(passage.text[a:b]), rarity) for a, b in spans]
    everything = _covered([*around, *terms(passage.text)], rarity)
    first = max(range(len(spans)), key=lambda at: (sum(covers[at].values()), -at))
    start, end = spans[first]
    for at in (first + 1, first - 1):
        if 0 <= at < len(spans) and covers[at].keys() - covers[first].keys() - around:
            low, high = min(start, spans[at][0]), max(end, spans[at][1])
            if high - low <= _LONGEST_CHARS:
                start, end = low, high
                break
    return _Candidate(hit, sum(everything.values()) / total, start, end)


def _covered(found: Sequence[str], rarity: Mapping[str, float]) -> dict[str, float]:
    return {term: rarity[term] for term in set(found) if term in rarity}


def _missing(question: str, found: Found) -> tuple[str, ...]:
    """Words of the question as they were asked, of which the index knows none."""
    words = (word.strip(punctuation) for word in question.split())
    return tuple(
        word
        for word in words
        if (own := terms(word)) and all(term in found.unknown for term in own)
    )
