"""Brings the forms of an English word together, lightly: plural, -ing, -ed, and a few endings.

A stem is only a key that is compared with other stems; it need not be a word.
"""

from functools import lru_cache
from itertools import pairwise

_VOWELS = frozenset("aeiouy")
_SHORTEST = 3
# The longest first; each with what stays in its place.
_ENDINGS = (
    *(("ization", "ize"), ("isation", "ize"), ("ational", "ate"), ("fulness", "ful")),
    *(("ousness", "ous"), ("iveness", "ive"), ("ability", "able"), ("ically", "ic")),
    *(("ation", "ate"), ("alism", "al"), ("ality", "al"), ("ivity", "ive"), ("ement", "")),
    *(("ical", "ic"), ("ness", ""), ("ment", ""), ("ally", "al"), ("ance", ""), ("ence", "")),
    *(("able", ""), ("ible", ""), ("ator", "ate"), ("ise", "ize"), ("ion", ""), ("ity", "")),
    *(("ful", ""), ("ant", ""), ("ent", ""), ("ous", ""), ("ive", ""), ("ize", "")),
    *(("ly", ""), ("al", ""), ("er", "")),
)


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """The key under which a lower-case word is found; other scripts and numbers stay."""
    if len(word) <= _SHORTEST or not word.isascii() or not word.isalpha():
        return word
    word = _without_tense(_without_plural(word))
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and _measure(word[: -len(ending)]) > 0:
            kept = word[: -len(ending)] + instead
            word = kept if len(kept) >= _SHORTEST else word
            break
    return _without_last(word)


def _without_plural(word: str) -> str:
    if word.endswith("sses"):
        return word[:-2]
    if word.endswith("ies"):
        return word[:-3] + ("y" if len(word) > 4 else "ie")
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _without_tense(word: str) -> str:
    for ending in ("ing", "ed"):
        kept = word.removesuffix(ending)
        if kept != word and len(kept) >= _SHORTEST - 1 and _VOWELS & set(kept):
            doubled = len(kept) > 2 and kept[-1] == kept[-2] and kept[-1] not in "aeiouylsz"
            return kept[:-1] if doubled else kept
    return word


def _without_last(word: str) -> str:
    if len(word) > _SHORTEST and word[-1] == "e":
        word = word[:-1]
    if len(word) > _SHORTEST and word[-1] == "y" and word[-2] not in _VOWELS:
        return word[:-1] + "i"
    return word


def _measure(word: str) -> int:
    """How often a vowel is followed by a consonant: about how many syllables there are."""
    is_vowel = [letter in _VOWELS for letter in word]
    return sum(one and not other for one, other in pairwise(is_vowel))
