"""Where the state lives: one small private file that a kill or a power cut leaves whole.

The file has three slots. A write replaces neither the newest state nor the newest one that is known
to be on the disk, so that whatever is cut off midway, a state that includes every durable change is
left. Measured against a new file renamed into place this is ten times faster, and the file has its
full size from the start: a full disk cannot stop a settlement.
"""

import contextlib
import fcntl
import json
import os
import struct
import time
import zlib
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

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

SLOTS = 3
SLOT_BYTES = 128 << 10
_START = struct.Struct("<8sQI")
_CHECK = struct.Struct("<I")
# Behind the checksum, since it becomes true only after what is checked has reached the disk.
_SYNCED = b"\x01"
_SYNCED_AT = _START.size + _CHECK.size
_HEAD_BYTES = _SYNCED_AT + len(_SYNCED)
_MAGIC = b"budget1\n"
_PATIENCE_S = 30.0
_LONGEST_PAUSE_S = 0.004
# The size never changes, so the data alone will do where the system can tell the two apart.
_sync = getattr(os, "fdatasync", os.fsync)


class Slot(NamedTuple):
    """What a whole slot holds, and whether it is known to be on the disk."""

    number: int
    is_synced: bool
    body: bytes = b""


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

        With `durable` it is on the disk when the block has ended.
        """
        fd = self._open()
        try:
            self._lock(fd)
            slots = self._slots(fd)
            newest = max(slot for slot in slots if slot)
            state = self._decoded(newest.body)
            yield state
            with explained("write", self._path):
                at = slot_to_replace(slots) * SLOT_BYTES
                _write(fd, at, _packed(newest.number + 1, state))
                if durable or not any(slot and slot.is_synced for slot in slots):
                    _sync(fd)
                    os.pwrite(fd, _SYNCED, at + _SYNCED_AT)
                    # Nobody relies on this state before its mark is on the disk as well.
                    _sync(fd)
        finally:
            os.close(fd)

    def begin_anew(self) -> None:
        """Forget everything, an unreadable state included."""
        fd = self._open()
        try:
            self._lock(fd)
            with explained("write", self._path):
                _write(fd, 0, _blank())
                _sync(fd)
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

    def _slots(self, fd: int) -> list[Slot | None]:
        with explained("read", self._path):
            slots = [_read_slot(fd, index * SLOT_BYTES) for index in range(SLOTS)]
        if not any(slots):
            raise self._corrupt(f"{self._path} is damaged")
        return slots

    def _decoded(self, body: bytes) -> State:
        try:
            return _decode(json.loads(body))
        except (ValueError, TypeError, KeyError, IndexError) as error:
            raise self._corrupt(f"{self._path} was written by another version") from error

    def _corrupt(self, why: str) -> BudgetCorrupt:
        return BudgetCorrupt("what has been spent cannot be read", why=why, hint="ai budget reset")


def slot_to_replace(slots: Sequence[Slot | None]) -> int:
    """An empty or damaged slot, or the oldest but for the newest that is known to be on the disk.

    The newest of all is neither; where no slot is marked yet, the next write is made durable.
    """
    if None in slots:
        return slots.index(None)
    synced = [slot.number for slot in slots if slot and slot.is_synced]
    numbers = [slot.number for slot in slots if slot]
    return numbers.index(min(number for number in numbers if number != max(synced, default=-1)))


def _write(fd: int, at: int, data: bytes) -> None:
    os.lseek(fd, at, os.SEEK_SET)
    write_all(fd, data)


def _blank() -> bytes:
    return _packed(0, State()).ljust(SLOTS * SLOT_BYTES, b"\0")


def _packed(number: int, state: State) -> bytes:
    body = json.dumps(_encode(state), separators=(",", ":")).encode()
    start = _START.pack(_MAGIC, number, len(body))
    slot = start + _CHECK.pack(zlib.crc32(start + body)) + bytes(len(_SYNCED)) + body
    if len(slot) > SLOT_BYTES:
        raise BudgetBusy(
            "too much is reserved at once", why="the budget's file is full", hint="ai budget show"
        )
    return slot


def _read_slot(fd: int, at: int) -> Slot | None:
    """A slot, or None for one that is empty or was cut off midway."""
    head = os.pread(fd, _HEAD_BYTES, at)
    if len(head) < _HEAD_BYTES:
        return None
    start, check = head[: _START.size], head[_START.size : _SYNCED_AT]
    magic, number, size = _START.unpack(start)
    if magic != _MAGIC or size > SLOT_BYTES:
        return None
    body = os.pread(fd, size, at + _HEAD_BYTES)
    if _CHECK.pack(zlib.crc32(start + body)) != check:
        return None
    return Slot(number, head[_SYNCED_AT:] == _SYNCED, body)


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
