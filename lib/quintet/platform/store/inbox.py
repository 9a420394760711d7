"""Rows on their way into a store: journalled at once, folded into it by whoever comes next."""

import base64
import contextlib
import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Any, cast

from quintet.errors import UsageError
from quintet.platform.crypto import Tampered, canonical_json, seal, unseal
from quintet.platform.keys.port import DataKeys
from quintet.platform.store.connection import Connection
from quintet.platform.store.journal import Entry, Journal

_IDENTIFIER = re.compile(r"[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)?")
_PLAIN, _SEALED = b"P", b"S"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A row that is durable in the inbox and not yet in its table."""

    seq: int
    table: str
    row: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An entry that no key at hand opens, or that holds no row: kept aside, never dropped."""

    seq: int
    content: bytes
    reason: str


class Inbox:
    """The journal in front of one store; sealed with the store's data key when that is sealed."""

    def __init__(self, directory: Path, store: str, keys: DataKeys) -> None:
        self._store = store
        self._keys = keys
        self._context = f"inbox of {store}".encode()
        self._journal = Journal(directory, f"{store}-inbox")

    def add(self, table: str, row: Mapping[str, Any]) -> None:
        if not _IDENTIFIER.fullmatch(table) or "id" not in row:
            raise UsageError(f"a row for {table!r} needs a table's name and an id")
        content = canonical_json([table, {name: to_json(value) for name, value in row.items()}])
        if self._keys.is_sealed(self._store):
            content = _SEALED + seal(self._keys.data_key(self._store), content, self._context)
        else:
            content = _PLAIN + content
        self._journal.append(content)

    def is_empty(self) -> bool:
        return self._journal.is_bare()

    def last_seq(self) -> int:
        return self._journal.head().seq

    def waiting(self, *, after: int) -> Iterator[Waiting | Unreadable]:
        """What came since `after`, in order. Ends the open segment, so that it can be dropped."""
        self._journal.seal()
        keys = self._keys.candidates(self._store) if self._keys.is_sealed(self._store) else []
        for entry in self._journal.scan(after=after):
            yield self._opened(entry, keys)

    def drop(self, *, through: int) -> None:
        self._journal.discard(through)

    def _opened(self, entry: Entry, keys: Sequence[bytes]) -> Waiting | Unreadable:
        content = entry.payload or b""
        try:
            plain = self._plain(content, keys)
            table, row = json.loads(plain.decode("utf-8", "surrogatepass"))
            return Waiting(entry.seq, table, {name: from_json(row[name]) for name in row})
        except (ValueError, TypeError, AttributeError, LookupError, ArithmeticError) as error:
            return Unreadable(entry.seq, content, str(error))

    def _plain(self, content: bytes, keys: Sequence[bytes]) -> bytes:
        if content[:1] == _PLAIN:
            return content[1:]
        for key in keys:
            with contextlib.suppress(Tampered):
                return unseal(key, content[1:], self._context)
        raise ValueError("no key opens it")


def fold_rows(connection: Connection, rows: Sequence[Waiting | Unreadable]) -> None:
    """Insert rows that are not there yet, as many as possible in one statement."""
    readable = [row for row in rows if isinstance(row, Waiting)]
    for (table, _), group in groupby(readable, key=lambda row: (row.table, sorted(row.row))):
        connection.insert(table, [waiting.row for waiting in group], keep_existing=True)
    for row in rows:
        if isinstance(row, Unreadable):
            reject(connection, row, row.reason)


def reject(connection: Connection, row: Waiting | Unreadable, reason: str) -> None:
    """Keep what no table takes where a person can find it: it neither vanishes nor blocks."""
    if isinstance(row, Waiting):
        target, content = row.table, canonical_json({k: to_json(v) for k, v in row.row.items()})
    else:
        target, content = "", base64.b64encode(row.content)
    connection.execute(
        "INSERT INTO quintet.rejected VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        [row.seq, target, content.decode("utf-8", "replace"), reason],
    )


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
