"""A store's backups: whole copies with a manifest that says what they are and proves it."""

import json
import secrets
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from quintet.errors import Kind, QuintetError
from quintet.platform.clock import Clock
from quintet.platform.files import (
    clone,
    digest_of,
    ensure_private_dir,
    read_bytes,
    write_atomic,
)
from quintet.platform.store.attachment import is_encrypted

_MANIFEST_LIMIT_BYTES = 1 << 20


class BackupDamaged(QuintetError):
    """A backup is not what its manifest says, or has none."""

    kind = Kind.INTEGRITY
    code = "store.backup_damaged"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says about itself, in `<file>.json` beside it."""

    store: str
    made_at: str
    reason: str
    size_bytes: int
    sha256: str
    encrypted: bool


class Backups:
    """The folder in which a store keeps copies of itself."""

    def __init__(self, folder: Path, store: str, clock: Clock) -> None:
        self.folder = folder
        self._store = store
        self._clock = clock

    def new_path(self, reason: str) -> Path:
        stamp = self._clock.now().strftime("%Y%m%dT%H%M%SZ")
        name = f"{self._store}-{stamp}-{reason}-{secrets.token_hex(2)}.duckdb"
        return ensure_private_dir(self.folder) / name

    def keep(self, source: Path, reason: str) -> Path:
        """Copy a file that nobody changes meanwhile."""
        target = self.new_path(reason)
        clone(source, target)
        self.describe(target, reason)
        return target

    def describe(self, path: Path, reason: str, *, made_at: str = "") -> Manifest:
        """Write the manifest of a backup that is complete."""
        manifest = Manifest(
            store=self._store,
            made_at=made_at or self._clock.now().isoformat(timespec="seconds"),
            reason=reason,
            size_bytes=path.stat().st_size,
            sha256=digest_of(path),
            encrypted=is_encrypted(path),
        )
        write_atomic(manifest_path(path), json.dumps(asdict(manifest), indent=1).encode())
        return manifest

    def listed(self) -> list[Path]:
        """The oldest first."""
        return sorted(self.folder.glob(f"{self._store}-*.duckdb"))


def manifest_path(path: Path) -> Path:
    return path.with_name(f"{path.name}.json")


def verified_manifest(path: Path) -> Manifest:
    """The manifest of a backup whose bytes are those that were backed up."""
    try:
        raw = json.loads(read_bytes(manifest_path(path), _MANIFEST_LIMIT_BYTES))
        manifest = Manifest(**raw)
        datetime.fromisoformat(manifest.made_at)
    except (ValueError, TypeError) as error:
        raise BackupDamaged(
            f"the backup {path.name} has a damaged manifest",
            why=str(error),
            hint="choose another backup: ai store info",
        ) from error
    if digest_of(path) != manifest.sha256:
        raise BackupDamaged(
            f"the backup {path.name} is damaged",
            why="its content does not match the digest in its manifest",
            hint="choose another backup: ai store info",
        )
    return manifest
