"""A file that holds a key. Whoever can read the file can read the data, so nobody else may.

The file names its keyset and slot, so a key for something else is recognised before it is tried.
"""

import base64
import contextlib
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from quintet.errors import Kind, QuintetError
from quintet.platform.crypto import KEY_BYTES, digest_hex
from quintet.platform.files import ensure_private_dir, explained, write_atomic
from quintet.platform.keys.document import SlotName
from quintet.platform.keys.failures import SlotUnavailable, WrongKey
from quintet.platform.keys.slots.intake import read_within
from quintet.platform.rng import Rng

MAGIC = "quintet-key-1"
_NOTE = "# A key of ai. Whoever can read this file can read the data that it opens.\n"
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_READ_TIMEOUT_S = 10.0


class UnsafeKeyFile(QuintetError):
    """Others than the owner may read the key file."""

    kind = Kind.REFUSED
    code = "keys.unsafe_file"


class KeyFileExists(QuintetError):
    """A key file is never overwritten: it may be the only key to something."""

    code = "keys.file_exists"


class NoKeyFile(WrongKey):
    """What was read is not a key file, or not a whole one."""

    code = "keys.not_a_key_file"


@dataclass(frozen=True, slots=True)
class KeyText:
    """A key file's content, wherever it was read."""

    slot: SlotName
    secret: bytes = field(repr=False)

    def encode(self) -> bytes:
        body = base64.b64encode(self.secret).decode()
        words = [MAGIC, self.slot.keyset_id, self.slot.slot_id, body]
        line = " ".join([*words, _check(words)])
        return f"{_NOTE}{line}\n".encode()


def parse(data: bytes, origin: str) -> KeyText:
    """The key in these bytes, or `NoKeyFile` with the reason."""
    try:
        text = data.decode()
        lines = [line for line in text.splitlines() if line.strip() and line[0] != "#"]
        [*words, check] = lines[0].split() if len(lines) == 1 else [""]
        if not words or words[0] != MAGIC:
            raise ValueError(f"it does not begin with {MAGIC}")
        if len(words) != 4 or check != _check(words):
            raise ValueError("its checksum does not fit: it was cut or changed")
        _, keyset_id, slot_id, body = words
        return KeyText(SlotName(keyset_id, slot_id), base64.b64decode(body, validate=True))
    except ValueError as error:
        raise NoKeyFile(f"{origin} is not a key file", why=_reason(error)) from error


def read(path: Path) -> KeyText:
    """The key in a file that nobody else may read."""
    return parse(read_private(path), str(path))


def read_private(path: Path) -> bytes:
    """A file's bytes, refused when others may read it; a silent pipe is given up on."""
    with explained("read the key file", path):
        # Not to wait for the writer of a named pipe that never comes.
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        try:
            mode = os.fstat(fd).st_mode
            if mode & _OTHERS:
                raise UnsafeKeyFile(
                    f"the key file {path} is refused",
                    why=f"others may read or write it (mode {stat.S_IMODE(mode):04o})",
                    hint=f"chmod 600 '{path}'",
                )
            return read_within(fd, str(path), _READ_TIMEOUT_S)
        finally:
            os.close(fd)


@dataclass(frozen=True, slots=True)
class KeyFile:
    """Slots whose secret stands in the file at `path`."""

    path: Path
    rng: Rng
    kind = "keyfile"

    def prepare(self, slot: SlotName) -> dict[str, Any]:
        if self._is_there():
            raise KeyFileExists(
                f"{self.path} is there already",
                why="a key file is never overwritten",
                hint="choose another name",
            )
        ensure_private_dir(self.path.parent)
        write_atomic(self.path, KeyText(slot, self.rng.token(KEY_BYTES)).encode())
        return {"path": str(self.path)}

    def secret(self, slot: SlotName, parameters: Mapping[str, Any]) -> bytes:
        if not self._is_there():
            raise SlotUnavailable(f"no key file at {self.path}")
        text = read(self.path)
        if text.slot != slot:
            raise SlotUnavailable(f"{self.path} holds the key of another slot")
        return text.secret

    def discard(self, slot: SlotName, parameters: Mapping[str, Any]) -> None:
        with contextlib.suppress(QuintetError, OSError):
            if read(self.path).slot == slot:
                self.path.unlink()

    def _is_there(self) -> bool:
        with explained("look for", self.path):
            return self.path.exists()


def _check(words: list[str]) -> str:
    return digest_hex(" ".join(words).encode())[:8]


def _reason(error: ValueError) -> str:
    return "it is not text" if isinstance(error, UnicodeDecodeError) else str(error)
