"""`ai key unlock --for 8h`: the master key in memory for a while, and never on a disk.

The kernel's keyring keeps it where there is one; else a private file on a file system that is
memory itself. Where there is neither, there is no session.
"""

import contextlib
import ctypes
import json
import os
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Protocol

from quintet.errors import Kind, QuintetError
from quintet.platform.clock import Clock
from quintet.platform.files import ensure_private_dir, explained, write_atomic
from quintet.platform.keys.kernel_keyring import KernelKeyring

_MEMORY_FILE_SYSTEMS = (0x01021994, 0x858458F6)  # tmpfs, ramfs
_STATFS_BYTES = 512


class NoSessionHere(QuintetError):
    """This machine has no place that keeps a secret in memory between two commands."""

    kind = Kind.UNAVAILABLE
    code = "keys.no_session"


class Session(Protocol):
    """Keeps a keyset's master key between commands, until its time is over."""

    def put(self, keyset_id: str, master: bytes, duration_s: int) -> None: ...

    def get(self, keyset_id: str) -> bytes | None: ...

    def clear(self, keyset_id: str) -> None: ...


class NoSession:
    """Nowhere to keep it."""

    def put(self, keyset_id: str, master: bytes, duration_s: int) -> None:
        raise NoSessionHere(
            "the keys cannot be kept unlocked here",
            why="there is no kernel keyring, and the runtime folder is on a disk",
            hint="set XDG_RUNTIME_DIR to a folder in memory, or add a slot: ai key add keyring",
        )

    def get(self, keyset_id: str) -> bytes | None:
        return None

    def clear(self, keyset_id: str) -> None:
        return


class KernelSession:
    """In the kernel's keyring, which forgets it by itself."""

    def __init__(self, keyring: KernelKeyring) -> None:
        self._keyring = keyring

    def put(self, keyset_id: str, master: bytes, duration_s: int) -> None:
        with _explained("the keys cannot be kept unlocked"):
            self._keyring.put(_name(keyset_id), master, duration_s)

    def get(self, keyset_id: str) -> bytes | None:
        with contextlib.suppress(OSError):
            return self._keyring.get(_name(keyset_id))
        return None

    def clear(self, keyset_id: str) -> None:
        with _explained("the keys may still be unlocked"):
            self._keyring.drop(_name(keyset_id))


class FileSession:
    """In a private file in memory, with the time at which it ends."""

    def __init__(self, directory: Path, clock: Clock) -> None:
        self._directory = directory
        self._clock = clock

    def put(self, keyset_id: str, master: bytes, duration_s: int) -> None:
        now_s = self._clock.now().timestamp()
        card = {"from_s": now_s, "until_s": now_s + duration_s, "master": master.hex()}
        ensure_private_dir(self._directory)
        write_atomic(self._path(keyset_id), json.dumps(card).encode())

    def get(self, keyset_id: str) -> bytes | None:
        try:
            card = json.loads(self._path(keyset_id).read_bytes())
            # A clock that was set back must not make the session longer.
            if card["from_s"] <= self._clock.now().timestamp() < card["until_s"]:
                return bytes.fromhex(card["master"])
        except (OSError, ValueError, TypeError, KeyError):
            return None
        self.clear(keyset_id)
        return None

    def clear(self, keyset_id: str) -> None:
        with explained("remove", self._path(keyset_id)):
            self._path(keyset_id).unlink(missing_ok=True)

    def _path(self, keyset_id: str) -> Path:
        return self._directory / f"{keyset_id}.unlocked"


def session_for(runtime_dir: Path, clock: Clock) -> Session:
    """The best place that this machine has."""
    with contextlib.suppress(OSError):
        return KernelSession(KernelKeyring())
    if is_in_memory(runtime_dir):
        return FileSession(runtime_dir, clock)
    return NoSession()


def is_in_memory(directory: Path) -> bool:
    """Whether what is written there stays in memory (or swap), for all we can see."""
    if sys.platform != "linux":
        return False
    existing = next((each for each in (directory, *directory.parents) if each.exists()), None)
    if existing is None:
        return False
    buffer = ctypes.create_string_buffer(_STATFS_BYTES)
    if ctypes.CDLL(None).statfs(os.fsencode(existing), buffer) != 0:
        return False
    return ctypes.c_long.from_buffer(buffer).value in _MEMORY_FILE_SYSTEMS


@contextlib.contextmanager
def _explained(what: str) -> Generator[None]:
    try:
        yield
    except OSError as error:
        raise NoSessionHere(what, why=f"the kernel's keyring says: {error.strerror}") from error


def _name(keyset_id: str) -> str:
    return f"ai:keyset:{keyset_id}"
