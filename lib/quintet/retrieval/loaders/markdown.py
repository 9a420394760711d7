"""Markdown: sections by their headings, code kept in one piece, everything else paragraphs."""

import re
from collections.abc import Iterator

from quintet.retrieval.document import Block, Document, Limits
from quintet.retrieval.loaders.text import decode, paragraphs, require_length

_LINE = re.compile(r"[^\n]*(?:\n|\Z)")
_HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))?[ \t]*#*[ \t]*\r?\n?\Z")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_UNDERLINE = re.compile(r" {0,3}(=+|-+)[ \t]*\r?\n?\Z")
_DEEPEST = 6


def load(data: bytes, limits: Limits) -> Document:
    text, encoding = decode(data)
    require_length(text, limits)
    sections = list(_sections(text))
    blocks = tuple(block for section in sections for block in _blocks(text, *section))
    title = next((head[-1] for _, _, head in sections if head), "")
    return Document(text, blocks, title=title[:300], encoding=encoding)


def _sections(text: str) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Stretches under the same headings; a heading begins its own."""
    start, head = 0, ()
    for at, level, title in _headings(text):
        if at > start:
            yield start, at, head
        start, head = at, (*head[: level - 1], title)
    if start < len(text):
        yield start, len(text), head


def _headings(text: str) -> Iterator[tuple[int, int, str]]:
    fence = ""
    previous_at, previous = 0, ""
    for match in _LINE.finditer(text):
        line, at = match[0], match.start()
        if mark := _FENCE.match(line):
            if not fence:
                fence = mark[1]
            elif mark[1].startswith(fence) and not line[mark.end() :].strip():
                fence = ""
        elif not fence:
            if heading := _HEADING.match(line):
                yield at, len(heading[1]), (heading[2] or "").strip()
            elif previous.strip() and (mark := _UNDERLINE.match(line)):
                yield previous_at, 1 if mark[1][0] == "=" else 2, previous.strip()
        previous_at, previous = at, "" if fence or _HEADING.match(line) else line


def _blocks(text: str, start: int, end: int, head: tuple[str, ...]) -> Iterator[Block]:
    """Paragraphs, but a fenced stretch is one block."""
    open_at, fence = start, ""
    for match in _LINE.finditer(text, start, end):
        if not match[0]:
            continue
        mark = _FENCE.match(match[0])
        if mark and not fence:
            yield from paragraphs(text, open_at, match.start(), head)
            open_at, fence = match.start(), mark[1]
        elif mark and mark[1].startswith(fence):
            yield Block(open_at, match.end(), head)
            open_at, fence = match.end(), ""
    yield from paragraphs(text, open_at, end, head)
