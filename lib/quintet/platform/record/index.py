"""Where each action's lines are in the journal, so that a few actions are read without the rest.

The index is a cache: a text file that readers bring up to date, and build anew when it does not fit
the journal. Its lines name a step (begun, ended, undone, expired), never what was done.
"""

import contextlib
import fcntl
import os
import re
import zlib
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from quintet.errors import QuintetError
from quintet.platform.files import PRIVATE_FILE, ensure_private_dir, explained, write_all
from quintet.platform.record.lines import Line, LineCodec, LineKind
from quintet.platform.store.journal import Entry, Journal

_STEPS = {
    LineKind.BEGUN: "b",
    LineKind.DONE: "e",
    LineKind.FAILED: "e",
    LineKind.UNDONE: "u",
    LineKind.EXPIRED: "x",
}
_DIGEST_LETTERS = 16
_MARK = re.compile(rb"#2 (\d+) ([0-9a-f]{16}) ([0-9a-f]{8})\n")


@dataclass(slots=True)
class Located:
    """One action: the entries from `first` to `last` tell it; `last` is 0 while it is open."""

    id: str
    group: str
    at: str
    first: int
    last: int = 0
    undoes: str = ""
    undone_by: str = ""
    expired: bool = False


class Index:
    """Finds actions by their place and by the beginning of their name."""

    def __init__(self, path: Path, journal: Journal, codec: LineCodec) -> None:
        self._path = path
        self._journal = journal
        self._codec = codec

    def newest_first(self) -> Iterator[Located]:
        """Every action; stop when you have what you need."""
        later: dict[bytes, Located] = {}
        undone: set[str] = set()
        for raw in reversed(self._lines()):
            step, seq, id, rest = raw.split(b" ", 3)
            known = later.setdefault(id, Located(id.decode(), "", "", 0))
            match step:
                case b"b":
                    known.first = int(seq)
                    known.group, known.at, known.undoes = rest.decode().split(" ")
                    # What undid it came later and is known: an undone undoing undoes nothing.
                    if known.undone_by in undone:
                        known.undone_by = ""
                    if known.undone_by:
                        undone.add(known.id)
                    del later[id]
                    yield known
                case b"e":
                    known.last = known.last or int(seq)
                case b"u":
                    known.undone_by = known.undone_by or rest.decode()
                case _:
                    known.expired = True

    def find(self, prefix: str) -> list[Located]:
        """Actions whose id begins like this, newest first."""
        return [one for one in self.newest_first() if one.id.startswith(prefix)]

    def rebuild(self) -> bool:
        """Build the file anew; False when it had said something else than the journal says."""
        with self._locked() as fd:
            had = _steps_in(_read_all(fd))
            has = _steps_in(self._append(fd, b"", self._journal.scan()))
        return has[: len(had)] == had

    def _lines(self) -> list[bytes]:
        return _steps_in(self._refreshed())

    def _refreshed(self) -> bytes:
        """The file brought up to date; only in memory where it cannot be written."""
        try:
            with self._locked() as fd:
                return self._catch_up(fd)
        except (QuintetError, OSError):
            return b"".join(self._steps(self._journal.scan()))

    def _catch_up(self, fd: int) -> bytes:
        known = _read_all(fd)
        if mark := _mark_of(known):
            seq, digest = mark
            head = self._journal.head()
            if head.seq == seq and head.digest.startswith(digest):
                return known
            news = self._journal.scan(after=seq - 1)
            marked = next(news, None)
            if marked and marked.digest.startswith(digest):
                return self._append(fd, known, news)
        return self._append(fd, b"", self._journal.scan())

    def _append(self, fd: int, known: bytes, news: Iterator[Entry]) -> bytes:
        last: Entry | None = None
        steps: list[bytes] = []
        for entry in news:
            last = entry
            steps += self._steps([entry])
        added = b"".join(steps)
        if last:
            # The mark binds the file to its format and the journal, and its lines to each other.
            checksum = zlib.crc32(known + added)
            mark = f"#2 {last.seq} {last.digest[:_DIGEST_LETTERS]} {checksum:08x}\n"
            added += mark.encode()
        if last or not known:
            os.ftruncate(fd, len(known))
            os.lseek(fd, 0, os.SEEK_END)
            write_all(fd, added)
        return known + added

    def _steps(self, entries: Iterable[Entry]) -> Iterator[bytes]:
        for seq, line in self._codec.envelopes(entries):
            if step := _STEPS.get(line.kind):
                yield f"{step} {seq} {line.id} {_rest(line)}\n".encode()

    @contextlib.contextmanager
    def _locked(self) -> Generator[int]:
        ensure_private_dir(self._path.parent)
        with explained("open the index", self._path):
            fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE_FILE)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
            yield fd
        finally:
            os.close(fd)


def _mark_of(data: bytes) -> tuple[int, str] | None:
    """Up to which entry the file goes, unless anything in it is not as it was written."""
    start = data.rfind(b"\n", 0, -1) + 1
    match = _MARK.fullmatch(data, start)
    if match and int(match[3], 16) == zlib.crc32(data[:start]):
        return int(match[1]), match[2].decode()
    return None


def _steps_in(data: bytes) -> list[bytes]:
    return [line for line in data.splitlines() if not line.startswith(b"#")]


def _rest(line: Line) -> str:
    if line.kind is LineKind.BEGUN:
        return f"{line.group} {line.at} {line.links.get('undoes', '')}"
    return line.links.get("by", "")


def _read_all(fd: int) -> bytes:
    pieces: list[bytes] = []
    while piece := os.read(fd, 1 << 20):
        pieces.append(piece)
    return b"".join(pieces)
