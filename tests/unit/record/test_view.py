"""The record in SQL: the same as the journal says, built once or anew, and nothing sealed in it."""

import os
from pathlib import Path
from typing import Any

import pytest

from quintet.platform.record.event import Cost, Evidence
from quintet.platform.record.record import Record
from quintet.platform.record.undo import Undo
from quintet.platform.record.view import RecordView
from quintet.platform.store.database import Database
from quintet.platform.store.migrations import load_migrations
from quintet.platform.store.upkeep import documented_views
from support.histories import OneKey, record_at


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database("spine", tmp_path / "store", load_migrations("quintet.platform.record"))


def everything(database: Database) -> dict[str, list[dict[str, Any]]]:
    with database.read() as connection:
        return {
            view: connection.rows(f"SELECT * FROM {view} ORDER BY ALL")
            for view in ("events", "effects", "evidence", "spending")
        }


def write(record: Record, path: Path) -> str:
    with record.action("code", "fix", "a change") as action:
        action.because("asked", Evidence("file", "a.py", digest="d"))
        action.spend(Cost(money_micros=7))
        action.write_file(path, b"1")
    return action.id


def test_actions_are_rows(tmp_path: Path, database: Database) -> None:
    record = record_at(tmp_path / "record")
    id = write(record, tmp_path / "f")
    RecordView(record, database).refresh()
    tables = everything(database)
    (event,), (effect,), (evidence,) = tables["events"], tables["effects"], tables["evidence"]
    assert (event["id"], event["verb"], event["money_micros"]) == (id, "fix", 7)
    assert event["reasons"] == ["asked"]
    assert (effect["event"], effect["target"]) == (id, str(tmp_path / "f"))
    assert (evidence["event"], evidence["ref"]) == (id, "a.py")
    assert tables["spending"][0]["money_usd"] == pytest.approx(0.000007)


def test_every_view_is_documented(database: Database) -> None:
    with database.read() as connection:
        documented = {view.name for view in documented_views(connection)}
    assert documented == {"events", "effects", "evidence", "spending"}


def test_refreshing_in_steps_gives_what_building_anew_gives(
    tmp_path: Path, database: Database
) -> None:
    record = record_at(tmp_path / "record")
    view, undo = RecordView(record, database), Undo(record)
    id = write(record, tmp_path / os.fsdecode(b"\xff"))
    view.refresh()
    for _ in range(3):
        event = record.resolve(id)
        undo.apply(undo.plan([record.resolve(event.undone_by) if event.undone_by else event]))
        view.refresh()
        view.refresh()
    stepwise = everything(database)
    assert [row["outcome"] for row in stepwise["events"] if row["id"] == id] == ["undone"]
    view.rebuild()
    assert everything(database) == stepwise


def test_tables_of_another_journal_are_replaced(tmp_path: Path, database: Database) -> None:
    one, other = record_at(tmp_path / "one"), record_at(tmp_path / "other", seed=2)
    write(one, tmp_path / "f")
    RecordView(one, database).refresh()
    id = write(other, tmp_path / "g")
    write(other, tmp_path / "h")
    RecordView(other, database).refresh()
    ids = {row["id"] for row in everything(database)["events"]}
    assert id in ids
    assert len(ids) == 2


@pytest.mark.demand("RECORD-13")
def test_a_sealed_group_leaves_no_words_in_the_tables(tmp_path: Path, database: Database) -> None:
    record = record_at(tmp_path / "record", keys=OneKey("life"))
    with record.action("life", "diagnosis", "a secret") as action:
        action.because("a secret reason", Evidence("file", "secret.txt"))
        action.write_file(tmp_path / "secret.txt", b"1")
    RecordView(record, database).refresh()
    tables = everything(database)
    assert tables["effects"] == tables["evidence"] == []
    assert tables["events"][0]["sealed"]
    assert "secret" not in repr(tables) and "diagnosis" not in repr(tables)
