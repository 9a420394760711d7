"""What a loader makes of a file: its text, how that is structured, and where each part stands."""

from bisect import bisect_right
from dataclasses import dataclass
from typing import NamedTuple

from quintet.errors import QuintetError

_SURROGATES = dict.fromkeys(range(0xD800, 0xE000), "\ufffd")


class Unreadable(QuintetError):
    """A file that cannot be taken in; `why` says so in words for its owner."""

    code = "retrieval.unreadable"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may take. Beyond it the file is left out, with the limit as the reason."""

    file_bytes: int = 64 << 20
    text_chars: int = 20 << 20
    unpacked_bytes: int = 256 << 20
    pages: int = 5000
    depth: int = 200
    time_s: float = 20.0
    memory_bytes: int = 2 << 30


class Block(NamedTuple):
    """A stretch of text that belongs together; `head` are the headings above it."""

    start: int
    end: int
    head: tuple[str, ...] = ()


class Anchor(NamedTuple):
    """From `start` on the text stands at this place: `page 3`, `message <id>`, `line 12`."""

    start: int
    place: str


@dataclass(frozen=True, slots=True)
class Document:
    """The text of a file. Its blocks follow each other without a gap from its start to its end.

    With an `encoding`, `text` is the file itself, decoded: a span of it is a span of bytes. Without
    one it was drawn out of the file, and anchors say where its parts came from.
    """

    text: str
    blocks: tuple[Block, ...]
    anchors: tuple[Anchor, ...] = ()
    title: str = ""
    written_s: float | None = None
    encoding: str = ""
    notes: tuple[str, ...] = ()

    def place_of(self, position: int) -> str:
        """Where in the file a position of the text is."""
        if self.encoding:
            return f"line {self.text.count(chr(10), 0, position) + 1}"
        at = bisect_right(self.anchors, position, key=lambda anchor: anchor.start)
        return self.anchors[at - 1].place if at else ""


def storable(text: str) -> str:
    """Extracted text without the signs that no database takes; every other stays in its place."""
    return text.replace("\x00", "\ufffd").translate(_SURROGATES)


class Writer:
    """Puts a document together out of extracted pieces, one block after the other."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._pieces: list[str] = []
        self._blocks: list[Block] = []
        self._anchors: list[Anchor] = []
        self.length = 0

    def anchor(self, place: str) -> None:
        if not self._anchors or self._anchors[-1].place != place:
            self._anchors.append(Anchor(self.length, place))

    def block(self, text: str, head: tuple[str, ...] = ()) -> None:
        """Add a paragraph; what is empty is not added."""
        text = storable(text).strip()
        if not text:
            return
        start = self.length
        self._pieces.append(text + "\n\n")
        self.length += len(text) + 2
        if self.length > self._limits.text_chars:
            raise too_large(f"its text is longer than {self._limits.text_chars:,} characters")
        self._blocks.append(Block(start, self.length, tuple(map(storable, head))))

    def document(
        self, *, title: str = "", written_s: float | None = None, notes: tuple[str, ...] = ()
    ) -> Document:
        text = "".join(self._pieces)
        anchors, blocks = tuple(self._anchors), tuple(self._blocks)
        return Document(text, blocks, anchors, storable(title)[:300], written_s, notes=notes)


def too_large(why: str) -> Unreadable:
    return Unreadable("the file is too large", why=why)
