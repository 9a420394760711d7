"""Splits text into what is searched for: stems of words, identifiers whole and in their parts."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from quintet.retrieval.stems import stem

# Chinese, Japanese and Korean write no spaces: pairs of signs stand for words there.
_SIGNS = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
_WORD = re.compile(rf"[{_SIGNS}]+|[^\W{_SIGNS}]+(?:['’][^\W\d_]+)?")
_HAS_SIGNS = re.compile(f"[{_SIGNS}]")
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_a-zA-Z]+")
_IS_PLAIN = re.compile(r"[A-Z]?[a-z]+|\d+|[A-Z]+")
_LONGEST = 64

STOP_WORDS = frozenset(
    "a about after all also am an and any are as at be because been before being between both "
    "but by can could did do does doing don down during each few for from further had has "
    "have having he her here hers him his how i if in into is it its itself just ll many may me "
    "might more most much must my no nor not now of off on once only or other our out over own re "
    "s same shall she should so some such t than that the their them then there these they "
    "this those through to too under until up us ve very was we were what when where which "
    "while who whom whose why will with would you your yours".split()
)


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it stands in a text, and the terms under which it is found."""

    start: int
    end: int
    terms: tuple[str, ...]


def words(text: str) -> Iterator[Word]:
    """The words of a text in their order; those that say nothing have no terms."""
    for match in _WORD.finditer(text):
        yield Word(match.start(), match.end(), _terms_of(match[0]))


def terms(text: str) -> list[str]:
    """What a text is found by, in order and with repetitions."""
    found: list[str] = []
    for match in _WORD.finditer(text):
        found += _terms_of(match[0])
    return found


_known: dict[str, tuple[str, ...]] = {}
_KNOWN_LIMIT = 100_000


def _terms_of(word: str) -> tuple[str, ...]:
    known = _known.get(word)
    if known is None:
        if len(_known) >= _KNOWN_LIMIT:
            _known.clear()
        known = _known[word] = tuple(_split(word))
    return known


def _split(word: str) -> Iterator[str]:
    if _HAS_SIGNS.match(word):
        yield from (word[at : at + 2] for at in range(max(1, len(word) - 1)))
        return
    word = re.split("['’]", word, maxsplit=1)[0].strip("_")
    folded = word.casefold()[:_LONGEST]
    if not folded or folded in STOP_WORDS:
        return
    yield stem(folded)
    if not _IS_PLAIN.fullmatch(word):
        parts = [part.casefold()[:_LONGEST] for part in _PART.findall(word)]
        if len(parts) > 1:
            yield from (stem(part) for part in parts if part not in STOP_WORDS and len(part) > 1)
