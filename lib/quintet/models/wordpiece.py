"""Splits words into the pieces that a vocabulary knows, as the uncased BERT models do."""

import re
import unicodedata
from collections.abc import Iterator, Mapping

WORD_LIMIT_CHARS = 100
CACHE_LIMIT_WORDS = 65_536

_IDEOGRAPHS = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_IDEOGRAPHS}]|[^\W_{_IDEOGRAPHS}]+|[^\w\s\x00-\x1f\x7f-\x9f]|_")
_INVISIBLE = frozenset({"Mn", "Cf"})

Pieces = tuple[int, ...]


def words_of(text: str) -> list[str]:
    """Words in lower case without accents; each punctuation mark and ideograph by itself."""
    if text.isascii():
        return _WORD.findall(text.lower())
    decomposed = unicodedata.normalize("NFD", text.lower())
    plain = "".join(filter(_is_kept, decomposed))
    return _WORD.findall(plain)


def _is_kept(char: str) -> bool:
    return unicodedata.category(char) not in _INVISIBLE


class WordPiece:
    """The longest known piece first, then the longest that continues it."""

    def __init__(self, vocabulary: Mapping[str, int]) -> None:
        self._vocabulary = vocabulary
        self._longest = max(map(len, vocabulary), default=0)
        self._cache: dict[str, Pieces | None] = {}

    def pieces(self, word: str) -> Pieces | None:
        """The pieces of a word, None where some part of it is unknown."""
        if word in self._cache:
            return self._cache[word]
        if len(self._cache) >= CACHE_LIMIT_WORDS:
            self._cache.clear()
        found = None if len(word) > WORD_LIMIT_CHARS else self._split(word)
        self._cache[word] = found
        return found

    def _split(self, word: str) -> Pieces | None:
        found: list[int] = []
        start = 0
        while start < len(word):
            piece = next(self._candidates(word, start), None)
            if piece is None:
                return None
            index, start = piece
            found.append(index)
        return tuple(found)

    def _candidates(self, word: str, start: int) -> Iterator[tuple[int, int]]:
        prefix = "##" if start else ""
        for end in range(min(len(word), start + self._longest), start, -1):
            index = self._vocabulary.get(prefix + word[start:end])
            if index is not None:
                yield index, end
