"""HTML as a person would read it: headings, paragraphs and cells, without scripts and styles."""

import re
import time
from html.parser import HTMLParser

from quintet.retrieval.document import Document, Limits, Unreadable, Writer
from quintet.retrieval.loaders.text import decode

_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w-]{2,30})", re.IGNORECASE)
_SILENT = frozenset({"script", "style", "noscript", "template", "svg", "math", "head", "iframe"})
_BREAKING = frozenset(
    "address article aside blockquote body br caption dd details dialog div dl dt fieldset "
    "figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr html legend li main nav ol p "
    "pre section select summary table tbody td textarea tfoot th thead title tr ul".split()
)
_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
_HEADING = re.compile(r"h([1-6])")
_SPACE = re.compile(r"\s+")


def load(data: bytes, limits: Limits) -> Document:
    return document_of(_decoded(data), limits)


def document_of(text: str, limits: Limits) -> Document:
    reader = _Reader(limits)
    reader.feed(text)
    reader.close()
    return reader.document()


def _decoded(data: bytes) -> str:
    """By its mark, then by what it says of itself, then as any other text."""
    found = _CHARSET.search(data[:2048])
    if found and not data.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        try:
            return data.decode(found[1].decode("ascii"), "replace")
        except (LookupError, ValueError):
            pass
    return decode(data)[0].removeprefix("\ufeff")


class _Reader(HTMLParser):
    """Collects text into blocks; an open element that is never closed costs nothing."""

    def __init__(self, limits: Limits) -> None:
        super().__init__(convert_charrefs=True)
        self._limits = limits
        self._writer = Writer(limits)
        self._deadline_s = time.monotonic() + limits.time_s
        self._text: list[str] = []
        self._head: tuple[str, ...] = ()
        self._level = 0
        self._silent: list[str] = []
        self._depth = 0
        self._in_title = False
        self._title = ""
        self._line = 1

    def document(self) -> Document:
        self._end_block()
        return self._writer.document(title=self._title)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._count(tag)
        if tag in _BREAKING:
            self._end_block()
        if tag == "body":
            # A head that nobody closed ends here.
            self._silent.clear()
        elif tag in _SILENT:
            self._silent.append(tag)
        self._in_title = tag == "title"
        if match := _HEADING.fullmatch(tag):
            self._level = int(match[1])

    def handle_endtag(self, tag: str) -> None:
        self._depth = max(0, self._depth - 1)
        if tag in self._silent:
            while self._silent.pop() != tag:
                pass
        if self._in_title and tag == "title":
            self._in_title = False
        if self._level and _HEADING.fullmatch(tag):
            title = _SPACE.sub(" ", "".join(self._text)).strip()
            self._head = (*self._head[: self._level - 1], title)
            self._level = 0
        if tag in _BREAKING:
            self._end_block()

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self._title += _SPACE.sub(" ", data).strip()[:300]
        elif not self._silent and data:
            if not self._text:
                lead = data[: len(data) - len(data.lstrip())]
                self._line = self.getpos()[0] + lead.count("\n")
            self._text.append(data)

    def _count(self, tag: str) -> None:
        self._depth += tag not in _VOID
        if self._depth > self._limits.depth * 50:
            raise Unreadable(
                "this page is nested too deeply", why=f"more than {self._depth - 1} levels"
            )
        if time.monotonic() > self._deadline_s:
            raise Unreadable("this page takes too long", why=f"more than {self._limits.time_s:g} s")

    def _end_block(self) -> None:
        text = _SPACE.sub(" ", "".join(self._text))
        self._text = []
        if text.strip():
            self._writer.anchor(f"line {self._line}")
            self._writer.block(text, self._head)
