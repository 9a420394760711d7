"""A journal's files: numbered segments, the head beside them, and what was found torn."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from quintet.errors import Kind, QuintetError
from quintet.platform.files import (
    PRIVATE_FILE,
    explained,
    failure_of,
    read_bytes,
    sync_dir,
    write_all,
    write_atomic,
)
from quintet.platform.store import frames
from quintet.platform.store.frames import Frame, Point


class JournalDamaged(QuintetError):
    """Entries that were acknowledged are changed or gone."""

    kind = Kind.INTEGRITY
    code = "journal.damaged"


@dataclass(frozen=True, slots=True)
class Tail:
    """Where the next entry goes, what lies behind that place, and what should lie before it."""

    point: Point
    torn_bytes: int
    acknowledged: Point | None
    head_damaged: bool

    def loss(self) -> dict[str, object] | None:
        """What must be told in the chain before it goes on, if anything acknowledged is gone."""
        head = self.acknowledged
        if head and head.seq > self.point.seq:
            return {
                "lost_from": self.point.seq + 1,
                "lost_through": head.seq,
                "digest": head.digest.hex(),
            }
        if self.head_damaged or (head is None and self.point.seq):
            return {"head": "damaged" if self.head_damaged else "missing"}
        return None


class SegmentFolder:
    """Reads and writes the files; knows nothing of locks, so its callers hold them."""

    def __init__(self, directory: Path, name: str, genesis: bytes) -> None:
        self.directory = directory
        self.name = name
        self.lock_path = directory / f"{name}.lock"
        self.head_path = directory / f"{name}.head"
        self._genesis = genesis
        self._pattern = re.compile(re.escape(name) + r"\.(\d{6,})\.journal")

    def path(self, number: int) -> Path:
        return self.directory / f"{self.name}.{number:06d}.journal"

    def numbers(self) -> list[int]:
        with explained("list", self.directory):
            try:
                names = os.listdir(self.directory)
            except FileNotFoundError:
                return []
        return sorted(int(m[1]) for m in map(self._pattern.fullmatch, names) if m)

    def torn_files(self) -> list[Path]:
        return sorted(self.directory.glob(f"{self.name}.*.journal.torn-*"))

    def leftovers(self) -> list[Path]:
        """What crashes left behind: nothing acknowledged is in it, but payloads may be."""
        return [*self.torn_files(), *self.directory.glob(f".{self.name}.*.tmp")]

    def entries_bytes(self, number: int) -> int:
        """A segment's size without its header; none where it was removed just now."""
        try:
            return self.path(number).stat().st_size - frames.SEGMENT_HEADER_BYTES
        except FileNotFoundError:
            return 0

    def head(self) -> Point | None:
        """The acknowledged end, or None where there is no head file or an empty one."""
        try:
            data = self.head_path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise failure_of(error, "read", self.head_path) from error
        point = frames.read_head_record(data)
        if point is None and data:
            raise self.damaged(self.head_path, "it does not match its checksum")
        return point

    def start_of(self, number: int) -> Point:
        """The chain as it stood when this segment was begun, by its own header."""
        with explained("read", self.path(number)), self.path(number).open("rb") as stream:
            return self._header(number, stream.read(frames.SEGMENT_HEADER_BYTES))

    def load(self, number: int) -> tuple[Point, bytes]:
        data = read_bytes(self.path(number))
        return self._header(number, data), data

    def _header(self, number: int, data: bytes) -> Point:
        start = frames.read_segment_header(data)
        if start is None or start.segment != number:
            raise self.damaged(self.path(number), "its header is damaged")
        return start

    def damaged(self, path: Path, why: str) -> JournalDamaged:
        return JournalDamaged(
            f"the journal {self.name} is damaged", why=f"{path.name}: {why}", hint="ai log verify"
        )

    def tail(self) -> Tail:
        """The end of what is whole. Reads only what came after the head, unless that is gone."""
        head, head_damaged = self._head_if_whole()
        numbers = self.numbers()
        if not numbers:
            return Tail(Point(0, self._genesis, 0, 0), 0, head, head_damaged)
        number = numbers[-1]
        trusted = head is not None and head.segment == number and self._ends_at(head)
        start = head if head and trusted else self.start_of(number)
        with explained("read", self.path(number)), self.path(number).open("rb") as stream:
            stream.seek(start.offset)
            data = stream.read()
        point = last_whole(data, start, past_damage=not trusted)
        return Tail(point, start.offset + len(data) - point.offset, head, head_damaged)

    def _head_if_whole(self) -> tuple[Point | None, bool]:
        try:
            return self.head(), False
        except JournalDamaged:
            return None, True

    def _ends_at(self, head: Point) -> bool:
        """Whether the head's entry really ends at its byte: a redaction moves entries."""
        with explained("read", self.path(head.segment)):
            size = frames.TRAILER_BYTES
            with self.path(head.segment).open("rb") as stream:
                if head.offset == frames.SEGMENT_HEADER_BYTES:
                    start = frames.read_segment_header(stream.read(frames.SEGMENT_HEADER_BYTES))
                    return start == head
                stream.seek(max(0, head.offset - size))
                return frames.trailer_matches(stream.read(size), head.digest)

    def begin(self, number: int, before: Point) -> Point:
        """A new segment, there as a whole or not at all; what came before is durable by then."""
        if before.offset and self.path(before.segment).exists():
            self.sync(before.segment)
        write_atomic(self.path(number), frames.segment_header(number, before))
        return Point(before.seq, before.digest, number, frames.SEGMENT_HEADER_BYTES)

    def write(self, point: Point, data: bytes) -> None:
        """Add bytes at the end of a segment; when they do not all fit, none of them stay."""
        path = self.path(point.segment)
        with explained("append to", path):
            fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
            try:
                write_all(fd, data)
            except BaseException:
                os.ftruncate(fd, point.offset)
                raise
            finally:
                os.close(fd)

    def sync(self, number: int) -> None:
        path = self.path(number)
        with explained("make durable", path):
            fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
            try:
                _fdatasync(fd)
            finally:
                os.close(fd)

    def set_aside_torn(self, tail: Tail) -> None:
        """Move the bytes behind the last whole entry into a file of their own."""
        path = self.path(tail.point.segment)
        count = len(list(self.directory.glob(f"{path.name}.torn-*")))
        with explained("read", path), path.open("rb") as stream:
            stream.seek(tail.point.offset)
            torn = stream.read()
        write_atomic(path.with_name(f"{path.name}.torn-{count + 1}"), torn)
        with explained("repair", path):
            os.truncate(path, tail.point.offset)

    def write_head(self, point: Point) -> None:
        with explained("write", self.head_path):
            existed = self.head_path.exists()
            flags = os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC
            fd = os.open(self.head_path, flags, PRIVATE_FILE)
            try:
                os.pwrite(fd, frames.head_record(point), 0)
            finally:
                os.close(fd)
            if not existed:
                sync_dir(self.directory)


def last_whole(data: bytes, start: Point, *, past_damage: bool) -> Point:
    """The end of the last batch that is all there.

    Behind the head nothing was acknowledged, and the first flaw is where a crash cut it. With
    `past_damage` there may be acknowledged entries behind a flaw: they stay, and `verify` names it.
    """
    point = start
    try:
        for frame in frames.walk(data, start, base=start.offset):
            if not frame.batch_goes_on:
                point = frame.point(start.segment)
    except frames.Broken as flaw:
        if past_damage:
            for frame in frames.resync(data, flaw.offset, base=start.offset):
                if not frame.batch_goes_on and frame.seq > point.seq:
                    point = frame.point(start.segment)
    return point


def _fdatasync(fd: int) -> None:
    # macOS has no fdatasync, and its fsync stops at the drive's cache; F_FULLFSYNC does not.
    if hasattr(os, "fdatasync"):
        os.fdatasync(fd)
        return
    import fcntl

    fcntl.fcntl(fd, getattr(fcntl, "F_FULLFSYNC", 51))


def read_frames(files: SegmentFolder, after: int) -> Iterator[Frame]:
    """Every frame of every finished batch behind `after`, checked; raises at the first flaw."""
    head = files.head()
    numbers = files.numbers()
    reached: Point | None = None
    for number, following in zip_longest(numbers, numbers[1:]):
        if following and files.start_of(following).seq <= after:
            continue
        start, data = files.load(number)
        if reached and (reached.segment + 1, reached.seq, reached.digest) != (
            start.segment,
            start.seq,
            start.digest,
        ):
            raise files.damaged(files.path(number), "it does not follow the segment before it")
        reached = start
        pending: list[Frame] = []
        try:
            for frame in frames.walk(data, start):
                pending.append(frame)
                if not frame.batch_goes_on:
                    yield from (f for f in pending if f.seq > after)
                    reached, pending = frame.point(number), []
        except frames.Broken as flaw:
            if following or _was_acknowledged(flaw, head, data):
                why = f"entry {flaw.seq}: {flaw.reason}"
                raise files.damaged(files.path(number), why) from flaw
    if head and head.seq > (reached.seq if reached else 0):
        why = f"the entries up to {head.seq} are missing at the end"
        raise files.damaged(files.head_path, why)


def _was_acknowledged(flaw: frames.Broken, head: Point | None, data: bytes) -> bool:
    """A flaw behind the head is a write that is under way, or that a crash cut off."""
    if head:
        return flaw.seq <= head.seq
    return next(frames.resync(data, flaw.offset), None) is not None
