"""Locks between processes: `flock` on a file beside the data, a bounded wait, a named holder.

The kernel drops a `flock` when its holder dies, however it dies, so a crash never leaves a store
locked. A second lock, the turnstile, is passed on the way in: without it readers that overlap each
other keep a writer waiting for ever.
"""

import contextlib
import fcntl
import json
import os
import re
import sys
import threading
import time
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

from quintet.errors import Kind, QuintetError
from quintet.platform.clock import Clock
from quintet.platform.files import PRIVATE_FILE, explained

_HOLDER_BYTES = 400
_WORD = re.compile(r"[a-z][a-z0-9-]*")


class StoreBusy(QuintetError):
    """Another process holds the lock and did not give it back in time."""

    kind = Kind.BUSY
    code = "store.busy"


class LockTimeout(Exception):
    """The wait for a lock ended without it; the caller says what that means."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a lock: enough to find the process, and nothing that was typed as data."""

    pid: int
    command: str
    since: str
    why: str

    def sentence(self) -> str:
        purpose = f" ({self.why})" if self.why else ""
        return f"held by `{self.command}`{purpose}, pid {self.pid}, since {self.since}"


class StoreLock:
    """Exclusive for a writer, shared for readers, first come first served.

    Two threads of one process exclude each other as two processes do. The file is never removed:
    a lock on a file that was unlinked and made anew protects nothing.
    """

    def __init__(self, path: Path, clock: Clock, *, subject: str) -> None:
        self._path = path
        self._turnstile = path.with_name(f"{path.name}.turn")
        self._clock = clock
        self._subject = subject

    @contextlib.contextmanager
    def exclusive(self, timeout_s: float, *, why: str = "") -> Generator[None]:
        with self._entered(fcntl.LOCK_EX, timeout_s) as fd:
            self._sign(fd, why)
            yield

    @contextlib.contextmanager
    def shared(self, timeout_s: float) -> Generator[None]:
        with self._entered(fcntl.LOCK_SH, timeout_s):
            yield

    def holder(self) -> Holder | None:
        """Who signed last; whether they still hold it, only a failed attempt to lock tells."""
        try:
            raw = self._path.read_bytes()[:_HOLDER_BYTES].rstrip(b"\0 ")
            return Holder(**json.loads(raw))
        except (OSError, ValueError, TypeError):
            return None

    def busy(self) -> StoreBusy:
        holder = self.holder()
        return StoreBusy(
            f"{self._subject} is busy",
            why=holder.sentence() if holder else "another process holds its lock",
            hint=f"wait for it, or look at it: ps -fp {holder.pid}" if holder else "try it again",
            details={"pid": holder.pid, "command": holder.command} if holder else {},
        )

    @contextlib.contextmanager
    def _entered(self, mode: int, timeout_s: float) -> Generator[int]:
        deadline = Deadline(timeout_s)
        with contextlib.ExitStack() as held:
            try:
                with locked(self._turnstile, fcntl.LOCK_EX, deadline.left_s()):
                    fd = held.enter_context(locked(self._path, mode, deadline.left_s()))
            except LockTimeout:
                raise self.busy() from None
            yield fd

    def _sign(self, fd: int, why: str) -> None:
        since = self._clock.now().astimezone().strftime("%H:%M:%S")
        card = {"pid": os.getpid(), "command": _own_command(), "since": since, "why": why[:120]}
        # A note for others' error messages: a full disk must not stop the work itself.
        with contextlib.suppress(OSError):
            os.pwrite(fd, json.dumps(card).encode()[:_HOLDER_BYTES].ljust(_HOLDER_BYTES), 0)


class Deadline:
    """How much of a wait is left. Real time: an operating-system lock knows no other."""

    def __init__(self, timeout_s: float) -> None:
        self._end_s = time.monotonic() + timeout_s

    def left_s(self) -> float:
        return max(0.0, self._end_s - time.monotonic())


@contextlib.contextmanager
def locked(path: Path, mode: int, timeout_s: float) -> Generator[int]:
    """Hold a lock on a file, created if missing; `LockTimeout` when it stays taken."""
    fd = _open_lock_file(path)
    owner = os.getpid()
    try:
        if not _flock_within(fd, mode, timeout_s):
            raise LockTimeout(str(path))
        yield fd
    finally:
        # A child that was forked meanwhile shares this lock: closing alone would leave it held
        # for as long as the child lives, and the child must not drop what its parent still needs.
        if os.getpid() == owner:
            fcntl.flock(fd, fcntl.LOCK_UN)
        os.close(fd)


def _open_lock_file(path: Path) -> int:
    with explained("open the lock file", path):
        try:
            return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE_FILE)
        except PermissionError:
            # A reader of a store that it may not write still takes part in the locking.
            return os.open(path, os.O_RDONLY | os.O_CLOEXEC)


def _flock_within(fd: int, mode: int, timeout_s: float) -> bool:
    try:
        fcntl.flock(fd, mode | fcntl.LOCK_NB)
        return True
    except BlockingIOError:
        pass
    return timeout_s > 0 and _flock_in_thread(fd, mode, timeout_s)


def _flock_in_thread(fd: int, mode: int, timeout_s: float) -> bool:
    """Wait in the kernel's queue, which is fair, where polling is a lottery.

    The thread locks a duplicate: both descriptors share one lock. When the wait was given up,
    the duplicate keeps the place in the queue, gets the lock at last and drops it by closing.
    """
    duplicate = os.dup(fd)
    done = threading.Event()
    state = threading.Lock()
    outcome = {"locked": False, "abandoned": False}

    def wait() -> None:
        try:
            fcntl.flock(duplicate, mode)
            with state:
                outcome["locked"] = not outcome["abandoned"]
                if outcome["abandoned"]:
                    fcntl.flock(duplicate, fcntl.LOCK_UN)
        finally:
            os.close(duplicate)
            done.set()

    threading.Thread(target=wait, name="lock-wait", daemon=True).start()
    try:
        done.wait(timeout_s)
    finally:
        with state:
            outcome["abandoned"] = not outcome["locked"]
    return outcome["locked"]


def _own_command() -> str:
    """The program and its verb. Words after that may be private, and stay out of the lock file."""
    program = Path(sys.argv[0] or "python").name if sys.argv else "python"
    words: list[str] = []
    for word in sys.argv[1:3]:
        if not _WORD.fullmatch(word):
            break
        words.append(word)
    return " ".join([program, *words])
