"""Giving a store another key: everything is written anew, and a cut leaves it readable."""

import fcntl
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from quintet.errors import QuintetError
from quintet.platform.files import explained, sync_dir
from quintet.platform.keys.port import DataKeys
from quintet.platform.store.attachment import is_encrypted
from quintet.platform.store.backups import manifest_path, verified_manifest
from quintet.platform.store.database import Database
from quintet.platform.store.storefile import StoreFile


class RotatingKeys(DataKeys, Protocol):
    """Keys of which one can be replaced. Between the two calls `candidates` tells both."""

    def begin_rotation(self, group: str) -> bytes:
        """The key to move to: the same one again when a rotation was begun and cut off."""
        ...

    def finish_rotation(self, group: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Rekeyed:
    """Backups that could not be opened keep their old key, which is gone after this."""

    backups: tuple[Path, ...]
    left_out: tuple[Path, ...]


def rekey(database: Database, keys: RotatingKeys) -> Rekeyed:
    """Seal a store, its inbox and its backups with a new key; also a store that was plain so far.

    Cut off at any point, both keys stay known and each file opens with one of them: run it again.
    """
    file = database.file
    with file.inbox.key_held(fcntl.LOCK_EX), file.held("changing its key"):
        if file.path.exists() and not is_encrypted(file.path):
            _write_anew(file, (), keys.data_key(file.name))
        if file.path.exists() or file.inbox.size_bytes():
            _empty_inbox(file)
        new_key = keys.begin_rotation(file.name)
        known = file.key_candidates()
        if file.path.exists():
            _write_anew(file, known, new_key)
        done, left_out = _rekey_backups(file, known, new_key)
        keys.finish_rotation(file.name)
    return Rekeyed(tuple(done), tuple(left_out))


def _empty_inbox(file: StoreFile) -> None:
    """No row stays that only the old key opens; nobody adds one while its lock is held."""
    with file.opened():
        pass
    while file.inbox.size_bytes():
        with file.opened():
            pass


def _write_anew(file: StoreFile, known: Sequence[bytes], new_key: bytes) -> None:
    with file.scratch.used() as scratch:
        draft = scratch / "rekeyed.duckdb"
        file.pool.rebuild(file.path, draft, keys=known, new_key=new_key)
        file.replace_with(draft)


def _rekey_backups(
    file: StoreFile, known: Sequence[bytes], new_key: bytes
) -> tuple[list[Path], list[Path]]:
    done: list[Path] = []
    left_out: list[Path] = []
    for path in file.backups.listed():
        try:
            _rekey_backup(file, path, known, new_key)
            done.append(path)
        except QuintetError:
            left_out.append(path)
    return done, left_out


def _rekey_backup(file: StoreFile, path: Path, known: Sequence[bytes], new_key: bytes) -> None:
    manifest = verified_manifest(path)
    with file.scratch.used() as scratch:
        draft = scratch / "rekeyed-backup.duckdb"
        keys = known if is_encrypted(path) else ()
        file.pool.rebuild(path, draft, keys=keys, new_key=new_key)
        # Between these two steps its manifest is missing, which `restore` accepts.
        manifest_path(path).unlink()
        with explained("replace", path):
            os.replace(draft, path)
            sync_dir(path.parent)
        file.backups.describe(path, manifest.reason, made_at=manifest.made_at)
