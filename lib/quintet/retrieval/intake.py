"""Takes files into an index: read once, loaded within limits, cut, embedded, kept."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from quintet.errors import QuintetError
from quintet.platform.clock import Clock
from quintet.platform.files import read_bytes
from quintet.retrieval import chunk
from quintet.retrieval.document import Document, Limits, Unreadable
from quintet.retrieval.index import Embedder, Entry, Index, Passage, Prepared
from quintet.retrieval.loaders.choice import HEAD_BYTES, LOADERS, Loader, loader_for
from quintet.retrieval.loading import Loading
from quintet.retrieval.names import path_of

_HEAD_CHARS = 400


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file to be taken in as it was seen, found below what its owner named as `source`."""

    path: str
    digest: str
    source: str


class Intake:
    """What a file goes through on its way into one index."""

    def __init__(
        self,
        index: Index,
        loading: Loading,
        embedder: Embedder,
        clock: Clock,
        limits: Limits | None = None,
    ) -> None:
        self.index = index
        self.limits = limits or Limits()
        self._loading = loading
        self._embedder = embedder
        self._clock = clock

    @property
    def embedder(self) -> Embedder:
        return self._embedder

    def is_current(self, entry: Entry) -> bool:
        """Whether the file would be read, cut and embedded today as it was then."""
        is_embedded = not entry.passages or entry.embedder == self._embedder.digest
        return is_embedded and entry.method == _method(LOADERS.get(entry.loader))

    def change(self, gone: Sequence[str], wanted: Iterable[Wanted]) -> None:
        """Forget paths and take in files, in one step; what cannot be read is kept as skipped."""
        self.index.replace(gone, [self._prepared(one) for one in wanted])

    def known(self, paths: Iterable[str]) -> dict[str, Entry]:
        """What the index has of these paths."""
        wanted = set(paths)
        common = os.path.commonpath(wanted) if wanted else ""
        with self.index.reading() as reader:
            return {one.path: one for one in reader.entries(common) if one.path in wanted}

    def _prepared(self, wanted: Wanted) -> Prepared:
        entry = self._entry(wanted)
        try:
            path = Path(path_of(wanted.path))
            modified_ns = path.stat().st_mtime_ns
            data = read_bytes(path, self.limits.file_bytes)
            if sha256(data).hexdigest() != wanted.digest:
                raise Unreadable("the file changed", why="it changed while it was read")
            loader = self.loader(wanted.path, data)
            entry = replace(entry, loader=loader.name, method=_method(loader))
            document = self._loading.load(loader, data)
        except OSError as error:
            return Prepared(replace(entry, skipped=error.strerror or "it cannot be read"))
        except QuintetError as error:
            return Prepared(replace(entry, skipped=error.why or error.what))
        passages = tuple(_passages(document))
        entry = replace(
            entry,
            size_bytes=len(data),
            modified_ns=modified_ns,
            title=document.title,
            at_s=modified_ns / 1e9 if document.written_s is None else document.written_s,
            embedder=self._embedder.digest if passages else "",
            passages=len(passages),
            skipped="" if passages else "it holds no text",
        )
        if not passages:
            return Prepared(entry)
        texts = [f"{passage.head}\n{passage.text}" for passage in passages]
        return Prepared(entry, passages, self._embedder.embed(texts))

    def _entry(self, wanted: Wanted) -> Entry:
        return Entry(
            path=wanted.path,
            digest=wanted.digest,
            source=wanted.source,
            size_bytes=0,
            modified_ns=0,
            indexed_ns=int(self._clock.now().timestamp() * 1e9),
            method=_method(None),
        )

    def loader(self, name: str, data: bytes) -> Loader:
        """Who reads these bytes."""
        loader = loader_for(name, data[:HEAD_BYTES])
        if loader is None:
            raise Unreadable("the file is no text", why="no loader knows its format")
        return loader

    def load(self, name: str, data: bytes) -> Document:
        """The document that these bytes are."""
        return self._loading.load(self.loader(name, data), data)


def _method(loader: Loader | None) -> str:
    """How files are read and cut today."""
    return f"{chunk.METHOD}.{loader.version}" if loader else f"{chunk.METHOD}"


def _passages(document: Document) -> Iterable[Passage]:
    line, counted = 1, 0
    for start, end, head in chunk.spans(document):
        if document.encoding:
            line += document.text.count("\n", counted, start)
            counted = start
            place = f"line {line}"
        else:
            place = document.place_of(start)
        titles = [document.title, *head] if document.title not in head else head
        shown = " > ".join(title for title in titles if title)[:_HEAD_CHARS]
        yield Passage(start, end, place, shown, document.text[start:end])
