"""Effects on rows of a group's database, told as the whole row before and after.

The record imports no engine and no database: whoever builds the program says how a database is
found by its name. Many rows change in one transaction, or none of them.
"""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Protocol, TypeVar, cast

from quintet.errors import UsageError
from quintet.platform.crypto import canonical_json
from quintet.platform.record.effects.port import WorldChanged
from quintet.platform.record.effects.values import from_json, to_json
from quintet.platform.record.event import Effect

Row = dict[str, Any]
_Part = TypeVar("_Part")
_AT_ONCE = 500
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
                found |= _present(connection, places)
        return found

    def apply(self, effect: Effect) -> None:
        self.apply_all([effect])

    def revert(self, effect: Effect) -> None:
        self.apply_all([effect.inverse()])

    def revert_all(self, effects: Sequence[Effect]) -> None:
        self.apply_all([effect.inverse() for effect in effects])

    def apply_all(self, effects: Sequence[Effect]) -> None:
        for name, places in _by_database([effect.target for effect in effects]).items():
            own = [effect for effect in effects if effect.target in places]
            with self._databases(name).write("change rows") as connection:
                _apply_all(connection, own, places)


def _apply_all(
    connection: Connection, effects: Sequence[Effect], places: Mapping[str, RowTarget]
) -> None:
    """In their order; new rows that follow each other go in together."""
    present = _present(connection, places)
    new: list[tuple[RowTarget, Row]] = []
    for effect in effects:
        target, state = places[effect.target], present[effect.target]
        if state == effect.after:
            continue
        if state != effect.before:
            raise WorldChanged(
                f"the row {effect.target} was changed in the meantime",
                why="it is not in the state that this change starts from",
                hint="look at it, then run the command again",
            )
        present[effect.target] = effect.after
        if state is None:
            new.append((target, effect.after))
            continue
        _insert(connection, new)
        new = []
        if effect.after is None:
            where, params = _where(target)
            connection.execute(f"DELETE FROM {_table(target)} WHERE {where}", params)
        else:
            _update(connection, target, effect.after)
    _insert(connection, new)


def _insert(connection: Connection, rows: Sequence[tuple[RowTarget, Row]]) -> None:
    for (table, columns), group in groupby(rows, key=lambda row: (_table(row[0]), tuple(row[1]))):
        names = ", ".join(_quoted(name) for name in columns)
        marks = f"({', '.join('?' for _ in columns)})"
        for chunk in _chunks([row for _, row in group]):
            values = [from_json(value) for row in chunk for value in row.values()]
            every = ", ".join(marks for _ in chunk)
            connection.execute(f"INSERT INTO {table} ({names}) VALUES {every}", values)


def _update(connection: Connection, target: RowTarget, after: Row) -> None:
    changed = {name: from_json(v) for name, v in after.items() if name not in target.key}
    settings = ", ".join(f"{_quoted(name)} = ?" for name in changed)
    where, params = _where(target)
    sql = f"UPDATE {_table(target)} SET {settings} WHERE {where}"
    connection.execute(sql, [*changed.values(), *params])


def _present(connection: Connection, places: Mapping[str, RowTarget]) -> dict[str, Any]:
    """What there is now at each target, many looked up at once where the key is one text."""
    found: dict[str, Any] = dict.fromkeys(places)
    by_kind: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for name, place in places.items():
        by_kind[(place.table, *place.key)].append(name)
    for (_, *columns), names in by_kind.items():
        is_text = len(columns) == 1 and all(
            isinstance(places[name].key[columns[0]], str) for name in names
        )
        for chunk in _chunks(names) if is_text else ():
            found |= _looked_up(connection, columns[0], {n: places[n] for n in chunk})
        if not is_text:
            found |= {name: _told(_row(connection, places[name])) for name in names}
    return found


def _looked_up(
    connection: Connection, column: str, places: Mapping[str, RowTarget]
) -> dict[str, Any]:
    named = {place.key[column]: name for name, place in places.items()}
    table = _table(next(iter(places.values())))
    marks = ", ".join("?" for _ in named)
    sql = f"SELECT * FROM {table} WHERE {_quoted(column)} IN ({marks})"
    rows = connection.rows(sql, list(named))
    if len({row[column] for row in rows}) == len(rows) and all(
        row[column] in named for row in rows
    ):
        return {named[row[column]]: _told(row) for row in rows}
    # The column is no text, or no key: one by one, each is found as the database compares it.
    return {name: _told(_row(connection, place)) for name, place in places.items()}


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


def _by_database(targets: Sequence[str]) -> dict[str, dict[str, RowTarget]]:
    grouped: dict[str, dict[str, RowTarget]] = {}
    for target in targets:
        place = RowTarget.parse(target)
        grouped.setdefault(place.database, {})[target] = place
    return grouped


def _chunks(whole: Sequence[_Part]) -> Iterator[Sequence[_Part]]:
    for start in range(0, len(whole), _AT_ONCE):
        yield whole[start : start + _AT_ONCE]
