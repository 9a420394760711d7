"""The file that spans are appended to, by all processes at once, until somebody asks for them.

Nothing waits for the disk, and nothing that goes wrong here is told: a trace may be missing.
"""

import contextlib
import fcntl
import os
import stat
import time
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path

from quintet.errors import Kind, QuintetError
from quintet.platform.files import PRIVATE_DIR, PRIVATE_FILE, explained

# What nobody asks for must not grow without end: two files of this size at most.
LIMIT_BYTES = 16 << 20
_LINE_LIMIT_BYTES = 4 << 20
_TRIES = 20
_PAUSE_S = 0.001
_WRITER_PATIENCE_S = 1.0
_READER_PATIENCE_S = 10.0


class TracesBusy(QuintetError):
    """Somebody else is moving the spans into the database, and takes long."""

    kind = Kind.BUSY
    code = "trace.busy"


class Spool:
    """`spans.jsonl`, and the `older.jsonl` that it becomes when it is full."""

    def __init__(self, folder: Path, *, limit_bytes: int = LIMIT_BYTES) -> None:
        self._folder = folder
        self._path = folder / "spans.jsonl"
        self._older = folder / "older.jsonl"
        self._limit_bytes = limit_bytes

    def write(self, lines: Sequence[bytes]) -> None:
        """Append lines in one piece. In a home that was never used no folder is made for it."""
        try:
            if not self._folder.parent.is_dir():
                return
            self._folder.mkdir(mode=PRIVATE_DIR, exist_ok=True)
            # The break in front keeps whole what follows a line that a full disk cut off.
            self._append(b"\n" + b"\n".join(lines) + b"\n")
        except OSError:
            return

    def _append(self, data: bytes) -> None:
        for _ in range(_TRIES):
            # A pipe that somebody put there must not make us wait for its reader.
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
            fd = os.open(self._path, flags | os.O_NOFOLLOW | os.O_NONBLOCK, PRIVATE_FILE)
            try:
                if _got(fd, fcntl.LOCK_SH, patience_s=0.0) and self._is_current(fd):
                    os.write(fd, data)
                    self._turn_over(fd)
                    return
            finally:
                os.close(fd)
            time.sleep(_PAUSE_S)

    def _is_current(self, fd: int) -> bool:
        """Whether the file was not taken away between its opening and its locking."""
        with contextlib.suppress(FileNotFoundError):
            return os.path.samestat(os.fstat(fd), self._path.stat())
        return False

    def _turn_over(self, fd: int) -> None:
        if os.fstat(fd).st_size < self._limit_bytes:
            return
        if _got(fd, fcntl.LOCK_EX, patience_s=0.0) and self._is_current(fd):
            os.replace(self._path, self._older)

    @contextlib.contextmanager
    def taken(self) -> Generator[Iterator[bytes]]:
        """What there is, oldest first; it is removed at the end of a block that did not fail.

        Files that somebody took and did not finish with come first. Whoever takes at the same
        time waits.
        """
        if not self._folder.is_dir():
            yield iter(())
            return
        with explained("read", self._folder), _locked(self._folder / "taking.lock"):
            files = self._take_away()
            yield (line for file in files for line in _lines(file))
            for file in files:
                file.unlink(missing_ok=True)

    def _take_away(self) -> list[Path]:
        left = sorted(self._folder.glob("taken-*.jsonl"))
        number = int(left[-1].stem.partition("-")[2]) + 1 if left else 1
        for place in filter(_is_regular, (self._older, self._path)):
            target = self._folder / f"taken-{number:08d}.jsonl"
            os.replace(place, target)
            left.append(target)
            number += 1
            with target.open("rb") as stream:
                # Wait for those who are in the middle of a write; whoever comes later sees that
                # the file is not the current one any more.
                _got(stream.fileno(), fcntl.LOCK_EX, _WRITER_PATIENCE_S)
        return left


def _is_regular(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def _got(fd: int, lock: int, patience_s: float) -> bool:
    """Whether the lock was to be had in time."""
    deadline_s = time.monotonic() + patience_s
    while True:
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(fd, lock | fcntl.LOCK_NB)
            return True
        if time.monotonic() >= deadline_s:
            return False
        time.sleep(_PAUSE_S)


@contextlib.contextmanager
def _locked(path: Path) -> Generator[None]:
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE_FILE)
    try:
        if not _got(fd, fcntl.LOCK_EX, _READER_PATIENCE_S):
            raise TracesBusy(
                "the traces are being read by another process",
                why=f"it holds {path}",
                hint="try again in a moment",
            )
        yield
    finally:
        os.close(fd)


def _lines(path: Path) -> Iterator[bytes]:
    with explained("read", path), path.open("rb") as stream:
        while line := stream.readline(_LINE_LIMIT_BYTES):
            if text := line.strip():
                yield text
