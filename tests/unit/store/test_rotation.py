"""Another key for a store: nothing stays under the old one, and a cut leaves all readable."""

import contextlib
import os
from pathlib import Path

import pytest

from quintet.errors import QuintetError
from quintet.platform.store.attachment import is_encrypted
from quintet.platform.store.connection import WrongKey
from quintet.platform.store.database import Database
from quintet.platform.store.rotation import rekey
from quintet.platform.store.upkeep import Upkeep
from support.stores import FixedKeys, add, names, people

MARKER = "planted-marker-for-rotation"


class Cut(Exception):
    """Stands for the process being killed at this point."""


@pytest.fixture
def keys() -> FixedKeys:
    return FixedKeys()


@pytest.fixture
def store(tmp_path: Path, keys: FixedKeys) -> Database:
    store = people(tmp_path, keys=keys)
    add(store, "ann")
    return store


def reopened(tmp_path: Path, keys: FixedKeys) -> Database:
    return people(tmp_path, keys=keys)


def test_a_store_its_inbox_and_its_backups_move_to_the_new_key(
    store: Database, keys: FixedKeys, tmp_path: Path
) -> None:
    (old,) = keys.keys
    backup = Upkeep(store).back_up()
    store.append("person", {"id": "bob", "name": "bob"})
    done = rekey(store, keys)
    assert done.backups == (backup.path,)
    assert done.left_out == ()
    assert old not in keys.keys
    assert names(reopened(tmp_path, keys)) == ["ann", "bob"]
    with pytest.raises(WrongKey):
        names(reopened(tmp_path, FixedKeys(old)))
    Upkeep(store).restore(backup.path)
    assert names(store) == ["ann"]


def test_rows_appended_after_a_rotation_are_sealed_with_the_new_key(
    store: Database, keys: FixedKeys, tmp_path: Path
) -> None:
    rekey(store, keys)
    store.append("person", {"id": "bob", "name": "bob"})
    assert names(reopened(tmp_path, keys)) == ["ann", "bob"]


def test_a_plain_store_becomes_a_sealed_one(tmp_path: Path) -> None:
    plain = people(tmp_path)
    add(plain, MARKER)
    backup = Upkeep(plain).back_up()
    plain.append("person", {"id": "bob", "name": "bob"})
    keys = FixedKeys()
    sealed = people(tmp_path, keys=keys)
    rekey(sealed, keys)
    assert names(sealed) == ["bob", MARKER]
    assert is_encrypted(sealed.file.path)
    assert is_encrypted(backup.path)
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or MARKER.encode() not in path.read_bytes(), path


def test_a_backup_that_does_not_open_is_told_and_left(store: Database, keys: FixedKeys) -> None:
    backup = Upkeep(store).back_up()
    backup.path.write_bytes(b"rubbish")
    done = rekey(store, keys)
    assert done.left_out == (backup.path,)
    assert backup.path.read_bytes() == b"rubbish"


def test_a_store_that_is_not_there_yet_only_gets_its_key(tmp_path: Path, keys: FixedKeys) -> None:
    store = people(tmp_path, keys=keys)
    store.append("person", {"id": "bob", "name": "bob"})
    rekey(store, keys)
    assert len(keys.keys) == 1
    assert names(store) == ["bob"]


@pytest.mark.slow
@pytest.mark.demand("STORE-11")
@pytest.mark.parametrize("cut_at", range(12))
def test_a_rotation_that_is_cut_anywhere_loses_nothing_and_can_be_run_again(
    store: Database,
    keys: FixedKeys,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    cut_at: int,
) -> None:
    backup = Upkeep(store).back_up()
    store.append("person", {"id": "bob", "name": "bob"})
    steps = {"left": cut_at}

    def counted(real):  # type: ignore[no-untyped-def]
        def step(*args, **kwargs):  # type: ignore[no-untyped-def]
            if not steps["left"]:
                raise Cut
            steps["left"] -= 1
            return real(*args, **kwargs)

        return step

    with monkeypatch.context() as patched:
        for owner, name in ((os, "replace"), (os, "unlink"), (os, "fsync")):
            patched.setattr(owner, name, counted(getattr(owner, name)))
        patched.setattr(keys, "begin_rotation", counted(keys.begin_rotation))
        patched.setattr(keys, "finish_rotation", counted(keys.finish_rotation))
        with contextlib.suppress(Cut, QuintetError):
            rekey(store, keys)
    assert names(reopened(tmp_path, keys)) == ["ann", "bob"]
    rekey(reopened(tmp_path, keys), keys)
    assert len(keys.keys) == 1
    again = reopened(tmp_path, keys)
    assert names(again) == ["ann", "bob"]
    Upkeep(again).restore(backup.path)
    assert names(again) == ["ann"]
