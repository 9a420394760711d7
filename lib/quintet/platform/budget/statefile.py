"""Where the state lives: one small private file that a kill or a power cut leaves whole.

The file has two slots and each write goes to the older one, so the newer is never touched. Measured
against a new file renamed into place it is ten times faster, and it is full size from the start:
a full disk cannot stop a settlement.
"""

import contextlib
import fcntl
import json
import os
import struct
import time
import zlib
from collections.abc import Generator
from pathlib import Path
from typing import Any

from quintet.errors import Kind, QuintetError
from quintet.platform.budget.owner import Owner
from quintet.platform.budget.state import (
    Held,
    State,
    charge_from_json,
    charge_to_json,
    units_from_json,
)
from quintet.platform.files import ensure_private_dir, explained, write_all, write_atomic

SLOT_BYTES = 128 << 10
_START = struct.Struct("<8sQI")
_CHECK = struct.Struct("<I")
_HEAD_BYTES = _START.size + _CHECK.size
_MAGIC = b"budget1\n"
_PATIENCE_S = 30.0
_LONGEST_PAUSE_S = 0.004
# The size never changes, so the data alone will do where the system can tell the two apart.
_sync = getattr(os, "fdatasync", os.fsync)


class BudgetCorrupt(QuintetError):
    """The state cannot be read, so nobody knows what is spent; nothing more may be."""

    kind = Kind.INTEGRITY
    code = "budget.corrupt"


class BudgetBusy(QuintetError):
    """Another process holds the lock and does not let go."""

    kind = Kind.BUSY
    code = "budget.busy"


class StateFile:
    """Opened anew for each change, so that neither threads nor forks share a lock."""

    def __init__(self, path: Path, patience_s: float = _PATIENCE_S) -> None:
        self._path = path
        self._patience_s = patience_s

    @contextlib.contextmanager
    def change(self, *, durable: bool) -> Generator[State]:
        """The state, locked; what the block makes of it is written unless the block raises.

        `durable` waits until the disk has it, after the lock is given back.
        """
        fd = self._open()
        try:
            self._lock(fd)
            number, state = self._newest(fd)
            yield state
            with explained("write", self._path):
                self._write(fd, number + 1, state)
                fcntl.flock(fd, fcntl.LOCK_UN)
                if durable:
                    _sync(fd)
        finally:
            os.close(fd)

    def begin_anew(self) -> None:
        """Forget everything, an unreadable state included."""
        fd = self._open()
        try:
            self._lock(fd)
            with explained("write", self._path):
                os.ftruncate(fd, 0)
                os.pwrite(fd, _blank(), 0)
                os.fsync(fd)
        finally:
            os.close(fd)

    def _open(self) -> int:
        with explained("open", self._path):
            try:
                return self._open_existing()
            except FileNotFoundError:
                self._create()
                return self._open_existing()

    def _open_existing(self) -> int:
        return os.open(self._path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)

    def _create(self) -> None:
        """Only one of several that come first at once succeeds; its file is whole when seen."""
        ensure_private_dir(self._path.parent)
        draft = self._path.with_name(f".{self._path.name}.{os.getpid()}.{time.monotonic_ns()}")
        write_atomic(draft, _blank())
        try:
            with contextlib.suppress(FileExistsError):
                os.link(draft, self._path)
        finally:
            draft.unlink(missing_ok=True)

    def _lock(self, fd: int) -> None:
        deadline = time.monotonic() + self._patience_s
        pause_s = 0.0001
        while True:
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise BudgetBusy(
                        "another process holds the budget", hint=f"fuser '{self._path}'"
                    ) from None
                time.sleep(pause_s)
                pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)

    def _newest(self, fd: int) -> tuple[int, State]:
        with explained("read", self._path):
            found = [slot for at in (0, SLOT_BYTES) if (slot := _read_slot(fd, at))]
        if not found:
            raise BudgetCorrupt(
                "what has been spent cannot be read",
                why=f"{self._path} is damaged",
                hint="ai budget reset",
            )
        number, body = max(found)
        try:
            return number, _decode(json.loads(body))
        except (ValueError, TypeError, KeyError, IndexError) as error:
            raise BudgetCorrupt(
                "what has been spent cannot be read",
                why=f"{self._path} was written by another version",
                hint="ai budget reset",
            ) from error

    def _write(self, fd: int, number: int, state: State) -> None:
        os.lseek(fd, SLOT_BYTES * (number % 2), os.SEEK_SET)
        write_all(fd, _slot(number, state))


def _blank() -> bytes:
    return _slot(0, State()).ljust(2 * SLOT_BYTES, b"\0")


def _slot(number: int, state: State) -> bytes:
    body = json.dumps(_encode(state), separators=(",", ":")).encode()
    start = _START.pack(_MAGIC, number, len(body))
    slot = start + _CHECK.pack(zlib.crc32(start + body)) + body
    if len(slot) > SLOT_BYTES:
        raise BudgetBusy(
            "too much is reserved at once", why="the budget's file is full", hint="ai budget show"
        )
    return slot


def _read_slot(fd: int, at: int) -> tuple[int, bytes] | None:
    """The number and content of a slot, or None for one that is empty or was cut off midway."""
    head = os.pread(fd, _HEAD_BYTES, at)
    if len(head) < _HEAD_BYTES:
        return None
    start, check = head[: _START.size], head[_START.size :]
    magic, number, size = _START.unpack(start)
    if magic != _MAGIC or size > SLOT_BYTES:
        return None
    body = os.pread(fd, size, at + _HEAD_BYTES)
    return (number, body) if _CHECK.pack(zlib.crc32(start + body)) == check else None


def _encode(state: State) -> dict[str, Any]:
    return {
        "day": state.day,
        "spent": state.spent,
        "runs": state.runs,
        "held": {
            name: (held.amount, held.group, held.run, held.owner, held.parent, held.pot)
            for name, held in state.held.items()
        },
        "lost": [charge_to_json(charge) for charge in state.lost],
        "overrun": charge_to_json(state.overrun) if state.overrun else None,
    }


def _decode(found: Any) -> State:
    return State(
        day=str(found["day"]),
        spent={account: units_from_json(units) for account, units in found["spent"].items()},
        runs=dict(found["runs"]),
        held={
            name: Held(units_from_json(units), group, run, Owner(*owner), parent, pot)
            for name, (units, group, run, owner, parent, pot) in found["held"].items()
        },
        lost=[charge_from_json(charge) for charge in found["lost"]],
        overrun=charge_from_json(found["overrun"]) if found["overrun"] else None,
    )
