"""Many rows change in one step as they would one by one."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quintet.platform.record.effects.port import WorldChanged
from quintet.platform.record.effects.row import RowHandler, RowTarget
from quintet.platform.record.event import Effect
from quintet.platform.store.database import Database
from quintet.platform.store.migrations import Migration

TABLES = Migration(
    1,
    "tables",
    "CREATE TABLE words (id VARCHAR PRIMARY KEY, text VARCHAR);"
    "CREATE TABLE pairs (a VARCHAR, b INTEGER, text VARCHAR, PRIMARY KEY (a, b));"
    "CREATE TABLE numbered (id INTEGER PRIMARY KEY, text VARCHAR);",
)


class Tables:
    """A store with a key of one text, one of two columns, and one that is a number."""

    def __init__(self, folder: Path) -> None:
        self.database = Database("life", folder, [TABLES])
        self.handler = RowHandler(lambda _: self.database)

    def put(self, effects: list[Effect]) -> None:
        self.handler.apply_all(effects)

    def everything(self) -> list[list[dict[str, Any]]]:
        with self.database.read() as connection:
            return [
                connection.rows(f"SELECT * FROM {table} ORDER BY ALL")
                for table in ("words", "pairs", "numbered")
            ]


def effect(table: str, key: dict[str, Any], before: str | None, after: str | None) -> Effect:
    before_row, after_row = ({**key, "text": t} if t is not None else None for t in (before, after))
    return Effect("row", str(RowTarget("life", table, key)), before_row, after_row)


def word(id: str, before: str | None, after: str | None) -> Effect:
    return effect("words", {"id": id}, before, after)


@pytest.fixture
def tables(tmp_path: Path) -> Tables:
    return Tables(tmp_path)


def test_thousands_of_new_rows_go_in_and_out(tables: Tables) -> None:
    effects = [word(f"w{i}", None, str(i)) for i in range(1700)]
    tables.put(effects)
    assert len(tables.everything()[0]) == 1700
    tables.put(effects)
    assert len(tables.everything()[0]) == 1700
    tables.handler.revert_all(effects[::-1])
    assert tables.everything()[0] == []


def test_a_row_that_changes_twice_in_one_step_ends_as_it_should(tables: Tables) -> None:
    tables.put([word("a", None, "1"), word("b", None, "x"), word("a", "1", "2")])
    tables.put([word("a", "2", None), word("a", None, "3"), word("b", "x", None)])
    assert tables.everything()[0] == [{"id": "a", "text": "3"}]


def test_keys_of_every_kind_are_found(tables: Tables) -> None:
    tables.put(
        [
            effect("pairs", {"a": "x", "b": 1}, None, "p"),
            effect("pairs", {"a": "x", "b": 2}, None, "q"),
            effect("numbered", {"id": 7}, None, "n"),
        ]
    )
    tables.put(
        [
            effect("pairs", {"a": "x", "b": 1}, "p", "pp"),
            effect("numbered", {"id": 7}, "n", None),
        ]
    )
    words, pairs, numbered = tables.everything()
    assert (words, numbered) == ([], [])
    assert [row["text"] for row in pairs] == ["pp", "q"]


def test_one_row_that_was_changed_stops_all_of_them(tables: Tables) -> None:
    tables.put([word("a", None, "1")])
    with pytest.raises(WorldChanged):
        tables.put([word("b", None, "2"), word("a", "other", "3"), word("c", None, "4")])
    assert tables.everything()[0] == [{"id": "a", "text": "1"}]


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["1", "2", None])), max_size=8))
def test_a_sequence_at_once_ends_like_the_same_one_by_one(
    tables: Tables, changes: list[tuple[str, str | None]]
) -> None:
    now: dict[str, str | None] = {row["id"]: row["text"] for row in tables.everything()[0]}
    effects: list[Effect] = []
    for id, after in changes:
        effects.append(word(id, now.get(id), after))
        now[id] = after
    tables.put(effects)
    left = [{"id": id, "text": text} for id, text in sorted(now.items()) if text is not None]
    assert tables.everything()[0] == left
