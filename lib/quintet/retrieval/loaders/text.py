"""Plain text in whatever encoding it is, cut into paragraphs; the bytes decide on the encoding."""

import codecs
import re
from collections.abc import Iterator

from quintet.retrieval.document import Block, Document, Limits, Unreadable, too_large

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_PARAGRAPH_END = re.compile(r"\n[ \t\r]*\n\s*")
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
# A text may hold a stray form feed or escape; one in fifty is no text any more.
_CONTROL_SHARE = 50


def decode(data: bytes) -> tuple[str, str]:
    """The text, and the encoding under which encoding it again gives exactly these bytes.

    The mark at the beginning stays part of the text, so that positions stay positions of the file.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            text = _decoded(data, encoding)
            if text is not None:
                return _checked(text), encoding
    if b"\x00" in data:
        encoding = _guess_wide(data)
        text = _decoded(data, encoding) if encoding else None
        if text is None:
            raise Unreadable("this is no text", why="it is binary: it holds zero bytes")
        return _checked(text), encoding
    text = _decoded(data, "utf-8")
    # Every byte means something in Latin-1, so this is the end of the search.
    return (
        (_checked(text), "utf-8")
        if text is not None
        else (_checked(data.decode("latin-1")), "latin-1")
    )


def _decoded(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _guess_wide(data: bytes) -> str:
    """UTF-16 without a mark: in most western text every other byte is zero."""
    sample = data[: 1 << 12]
    half = max(1, len(sample) // 2)
    if sample[1::2].count(0) > half * 0.7 and sample[::2].count(0) < half * 0.1:
        return "utf-16-le"
    if sample[::2].count(0) > half * 0.7 and sample[1::2].count(0) < half * 0.1:
        return "utf-16-be"
    return ""


def _checked(text: str) -> str:
    controls = len(_CONTROLS.findall(text))
    if "\x00" in text or controls * _CONTROL_SHARE > len(text):
        raise Unreadable("this is no text", why="it is binary: it is full of control characters")
    return text


def load(data: bytes, limits: Limits) -> Document:
    """Paragraphs, as blank lines part them."""
    text, encoding = decode(data)
    require_length(text, limits)
    return Document(text, tuple(paragraphs(text)), encoding=encoding)


def require_length(text: str, limits: Limits) -> None:
    if len(text) > limits.text_chars:
        raise too_large(f"its text is longer than {limits.text_chars:,} characters")


def paragraphs(
    text: str, start: int = 0, end: int | None = None, head: tuple[str, ...] = ()
) -> Iterator[Block]:
    """The paragraphs of a part of a text, without a gap."""
    end = len(text) if end is None else end
    for match in _PARAGRAPH_END.finditer(text, start, end):
        if match.end() > start:
            yield Block(start, match.end(), head)
            start = match.end()
    if start < end:
        yield Block(start, end, head)
