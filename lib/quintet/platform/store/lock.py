"""Locks between processes: `flock` on a file beside the data, a bounded wait, a named holder.

The kernel drops a `flock` when its holder dies, however it dies, so a crash never leaves a store
locked. A second lock, the turnstile, is passed on the way in: without it readers that overlap each
other keep a writer waiting for ever.
"""

import contextlib
import errno
import fcntl
import itertools
import json
import os
import re
import sys
import threading
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

from quintet.errors import Kind, QuintetError
from quintet.platform.clock import Clock
from quintet.platform.files import PRIVATE_FILE, explained
from quintet.platform.store.filesystem import refuse_network_filesystem

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
    since: str = ""
    why: str = ""

    def sentence(self) -> str:
        purpose = f", {self.why}" if self.why else ""
        since = f" since {self.since}" if self.since else ""
        return f"held by `{self.command}` (pid {self.pid}){since}{purpose}"


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
            signer = os.getpid()
            try:
                yield
            finally:
                if os.getpid() == signer:
                    with contextlib.suppress(OSError):
                        os.ftruncate(fd, 0)

    @contextlib.contextmanager
    def shared(self, timeout_s: float) -> Generator[None]:
        with self._entered(fcntl.LOCK_SH, timeout_s):
            yield

    def holder(self) -> Holder | None:
        """Who holds the lock: by the writer's own note, or for readers by the kernel's table."""
        try:
            raw = self._path.read_bytes()[:_HOLDER_BYTES].rstrip()
            return Holder(**json.loads(raw))
        except (OSError, ValueError, TypeError):
            return holder_by_kernel(self._path)

    def busy(self) -> StoreBusy:
        holder = self.holder()
        if holder is None:
            return StoreBusy(f"{self._subject} is busy", why="it is in use", hint="try it again")
        own = " (this very process)" if holder.pid == os.getpid() else ""
        return StoreBusy(
            f"{self._subject} is busy",
            why=f"{holder.sentence()}{own}",
            hint=f"wait for it, or look at it: ps -fp {holder.pid}",
            details={"pid": holder.pid, "command": holder.command},
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
        refuse_network_filesystem(os.fstat(fd).st_dev, path)
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
        except OSError as error:
            if error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS):
                raise
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
    return _shown_command(sys.argv)


def _shown_command(argv: Sequence[str]) -> str:
    """The program and its verb. Words after that may be private, and stay out of the lock file."""
    program = Path(argv[0]).name if argv and argv[0] else "python"
    words = itertools.takewhile(_WORD.fullmatch, argv[1:3])
    return " ".join([program, *words])


def holder_by_kernel(path: Path) -> Holder | None:
    """The first process that /proc/locks names for this file; None where there is no such table."""
    try:
        status = path.stat()
        device = f"{os.major(status.st_dev):02x}:{os.minor(status.st_dev):02x}:{status.st_ino}"
        for line in Path("/proc/locks").read_text().splitlines():
            fields = line.split()
            if len(fields) > 5 and fields[1] == "FLOCK" and fields[5] == device:
                argv = Path(f"/proc/{fields[4]}/cmdline").read_text(errors="replace").split("\0")
                return Holder(int(fields[4]), _shown_command(_without_interpreter(argv)))
    except (OSError, ValueError):
        pass
    return None


def _without_interpreter(argv: list[str]) -> list[str]:
    is_python = len(argv) > 1 and Path(argv[0]).name.startswith("python")
    return argv[1:] if is_python and not argv[1].startswith("-") else argv
