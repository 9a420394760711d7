"""What a person does to a whole store: look at it, check it, copy it, put it back, shrink it."""

import contextlib
from dataclasses import dataclass
from pathlib import Path

from quintet.errors import NotFound, QuintetError
from quintet.platform.files import clone, failure_of
from quintet.platform.store.attachment import is_encrypted
from quintet.platform.store.backups import Manifest, manifest_path, verified_manifest
from quintet.platform.store.connection import (
    Connection,
    QueryFailed,
    StoreDamaged,
    qualified,
)
from quintet.platform.store.database import Database
from quintet.platform.store.gate import wal_of
from quintet.platform.store.migrations import read_schema, refuse_foreign
from quintet.platform.store.segments import JournalDamaged


@dataclass(frozen=True, slots=True)
class View:
    """A documented view: what `ai store sql` and `export` promise to keep."""

    name: str
    comment: str


@dataclass(frozen=True, slots=True)
class StoreInfo:
    """A store as it stands."""

    name: str
    path: Path
    size_bytes: int
    encrypted: bool
    migrations: tuple[str, ...]
    tables: dict[str, int]
    views: tuple[View, ...]
    inbox_bytes: int
    rejected_rows: int
    backups: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class StoreCheck:
    """Every table was read to its end; what did not hold is in `problems`."""

    tables: dict[str, int]
    problems: tuple[str, ...]

    @property
    def ok(self) -> bool:
        return not self.problems


@dataclass(frozen=True, slots=True)
class Backup:
    """A copy that was opened and read before it was called a backup."""

    path: Path
    manifest: Manifest
    tables: dict[str, int]


@dataclass(frozen=True, slots=True)
class Restored:
    """`kept` is the store as it was before, None when there was none."""

    tables: dict[str, int]
    kept: Path | None


@dataclass(frozen=True, slots=True)
class Vacuumed:
    """How much smaller the file became."""

    size_before_bytes: int
    size_after_bytes: int


class Upkeep:
    """The upkeep of one store. Each step leaves the store as it was, or done; never between."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._file = database.file

    def info(self) -> StoreInfo:
        self._require_store()
        with self._database.read() as connection:
            applied = connection.rows("SELECT number, name FROM quintet.migrations ORDER BY number")
            return StoreInfo(
                name=self._file.name,
                path=self._file.path,
                size_bytes=self._file.path.stat().st_size,
                encrypted=is_encrypted(self._file.path),
                migrations=tuple(f"{row['number']:04d}_{row['name']}" for row in applied),
                tables=_count_rows(connection),
                views=documented_views(connection),
                inbox_bytes=self._file.inbox.size_bytes(),
                rejected_rows=int(connection.value("SELECT count(*) FROM quintet.rejected")),
                backups=tuple(self._file.backups.listed()),
            )

    def views(self) -> tuple[View, ...]:
        self._require_store()
        with self._database.read() as connection:
            return documented_views(connection)

    def check(self) -> StoreCheck:
        """Read everything. A store that cannot even be opened is a problem, not an error."""
        self._require_store()
        problems: list[str] = []
        tables: dict[str, int] = {}
        try:
            with self._database.read() as connection:
                tables, problems = read_everything(connection)
                if rejected := connection.value("SELECT count(*) FROM quintet.rejected"):
                    problems.append(
                        f"{rejected} appended rows fit no table; they are in quintet.rejected"
                    )
        except (StoreDamaged, QueryFailed, JournalDamaged) as error:
            problems.append(str(error))
        problems.extend(
            f"{path.name}: damaged rows were set aside here"
            for path in sorted(self._file.inbox.folder.glob("*.damaged-*"))
        )
        return StoreCheck(tables, tuple(problems))

    def back_up(self, target: Path | None = None) -> Backup:
        """A consistent copy, beside other users of the store; encrypted if the store is."""
        self._require_store()
        self._database.settle()
        with self._file.scratch.used() as scratch:
            draft = scratch / "backup.duckdb"
            self._file.copy_last_commit(draft)
            tables = self._read_closed(draft)
            path = self._backup_path(target)
            clone(draft, path)
        return Backup(path, self._file.backups.describe(path, "manual"), tables)

    def restore(self, source: Path) -> Restored:
        """Put a backup in the store's place, after it was read to its end; keep what was there."""
        if manifest_path(source).exists():
            verified_manifest(source)
        with self._file.scratch.used() as scratch:
            draft = self._own_copy(source, scratch)
            tables = self._read_closed(draft)
            with self._file.held("restoring a backup"):
                kept = self._keep_current()
                self._file.replace_with(draft)
        return Restored(tables, kept)

    def vacuum(self) -> Vacuumed:
        """Write the store anew. What was deleted is in the old file only, and that goes away."""
        self._require_store()
        sealed = self._file.keys.is_sealed(self._file.name)
        with self._file.held("vacuuming"), self._file.scratch.used() as scratch:
            with self._file.opened() as connection:
                before = _count_rows(connection)
            size_before_bytes = self._file.path.stat().st_size
            draft = scratch / "vacuumed.duckdb"
            key = self._file.keys.data_key(self._file.name) if sealed else None
            keys = self._file.key_candidates()
            self._file.pool.rebuild(self._file.path, draft, keys=keys, new_key=key)
            self._require_same(before, self._read_closed(draft))
            self._file.replace_with(draft)
        return Vacuumed(size_before_bytes, self._file.path.stat().st_size)

    def _own_copy(self, source: Path, scratch: Path) -> Path:
        """A copy to be put in place; sealed also when it was made before the store was."""
        draft = scratch / "restored.duckdb"
        sealed = self._file.keys.is_sealed(self._file.name)
        if sealed and not is_encrypted(source):
            key = self._file.keys.data_key(self._file.name)
            self._file.pool.rebuild(source, draft, keys=[], new_key=key)
        else:
            clone(source, draft)
        return draft

    def _require_store(self) -> None:
        if not self._file.path.exists() and not self._file.inbox.size_bytes():
            raise NotFound(
                f"there is no {self._file.subject.removeprefix('the ')} yet",
                why=f"{self._file.path} does not exist",
            )

    def _require_same(self, before: dict[str, int], after: dict[str, int]) -> None:
        if before != after:
            raise StoreDamaged(
                f"{self._file.subject} could not be written anew",
                why=f"the copy has other rows: {before} became {after}",
                hint="ai store check",
            )

    def _read_closed(self, path: Path) -> dict[str, int]:
        """Open a file of our own, refuse what is no store of ours, and read it to its end."""
        with self._file.attached(path, read_only=True) as connection:
            schema = read_schema(connection)
            if not schema.format:
                raise StoreDamaged(f"{path.name} is not a store", why="it has no schema of ours")
            refuse_foreign(schema, self._file.migrations, "the backup")
            tables, problems = read_everything(connection)
        if problems:
            raise StoreDamaged(f"{path.name} is damaged", why="; ".join(problems))
        return tables

    def _backup_path(self, target: Path | None) -> Path:
        if target is None:
            return self._file.backups.new_path("manual")
        if target.is_dir():
            return target / self._file.backups.new_path("manual").name
        if target.exists():
            raise failure_of(FileExistsError(17, "it exists already"), "write", target)
        return target

    def _keep_current(self) -> Path | None:
        if not self._file.path.exists():
            return None
        # A store that does not open any more is kept as it lies there, with its WAL.
        with contextlib.suppress(QuintetError), self._file.opened():
            pass
        kept = self._file.backups.keep(self._file.path, "before-restore")
        if wal_of(self._file.path).exists():
            clone(wal_of(self._file.path), wal_of(kept))
        return kept


def documented_views(connection: Connection) -> tuple[View, ...]:
    rows = connection.rows(
        "SELECT view_name, comment FROM duckdb_views() WHERE database_name = 'store'"
        " AND NOT internal AND comment IS NOT NULL ORDER BY view_name"
    )
    return tuple(View(row["view_name"], row["comment"]) for row in rows)


def read_everything(connection: Connection) -> tuple[dict[str, int], list[str]]:
    """Each table's rows, decoded to the last column; and the tables that do not stand that."""
    counts: dict[str, int] = {}
    problems: list[str] = []
    for name in _table_names(connection):
        sql = f"SELECT count(*) AS rows, bit_xor(hash(t)) AS digest FROM {qualified(name)} AS t"
        try:
            counts[name] = int(connection.rows(sql)[0]["rows"])
        except (StoreDamaged, QueryFailed) as error:
            problems.append(f"table {name}: {error.why}")
    return counts, problems


def _count_rows(connection: Connection) -> dict[str, int]:
    return {
        name: int(connection.value(f"SELECT count(*) FROM {qualified(name)}"))
        for name in _table_names(connection)
    }


def _table_names(connection: Connection) -> list[str]:
    rows = connection.rows(
        "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = 'store'"
        " AND NOT internal AND NOT temporary ORDER BY ALL"
    )
    return [f"{row['schema_name']}.{row['table_name']}" for row in rows]
