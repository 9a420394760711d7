"""Word documents: a zip of XML, of which only the paragraphs are read, and only within limits."""

import io
import re
import zipfile
from xml.parsers import expat

from quintet.retrieval.document import Document, Limits, Unreadable, Writer, too_large

_BODY = "word/document.xml"
_RATIO = 200
_SMALL_BYTES = 1 << 20
_HEADING = re.compile(r"(?:heading|berschrift|titre|título)[ _]?([1-9])", re.IGNORECASE)
_PIECE_BYTES = 1 << 16


def load(data: bytes, limits: Limits) -> Document:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            body = _unpacked(archive, limits)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ValueError) as error:
        raise Unreadable("this is no Word document", why=f"its zip is broken: {error}") from error
    except RuntimeError as error:
        raise Unreadable("this document is locked", why=str(error)) from error
    reader = _Reader(limits)
    reader.read(body)
    return reader.writer.document()


def _unpacked(archive: zipfile.ZipFile, limits: Limits) -> bytes:
    """The part with the text; what it claims to be is not believed."""
    try:
        info = archive.getinfo(_BODY)
    except KeyError:
        raise Unreadable("this is no Word document", why=f"its zip has no {_BODY}") from None
    with archive.open(info) as stream:
        body = stream.read(limits.unpacked_bytes + 1)
    if len(body) > limits.unpacked_bytes:
        raise too_large(f"it unpacks to more than {limits.unpacked_bytes:,} bytes")
    if len(body) > max(_SMALL_BYTES, _RATIO * info.compress_size):
        raise too_large(f"it unpacks to more than {_RATIO} times its size, as a zip bomb does")
    return body


class _Reader:
    """Paragraphs with their headings; a document type is refused, and entities with it."""

    def __init__(self, limits: Limits) -> None:
        self.writer = Writer(limits)
        self._limits = limits
        self._text: list[str] = []
        self._head: tuple[str, ...] = ()
        self._style = ""
        self._depth = 0
        self._count = 0
        self._is_text = False

    def read(self, body: bytes) -> None:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartDoctypeDeclHandler = self._refuse
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._data
        try:
            for start in range(0, len(body), _PIECE_BYTES):
                parser.Parse(body[start : start + _PIECE_BYTES], False)
            parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise Unreadable(
                "this document is damaged", why=f"its XML is broken: {error}"
            ) from error

    def _refuse(self, *_: object) -> None:
        raise Unreadable("this document is not safe", why="its XML declares a document type")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > self._limits.depth:
            raise Unreadable("this document is nested too deeply", why=f"{self._depth} levels")
        tag = name.rpartition(" ")[2]
        if tag == "p":
            self._style = ""
        elif tag == "pStyle":
            self._style = next((v for k, v in attributes.items() if k.endswith(" val")), "")
        elif tag in ("tab", "br", "cr"):
            self._text.append("\t" if tag == "tab" else "\n")
        self._is_text = tag == "t"

    def _end(self, name: str) -> None:
        self._depth -= 1
        self._is_text = False
        if name.rpartition(" ")[2] == "p":
            self._end_paragraph()

    def _data(self, data: str) -> None:
        if self._is_text:
            self._text.append(data)

    def _end_paragraph(self) -> None:
        text = "".join(self._text).strip()
        self._text = []
        self._count += 1
        if not text:
            return
        if match := _HEADING.search(self._style):
            self._head = (*self._head[: int(match[1]) - 1], text[:200])
        self.writer.anchor(f"paragraph {self._count}")
        self.writer.block(text, self._head)
