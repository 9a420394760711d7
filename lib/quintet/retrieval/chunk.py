"""Cuts a document into passages: by its structure first, then between sentences.

A passage is a span of the document's text, never a copy that was changed; together they hold all
of it but blank space.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from quintet.retrieval.document import Block, Document

TARGET_CHARS = 800
LIMIT_CHARS = 1200
# Raise it when documents would be cut differently: what was indexed before is then done anew.
METHOD = 1

_SENTENCE_END = re.compile(
    # After a full stop; before a blank line, a heading, a list item or a table row.
    r"(?<=[.!?…])[\"'”’)\]*_]*\s+|(?<=[。！？])\s*"
    r"|\n\s*\n\s*|\n(?=\s*(?:[-*+•#|>]|\d{1,3}[.)])\s?)"
)
_LINE_END = re.compile(r"\n\s*")
_LONG_CHARS = 400
_HEADING_CHARS = 100
_SPACE = re.compile(r"\s+")


class Span(NamedTuple):
    """A passage within its document's text."""

    start: int
    end: int
    head: tuple[str, ...]


def spans(document: Document) -> list[Span]:
    """The passages of a document, in order, none over another."""
    borders = {anchor.start for anchor in document.anchors}
    found: list[Span] = []
    for start, end, head in _joined(document.text, _pieces(document), borders):
        text = document.text[start:end]
        stripped = text.strip()
        if stripped:
            begin = start + len(text) - len(text.lstrip())
            found.append(Span(begin, begin + len(stripped), head))
    return found


def sentences(text: str) -> list[tuple[int, int]]:
    """Spans of sentences without the space around them; of lines, where there are no sentences."""
    found: list[tuple[int, int]] = []
    for start, end in _between(text, _SENTENCE_END, 0, len(text)):
        is_long = end - start > _LONG_CHARS
        found += _between(text, _LINE_END, start, end) if is_long else [(start, end)]
    return found


def _between(text: str, border: re.Pattern[str], start: int, end: int) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for stop in [*(match.end() for match in border.finditer(text, start, end)), end]:
        piece = text[start:stop]
        stripped = piece.strip()
        if stripped:
            begin = start + len(piece) - len(piece.lstrip())
            found.append((begin, begin + len(stripped)))
        start = stop
    return found


def _joined(text: str, pieces: Iterator[Block], borders: set[int]) -> Iterator[Block]:
    """Neighbours under the same headings and at the same place, up to a good length."""
    current: Block | None = None
    for piece in pieces:
        if current is None:
            current = piece
        elif _is_heading(text, current, piece) and piece.start not in borders:
            # A heading with nothing under it but deeper headings is no passage by itself.
            current = piece._replace(start=current.start)
        elif (
            piece.head == current.head
            and piece.start not in borders
            and piece.end - current.start <= TARGET_CHARS
        ):
            current = current._replace(end=piece.end)
        else:
            yield current
            current = piece
    if current is not None:
        yield current


def _is_heading(text: str, piece: Block, following: Block) -> bool:
    """Whether this is one short line that stands above what follows."""
    is_above = following.head[: len(piece.head)] == piece.head != following.head
    if not is_above or piece.end - piece.start > _HEADING_CHARS:
        return False
    return "\n" not in text[piece.start : piece.end].strip()


def _pieces(document: Document) -> Iterator[Block]:
    for block in document.blocks:
        start = block.start
        while block.end - start > LIMIT_CHARS:
            end = _cut(document.text, start, start + LIMIT_CHARS)
            yield Block(start, end, block.head)
            start = end
        yield Block(start, block.end, block.head)


def _cut(text: str, start: int, limit: int) -> int:
    """Where to end a piece that begins here: after a sentence, a word, or anywhere."""
    for pattern in (_SENTENCE_END, _LINE_END, _SPACE):
        ends = [match.end() for match in pattern.finditer(text, start + TARGET_CHARS // 2, limit)]
        if ends:
            return ends[-1]
    return limit
