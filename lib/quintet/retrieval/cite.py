"""Citations: a span of a file that is looked up again before it is shown."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from pathlib import Path

from quintet.errors import QuintetError
from quintet.platform.files import read_bytes
from quintet.retrieval.document import Document
from quintet.retrieval.index import Stored
from quintet.retrieval.names import path_of

Load = Callable[[str, bytes], Document]


class Standing(StrEnum):
    """How a citation stands: as cited, elsewhere in its file, not there any more, or file gone."""

    HOLDS = "holds"
    MOVED = "moved"
    CHANGED = "changed"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Citation:
    """A quote and where it stands: characters `start` to `end` of the text of a file.

    `digest` is the SHA-256 of the file as it was when it was cited; `place` is for people.
    """

    path: str
    digest: str
    start: int
    end: int
    place: str
    quote: str

    @property
    def where(self) -> str:
        """For people and editors: `notes.md:14`, `report.pdf (page 3)`."""
        path = path_of(self.path)
        kind, _, rest = self.place.partition(" ")
        return f"{path}:{rest}" if kind == "line" else f"{path} ({self.place})"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a look into the file says; `citation` is where the quote is found today.

    `span_bytes` is the same span in bytes of the file, where the file is plain text.
    """

    standing: Standing
    citation: Citation
    why: str = ""
    span_bytes: tuple[int, int] | None = None

    @property
    def is_good(self) -> bool:
        return self.standing in (Standing.HOLDS, Standing.MOVED)


def cite(stored: Stored, start: int, end: int) -> Citation:
    """A span of a passage, given within the passage's text."""
    passage, entry = stored.passage, stored.entry
    place = passage.place
    kind, _, line = place.partition(" ")
    if kind == "line" and entry.loader not in _WITHOUT_LINES:
        place = f"line {int(line) + passage.text.count(chr(10), 0, start)}"
    return Citation(
        entry.path,
        entry.digest,
        passage.start + start,
        passage.start + end,
        place,
        passage.text[start:end],
    )


# Their lines are those of the page's source, which its text does not have.
_WITHOUT_LINES = frozenset({"html"})


class Verifier:
    """Looks citations up in their files, each file once."""

    def __init__(self, load: Load, limit_bytes: int) -> None:
        self._load = load
        self._limit_bytes = limit_bytes
        self._known: dict[str, tuple[str, Document] | QuintetError] = {}

    def verify(self, citation: Citation) -> Verdict:
        found = self._read(citation.path)
        if isinstance(found, QuintetError):
            is_there = Path(path_of(citation.path)).exists()
            standing = Standing.CHANGED if is_there else Standing.GONE
            return Verdict(standing, citation, why=found.why or found.what)
        digest, document = found
        if document.text[citation.start : citation.end] == citation.quote:
            return Verdict(Standing.HOLDS, citation, span_bytes=_bytes(document, citation))
        at = _nearest(document.text, citation)
        if at < 0:
            return Verdict(Standing.CHANGED, citation, why="the file does not say this any more")
        moved = Citation(
            citation.path,
            digest,
            at,
            at + len(citation.quote),
            document.place_of(at),
            citation.quote,
        )
        return Verdict(
            Standing.MOVED, moved, f"it was at {citation.place}", _bytes(document, moved)
        )

    def _read(self, path: str) -> tuple[str, Document] | QuintetError:
        if path not in self._known:
            try:
                data = read_bytes(Path(path_of(path)), self._limit_bytes)
                self._known[path] = sha256(data).hexdigest(), self._load(path, data)
            except QuintetError as error:
                self._known[path] = error
        return self._known[path]


def _bytes(document: Document, citation: Citation) -> tuple[int, int] | None:
    if not document.encoding:
        return None
    start = len(document.text[: citation.start].encode(document.encoding))
    quote = document.text[citation.start : citation.end]
    return start, start + len(quote.encode(document.encoding))


def _nearest(text: str, citation: Citation) -> int:
    """Where the quote stands now: of several places the one nearest to where it was."""
    after = text.find(citation.quote, max(0, citation.start))
    before = text.rfind(citation.quote, 0, citation.start + len(citation.quote))
    if after < 0 or before < 0:
        return max(after, before)
    return after if after - citation.start < citation.start - before else before
