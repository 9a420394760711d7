"""The record's own key for each sealed group, wrapped by that group's data key.

History is append-only, so it can never be sealed anew when a data key is rotated. With a key of its
own that is merely wrapped by the data key, a rotation rewrites one small file, and destroying that
file makes the group's whole history unreadable for good.
"""

import contextlib
import os
import re
import secrets
from pathlib import Path

from quintet.errors import Kind, QuintetError, UsageError
from quintet.platform.crypto import KEY_BYTES, Tampered, seal, unseal
from quintet.platform.files import ensure_private_dir, explained, read_bytes, sync_dir, write_atomic
from quintet.platform.keys.port import DataKeys

_GROUP_NAME = re.compile(r"[a-z][a-z0-9_-]{0,31}")
_WRAPPED_LIMIT_BYTES = 4096


class RecordKeyMissing(QuintetError):
    """A sealed group's history cannot be opened because its key file is gone."""

    kind = Kind.INTEGRITY
    code = "record.key_missing"


class GroupKeys:
    """Hands out the record key of a sealed group; the data keys decide who may have it."""

    def __init__(self, directory: Path, keys: DataKeys) -> None:
        self._directory = directory
        self._keys = keys
        self._opened: dict[str, bytes] = {}
        self._locked: dict[str, QuintetError | LookupError] = {}

    def is_sealed(self, group: str) -> bool:
        return self._keys.is_sealed(group)

    def key(self, group: str) -> bytes:
        """The key for writing; made on first use, by exactly one of several processes."""
        if group not in self._opened:
            if not self._path(group).exists():
                self._create(group)
            self._opened[group] = self._unwrap(group)
        return self._opened[group]

    def key_if_open(self, group: str) -> bytes | None:
        """The key for reading, or None while the group is locked; asks for it only once."""
        if group in self._locked:
            return None
        try:
            if group not in self._opened:
                self._opened[group] = self._unwrap(group)
            return self._opened[group]
        except (QuintetError, LookupError) as error:
            self._locked[group] = error
            return None

    def rewrap(self, group: str, new_data_key: bytes) -> None:
        """One step of rotating a group's data key: the history stays as it is."""
        if self._path(group).exists():
            self._store(group, self.key(group), new_data_key)

    def _create(self, group: str) -> None:
        ensure_private_dir(self._directory)
        path = self._path(group)
        fresh = path.with_name(f".{group}.{secrets.token_hex(4)}.tmp")
        key = secrets.token_bytes(KEY_BYTES)
        write_atomic(fresh, seal(self._keys.data_key(group), key, _context(group)))
        try:
            with explained("create", path), contextlib.suppress(FileExistsError):
                os.link(fresh, path)
        finally:
            fresh.unlink(missing_ok=True)
        sync_dir(self._directory)

    def _store(self, group: str, key: bytes, data_key: bytes) -> None:
        write_atomic(self._path(group), seal(data_key, key, _context(group)))

    def _unwrap(self, group: str) -> bytes:
        path = self._path(group)
        if not path.exists():
            raise RecordKeyMissing(
                f"the history of '{group}' cannot be opened",
                why=f"its key file {path} does not exist",
                hint="restore it from a backup: ai store restore",
            )
        wrapped = read_bytes(path, _WRAPPED_LIMIT_BYTES)
        candidates = self._keys.candidates(group) or [self._keys.data_key(group)]
        for data_key in candidates:
            with contextlib.suppress(Tampered):
                return unseal(data_key, wrapped, _context(group))
        raise Tampered(
            f"the history of '{group}' cannot be opened",
            why="the data key of the group is not the one that wrapped its key",
        )

    def _path(self, group: str) -> Path:
        if not _GROUP_NAME.fullmatch(group):
            raise UsageError(f"not a group name: {group!r}", hint="ai --help lists the groups")
        return self._directory / f"{group}.key"


def _context(group: str) -> bytes:
    return f"quintet.record.key:{group}".encode()
