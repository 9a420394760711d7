"""An append-only, hash-chained journal that many processes write at once.

An entry is durable when `append` returns, at the price of one disk sync that processes which come
at the same moment share. Nothing in it can be changed unseen; a payload can be taken out, and the
journal still proves the rest. It needs neither a server nor DuckDB.
"""

import contextlib
import fcntl
import hashlib
import json
import secrets
from collections.abc import Collection, Generator, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from quintet.errors import QuintetError
from quintet.platform.files import ensure_private_dir, read_bytes, write_atomic
from quintet.platform.store import frames
from quintet.platform.store.frames import Frame, Kind, Point
from quintet.platform.store.lock import LockTimeout, StoreBusy, locked
from quintet.platform.store.segments import JournalDamaged, SegmentFolder, Tail, read_frames
from quintet.platform.store.verdict import Head, Verdict, examine, redacted_seqs

_LOCK_TIMEOUT_S = 30.0


class EntryTooLarge(QuintetError):
    """A payload that no journal takes."""

    code = "journal.entry_too_large"


class NoSuchEntry(QuintetError):
    """An entry that is not in the journal cannot be redacted."""

    code = "journal.no_such_entry"


@dataclass(frozen=True, slots=True)
class Entry:
    """One payload and its place in the chain; the payload is None once it was redacted."""

    seq: int
    payload: bytes | None
    digest: str


class Journal:
    """A folder of segments `<name>.000001.journal`, …, with `<name>.head` and `<name>.lock`.

    Safe for several threads, processes and machines' worth of crashes, not for network disks.
    Reading takes no lock. Entries are numbered from 1; a number is never given twice, not even
    after acknowledged entries were lost to a damaged disk: then the numbers skip, and a chained
    note tells from where to where.
    """

    def __init__(self, directory: Path, name: str, *, segment_limit_bytes: int = 8 << 20) -> None:
        genesis = hashlib.sha256(b"quintet journal\0" + name.encode()).digest()
        self._genesis = genesis
        self._files = SegmentFolder(directory, name, genesis)
        self._segment_limit_bytes = segment_limit_bytes

    def append(self, payload: bytes) -> Entry:
        """Add one entry, durable when this returns. When this raises it is not there; only after
        an interrupt, or a disk that failed to sync, it may be.
        """
        return self.append_all([payload])[0]

    def append_all(self, payloads: Sequence[bytes]) -> list[Entry]:
        """Add entries that a crash keeps all of or none of, with one sync."""
        if not payloads:
            return []
        largest = max(map(len, payloads))
        if largest > frames.MAX_PAYLOAD_BYTES:
            raise EntryTooLarge(
                f"an entry of {largest:,} bytes is too large for the journal",
                why=f"the limit is {frames.MAX_PAYLOAD_BYTES:,} bytes",
            )
        with self._writing():
            written, end = self._write(payloads, Kind.DATA)
        self._acknowledge(end)
        return [_entry(frame) for frame in written]

    def scan(self, *, after: int = 0) -> Iterator[Entry]:
        """Entries in order, from those behind `after` on; raises `JournalDamaged` at a flaw."""
        for frame in read_frames(self._files, after):
            if frame.kind is Kind.DATA:
                yield _entry(frame)

    def head(self) -> Head:
        """The last entry's number and digest, by reading the end of the last segment."""
        point = self._files.tail().point
        return Head(point.seq, point.digest.hex())

    def verify(self, expected: Head | None = None) -> Verdict:
        """Check every byte; with a head noted earlier, that the chain still runs through it."""
        return examine(self._files, self._genesis, expected, quiet=self._writing)

    def redact(self, seqs: Collection[int]) -> None:
        """Take the payloads of these entries off the disk; that it was done is chained itself.

        A redaction that a crash cut off is finished by the next one, also by an empty one.
        """
        with self._writing():
            self._clean_tail()
            present, named = self._data_and_redacted()
            if missing := set(seqs) - present:
                raise NoSuchEntry(f"the journal has no entry {min(missing)}")
            if new := sorted(set(seqs) - named):
                note = json.dumps({"redacted": new}).encode()
                self._acknowledge(self._write([note], Kind.REDACTION)[1])
            with self._head_locked():
                for number in self._files.numbers():
                    self._take_out(number, named.union(new))
                self._files.write_head(self._files.tail().point)
            for path in self._files.leftovers():
                path.unlink(missing_ok=True)

    def size_bytes(self) -> int:
        """What the entries take on the disk; looks at the files' sizes only."""
        return sum(map(self._files.entries_bytes, self._files.numbers()))

    def seal(self) -> int:
        """End the open segment; tells the last entry of the closed ones."""
        with self._writing():
            point = self._clean_tail().point
            if point.offset > frames.SEGMENT_HEADER_BYTES:
                self._files.begin(point.segment + 1, point)
            return point.seq

    @contextlib.contextmanager
    def salvaged(self) -> Generator[list[Entry]]:
        """For queues: every entry of the closed segments that is whole in itself, whatever is
        damaged between them. The segments are moved aside when the block ends without an error.
        """
        paths = list(map(self._files.path, self._files.numbers()))
        # Where even the end is damaged nobody can append, and nothing is added behind our back.
        with contextlib.suppress(JournalDamaged):
            self.seal()
        found = (f for path in paths for f in frames.resync(read_bytes(path), 0))
        yield [_entry(frame) for frame in found if frame.kind is Kind.DATA]
        for path in paths:
            path.rename(path.with_name(f"{path.name}.damaged-{secrets.token_hex(2)}"))

    def discard(self, through: int) -> None:
        """Remove closed segments with nothing behind `through`: for queues, not for records."""
        with self._writing():
            numbers = self._files.numbers()
            for number, following in pairwise(numbers):
                if self._files.start_of(following).seq > through:
                    break
                self._files.path(number).unlink()

    def _write(self, payloads: Sequence[bytes], kind: Kind) -> tuple[list[Frame], Point]:
        """Put one batch behind the tail, not yet durable; tells where it ends."""
        tail = self._clean_tail()
        point = self._room_behind(tail)
        notes: list[Frame] = []
        start = point
        if loss := tail.loss():
            seq = max(tail.point.seq, tail.acknowledged.seq if tail.acknowledged else 0) + 1
            notes = frames.chain(point, [json.dumps(loss).encode()], kind=Kind.LOSS, seq=seq)
            start = notes[-1].point(point.segment)
        batch = frames.chain(start, payloads, kind=kind)
        self._files.write(point, b"".join(frame.encoded() for frame in (*notes, *batch)))
        return batch, batch[-1].point(point.segment)

    def _clean_tail(self) -> Tail:
        tail = self._files.tail()
        if tail.torn_bytes:
            self._files.set_aside_torn(tail)
        return tail

    def _room_behind(self, tail: Tail) -> Point:
        """The place for the next frame: behind the tail, or at the start of a new segment."""
        point = tail.point
        if 0 < point.offset < self._segment_limit_bytes:
            return point
        begun = self._files.begin(point.segment + 1, point)
        if not point.seq and not tail.loss():
            self._files.write_head(begun)
        return begun

    def _acknowledge(self, end: Point) -> None:
        """Make everything up to here durable, unless a process beside us has just done so."""
        with self._head_locked():
            tail = self._files.tail()
            if tail.acknowledged and tail.acknowledged.seq >= end.seq:
                return
            reached = tail.point if tail.point.seq >= end.seq else end
            self._files.sync(reached.segment)
            self._files.write_head(reached)

    def _data_and_redacted(self) -> tuple[set[int], set[int]]:
        present: set[int] = set()
        named: set[int] = set()
        for frame in read_frames(self._files, 0):
            if frame.kind is Kind.DATA:
                present.add(frame.seq)
            elif frame.kind is Kind.REDACTION:
                named |= redacted_seqs(frame)
        return present, named

    def _take_out(self, number: int, seqs: set[int]) -> None:
        start, data = self._files.load(number)
        try:
            kept = list(frames.walk(data, start))
        except frames.Broken as flaw:
            path = self._files.path(number)
            raise self._files.damaged(path, f"entry {flaw.seq}: {flaw.reason}") from flaw
        if any(frame.seq in seqs and not frame.redacted for frame in kept):
            changed = (f.without_body() if f.seq in seqs else f for f in kept)
            header = frames.segment_header(number, start)
            body = b"".join(frame.encoded() for frame in changed)
            write_atomic(self._files.path(number), header + body)

    @contextlib.contextmanager
    def _writing(self) -> Generator[None]:
        ensure_private_dir(self._files.directory)
        with self._held(self._files.lock_path):
            yield

    @contextlib.contextmanager
    def _head_locked(self) -> Generator[None]:
        with self._held(self._files.head_path):
            yield

    @contextlib.contextmanager
    def _held(self, path: Path) -> Generator[None]:
        try:
            with locked(path, fcntl.LOCK_EX, _LOCK_TIMEOUT_S):
                yield
        except LockTimeout as timeout:
            raise StoreBusy(
                f"the journal {self._files.name} is busy",
                why=f"another process has held it for {_LOCK_TIMEOUT_S:.0f} s",
                hint=f"fuser -v '{path}'",
            ) from timeout


def _entry(frame: Frame) -> Entry:
    return Entry(frame.seq, frame.payload, frame.digest.hex())
