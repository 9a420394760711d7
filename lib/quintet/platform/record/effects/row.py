"""Effects on rows of a group's database, told as the whole row before and after.

The record imports no engine and no database: whoever builds the program says how a database is
found by its name. Many rows change in one transaction, or none of them.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol, cast

from quintet.errors import UsageError
from quintet.platform.crypto import canonical_json
from quintet.platform.record.effects.port import WorldChanged
from quintet.platform.record.effects.values import from_json, to_json
from quintet.platform.record.event import Effect

Row = dict[str, Any]
_NAME = re.compile(r"[a-z_][a-z0-9_]*")


class Connection(Protocol):
    """An open transaction."""

    def execute(self, sql: str, params: Sequence[Any] = ()) -> None: ...

    def rows(self, sql: str, params: Sequence[Any] = ()) -> list[Row]: ...


class Database(Protocol):
    """What holds the rows."""

    def read(self) -> AbstractContextManager[Connection]: ...

    def write(self, why: str) -> AbstractContextManager[Connection]: ...


@dataclass(frozen=True, slots=True)
class RowTarget:
    """One row: `life.facts {"id":"k7f3q9"}` in words."""

    database: str
    table: str
    key: Mapping[str, Any]

    def __str__(self) -> str:
        key = {name: to_json(value) for name, value in self.key.items()}
        return f"{self.database}.{self.table} {canonical_json(key).decode()}"

    @classmethod
    def parse(cls, target: str) -> "RowTarget":
        names, _, key = target.partition(" ")
        database, _, table = names.partition(".")
        try:
            parts = cast(dict[str, Any], json.loads(key))
            return cls(database, table, {name: from_json(v) for name, v in parts.items()})
        except (ValueError, AttributeError) as error:
            raise UsageError(f"not a row: {target}") from error


class RowHandler:
    """Describes changes of rows, makes them and takes them back."""

    kind = "row"

    def __init__(self, databases: Callable[[str], Database]) -> None:
        self._databases = databases

    def change(self, target: RowTarget, values: Row | None) -> Effect:
        """The row gets these values, others stay; None deletes it. Nothing happens yet."""
        with self._databases(target.database).read() as connection:
            before = _row(connection, target)
            after = None
            if values is not None:
                after = _as_stored(connection, target, {**(before or {}), **values, **target.key})
        return Effect(self.kind, str(target), _told(before), _told(after))

    def state(self, target: str) -> Any:
        return self.states([target])[target]

    def states(self, targets: Sequence[str]) -> Mapping[str, Any]:
        found: dict[str, Any] = {}
        for name, places in _by_database(targets).items():
            with self._databases(name).read() as connection:
                for target, place in places:
                    found[target] = _told(_row(connection, place))
        return found

    def apply(self, effect: Effect) -> None:
        self.apply_all([effect])

    def revert(self, effect: Effect) -> None:
        self.apply_all([effect.inverse()])

    def revert_all(self, effects: Sequence[Effect]) -> None:
        self.apply_all([effect.inverse() for effect in effects])

    def apply_all(self, effects: Sequence[Effect]) -> None:
        for name, places in _by_database([effect.target for effect in effects]).items():
            own = [effect for effect in effects if effect.target in dict(places)]
            with self._databases(name).write("change rows") as connection:
                for effect in own:
                    _apply(connection, effect)


def _apply(connection: Connection, effect: Effect) -> None:
    target = RowTarget.parse(effect.target)
    present = _told(_row(connection, target))
    if present == effect.after:
        return
    if present != effect.before:
        raise WorldChanged(
            f"the row {effect.target} was changed in the meantime",
            why="it is not in the state that this change starts from",
            hint="look at it, then run the command again",
        )
    if effect.after is None:
        where, params = _where(target)
        connection.execute(f"DELETE FROM {_table(target)} WHERE {where}", params)
    elif present is None:
        _insert(connection, target, effect.after)
    else:
        _update(connection, target, effect.after)


def _insert(connection: Connection, target: RowTarget, after: Row) -> None:
    names = ", ".join(_quoted(name) for name in after)
    marks = ", ".join("?" for _ in after)
    values = [from_json(value) for value in after.values()]
    connection.execute(f"INSERT INTO {_table(target)} ({names}) VALUES ({marks})", values)


def _update(connection: Connection, target: RowTarget, after: Row) -> None:
    changed = {name: from_json(v) for name, v in after.items() if name not in target.key}
    settings = ", ".join(f"{_quoted(name)} = ?" for name in changed)
    where, params = _where(target)
    sql = f"UPDATE {_table(target)} SET {settings} WHERE {where}"
    connection.execute(sql, [*changed.values(), *params])


def _row(connection: Connection, target: RowTarget) -> Row | None:
    where, params = _where(target)
    found = connection.rows(f"SELECT * FROM {_table(target)} WHERE {where}", params)
    if len(found) > 1:
        raise UsageError(f"{target} names {len(found)} rows", why="it is not a key")
    return found[0] if found else None


def _as_stored(connection: Connection, target: RowTarget, values: Row) -> Row:
    """The values as the table's types will give them back, with NULL where none was given."""
    columns = connection.rows(f"DESCRIBE {_table(target)}")
    types = {column["column_name"]: column["column_type"] for column in columns}
    if unknown := values.keys() - types.keys():
        raise UsageError(f"{target.table} has no column {min(unknown)}")
    casts = ", ".join(f"CAST(? AS {type}) AS {_quoted(name)}" for name, type in types.items())
    return connection.rows(f"SELECT {casts}", [values.get(name) for name in types])[0]


def _told(row: Row | None) -> Any:
    return None if row is None else {name: to_json(value) for name, value in row.items()}


def _where(target: RowTarget) -> tuple[str, list[Any]]:
    if not target.key:
        raise UsageError(f"{target} has no key")
    return " AND ".join(f"{_quoted(n)} = ?" for n in target.key), list(target.key.values())


def _table(target: RowTarget) -> str:
    if not _NAME.fullmatch(target.table):
        raise UsageError(f"not a table: {target.table}")
    return target.table


def _quoted(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise UsageError(f"not a column: {name}")
    return f'"{name}"'


def _by_database(targets: Sequence[str]) -> dict[str, list[tuple[str, RowTarget]]]:
    grouped: dict[str, list[tuple[str, RowTarget]]] = {}
    for target in targets:
        place = RowTarget.parse(target)
        grouped.setdefault(place.database, []).append((target, place))
    return grouped
