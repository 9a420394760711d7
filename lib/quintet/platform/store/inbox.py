"""Rows on their way into a store: journalled at once, folded into it by whoever comes next."""

import base64
import contextlib
import fcntl
import json
import math
import re
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

from quintet.errors import Kind, QuintetError, UsageError
from quintet.platform.crypto import Tampered, canonical_json, seal, unseal
from quintet.platform.files import ensure_private_dir
from quintet.platform.keys.port import DataKeys
from quintet.platform.store.journal import Entry, Journal
from quintet.platform.store.lock import LockTimeout, StoreBusy, locked
from quintet.platform.store.verdict import Head

_IDENTIFIER = re.compile(r"[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)?")
_PLAIN, _SEALED = b"P", b"S"
_KEY_TIMEOUT_S = 30.0


class InboxDamaged(QuintetError):
    """Rows that were on their way into a store cannot be read any more."""

    kind = Kind.INTEGRITY
    code = "store.inbox_damaged"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A row that is durable in the inbox and not yet in its table."""

    place: Head
    table: str
    row: dict[str, Any]

    def as_text(self) -> str:
        encoded = canonical_json({name: to_json(value) for name, value in self.row.items()})
        return encoded.decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An entry that no key at hand opens, or that holds no row: kept aside, never dropped."""

    place: Head
    content: bytes
    reason: str

    def as_text(self) -> str:
        return base64.b64encode(self.content).decode()


class Inbox:
    """The journal in front of one store; sealed with the store's data key when that is sealed."""

    def __init__(self, directory: Path, store: str, keys: DataKeys) -> None:
        self.folder = directory
        self._store = store
        self._keys = keys
        self._context = f"inbox of {store}".encode()
        self._journal = Journal(directory, f"{store}-inbox", segment_limit_bytes=1 << 20)
        self._key_lock = directory / f"{store}-inbox.key"

    def add(self, table: str, row: Mapping[str, Any]) -> None:
        if not _IDENTIFIER.fullmatch(table) or "id" not in row:
            raise UsageError(f"a row for {table!r} needs a table's name and an id")
        content = canonical_json([table, {name: to_json(value) for name, value in row.items()}])
        if not self._keys.is_sealed(self._store):
            self._journal.append(_PLAIN + content)
            return
        with self.key_held(fcntl.LOCK_SH):
            key = self._keys.data_key(self._store)
            self._journal.append(_SEALED + seal(key, content, self._context))

    @contextlib.contextmanager
    def key_held(self, mode: int) -> Generator[None]:
        """While this is held shared the key that seals new rows stays the one in force."""
        ensure_private_dir(self._key_lock.parent)
        try:
            with locked(self._key_lock, mode, _KEY_TIMEOUT_S):
                yield
        except LockTimeout as timeout:
            raise StoreBusy(
                f"the store of {self._store} is busy", why="its key is being changed"
            ) from timeout

    def size_bytes(self) -> int:
        return self._journal.size_bytes()

    def waiting(self, folded: Head | None) -> Iterator[Waiting | Unreadable]:
        """What came before now and is not folded yet, in order."""
        end = self._journal.seal()
        after = 0
        if folded and self._holds(folded):
            after = folded.seq
            # A crash after the fold was committed may have left what was folded.
            self._journal.discard(after)
        keys = self._candidates()
        for entry in self._journal.scan(after=after):
            if entry.seq > end:
                return
            yield self._opened(entry, keys)

    def drop(self, *, through: Head) -> None:
        self._journal.discard(through.seq)

    @contextlib.contextmanager
    def salvaged(self) -> Generator[list[Waiting | Unreadable]]:
        """What is left of a damaged inbox; its files are moved aside at the end of the block."""
        keys = self._candidates()
        with self._journal.salvaged() as entries:
            yield [self._opened(entry, keys) for entry in entries]

    def _holds(self, folded: Head) -> bool:
        """Whether this is the journal that the store has folded from: one that was made anew
        counts from 1 again, and its rows would be taken for folded ones.
        """
        entry = next(self._journal.scan(after=folded.seq - 1), None)
        return entry is not None and Head(entry.seq, entry.digest) == folded

    def _candidates(self) -> list[bytes]:
        return self._keys.candidates(self._store) if self._keys.is_sealed(self._store) else []

    def _opened(self, entry: Entry, keys: Sequence[bytes]) -> Waiting | Unreadable:
        place, content = Head(entry.seq, entry.digest), entry.payload or b""
        try:
            plain = self._plain(content, keys)
            table, row = json.loads(plain.decode("utf-8", "surrogatepass"))
            return Waiting(place, table, {name: from_json(row[name]) for name in row})
        except (ValueError, TypeError, AttributeError, LookupError, ArithmeticError) as error:
            return Unreadable(place, content, str(error))

    def _plain(self, content: bytes, keys: Sequence[bytes]) -> bytes:
        if content[:1] == _PLAIN:
            return content[1:]
        for key in keys:
            with contextlib.suppress(Tampered):
                return unseal(key, content[1:], self._context)
        raise ValueError("no key opens it")


def to_json(value: Any) -> Any:
    """A value that a column takes, as JSON that `from_json` turns into the same value again."""
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else {"$float": str(value)}
        case bytes():
            return {"$bytes": base64.b64encode(value).decode()}
        case datetime():
            return {"$datetime": value.isoformat()}
        case date():
            return {"$date": value.isoformat()}
        case Decimal():
            return {"$decimal": str(value)}
        case list() | tuple():
            return [to_json(item) for item in cast("Sequence[Any]", value)]
        case dict():
            items = cast("dict[str, Any]", value)
            return {"$dict": {name: to_json(item) for name, item in items.items()}}
        case _:
            raise UsageError(f"a value of type {type(value).__name__} cannot go into a store")


_READERS: dict[str, Callable[[Any], Any]] = {
    "$float": float,
    "$bytes": base64.b64decode,
    "$datetime": datetime.fromisoformat,
    "$date": date.fromisoformat,
    "$decimal": Decimal,
    "$dict": lambda items: {name: from_json(item) for name, item in items.items()},
}


def from_json(value: Any) -> Any:
    match value:
        case dict():
            ((tag, content),) = cast("dict[str, Any]", value).items()
            return _READERS[tag](content)
        case list():
            return [from_json(item) for item in cast("list[Any]", value)]
        case _:
            return value
