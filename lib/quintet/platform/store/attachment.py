"""How a DuckDB file is opened: locked down, offline, private, its key bound and never in SQL."""

import contextlib
import os
import shutil
import sys
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, cast

from quintet.errors import QuintetError
from quintet.platform.files import PRIVATE_FILE, explained
from quintet.platform.store.connection import (
    Connection,
    WrongKey,
    encryption_unavailable,
    failures_explained,
    literal,
)
from quintet.platform.store.scratch import Scratch

if TYPE_CHECKING:
    from types import ModuleType

    from duckdb import DuckDBPyConnection

# Loading by name would ask the network, and a Python variable would answer for a table's name:
# DuckDB's defaults. A commit must not checkpoint on its own, see `gate.py`. One thread, because
# an idle instance with more of them would hang a forked child. Small blocks, because DuckDB reads
# a whole one for each row that it deletes: 14 times faster in an encrypted store than its default,
# for bulk inserts that take 3 times as long.
_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "python_enable_replacements": "false",
    "checkpoint_threshold": "1TB",
    "threads": "1",
    "default_block_size": "16384",
}
# Below this size one thread scans a file faster than several can be started.
_LARGE_BYTES = 64 << 20
_FLAGS_AT = 20
_DETACH = "DETACH DATABASE IF EXISTS draft; DETACH DATABASE IF EXISTS store; SET threads = 1"


@dataclass(frozen=True, slots=True)
class _Instance:
    """An in-memory DuckDB of our own, to which a file is attached for one transaction."""

    duck: "DuckDBPyConnection"
    encrypts: bool
    spill_folder: Path
    owner_pid: int


class DuckPool:
    """Keeps an idle DuckDB between transactions: starting one costs more than a small transaction,
    and loading what encrypts costs ten times that.
    """

    def __init__(self, scratch: Scratch, subject: str) -> None:
        self._scratch = scratch
        self._subject = subject
        self._idle: list[_Instance] = []

    def prepare(self, *, encrypts: bool) -> None:
        """Have an instance ready, so that nobody waits for one to start behind a lock of ours."""
        if not any(i.encrypts == encrypts and i.owner_pid == os.getpid() for i in self._idle):
            self._idle.append(self._new(encrypts=encrypts))

    @contextlib.contextmanager
    def attached(
        self, path: Path, *, keys: Sequence[bytes], read_only: bool = False, kept: bool = True
    ) -> Generator[Connection]:
        """The file as the current database `store`, closed at the end.

        With several keys the first that fits is used: between the steps of a rotation that is how
        the file says which of them it is sealed with. An instance that is not `kept` may be
        configured at will.
        """
        with self._instance(encrypts=bool(keys), kept=kept) as duck:
            with failures_explained(self._subject):
                self._attach(duck, path, keys, read_only=read_only)
                cursor = duck.cursor()
                cursor.execute("USE store; SET TimeZone = 'UTC'")
                if path.stat().st_size > _LARGE_BYTES:
                    cursor.execute(f"SET threads = {os.cpu_count() or 1}")
            try:
                yield Connection(cursor, self._subject)
            finally:
                cursor.close()

    def rebuild(
        self, source: Path, target: Path, *, keys: Sequence[bytes], new_key: bytes | None
    ) -> None:
        """A new file that holds what the old one holds, and no trace of what it once held."""
        encrypts = bool(keys or new_key)
        with self._instance(encrypts=encrypts) as duck, failures_explained(self._subject):
            self._attach(duck, source, keys, read_only=True)
            draft = f"ATTACH {literal(target)} AS draft"
            if new_key is None:
                duck.execute(f"{draft} (TYPE duckdb)")
            else:
                duck.execute(f"{draft} (TYPE duckdb, ENCRYPTION_KEY ?)", [new_key.hex()])
            duck.execute("COPY FROM DATABASE store TO draft; CHECKPOINT draft")
        target.chmod(PRIVATE_FILE)

    @contextlib.contextmanager
    def _instance(self, *, encrypts: bool, kept: bool = True) -> Generator["DuckDBPyConnection"]:
        instance = self._take(encrypts=encrypts) if kept else self._new(encrypts=encrypts)
        try:
            yield instance.duck
        finally:
            if not (kept and self._give_back(instance)):
                instance.duck.close()
                shutil.rmtree(instance.spill_folder, ignore_errors=True)

    def _take(self, *, encrypts: bool) -> _Instance:
        for instance in list(self._idle):
            # A forked child leaves its parent's alone, and lets none of them be closed.
            if instance.encrypts == encrypts and instance.owner_pid == os.getpid():
                with contextlib.suppress(ValueError):  # another thread was first
                    self._idle.remove(instance)
                    return instance
        return self._new(encrypts=encrypts)

    def _new(self, *, encrypts: bool) -> _Instance:
        spill_folder = self._scratch.folder()
        duck = new_instance(spill_folder, encrypts=encrypts, subject=self._subject)
        return _Instance(duck, encrypts, spill_folder, os.getpid())

    def _give_back(self, instance: _Instance) -> bool:
        """Detach and keep it, unless it cannot be detached or has spilled to disk."""
        if instance.owner_pid != os.getpid():
            self._idle.append(instance)
            return True
        try:
            with failures_explained(self._subject):
                instance.duck.execute(_DETACH)
        except QuintetError:
            return False
        if instance.spill_folder.exists():
            return False
        self._idle.append(instance)
        return True

    def _attach(
        self, duck: "DuckDBPyConnection", path: Path, keys: Sequence[bytes], *, read_only: bool
    ) -> None:
        target = literal(path)
        options = ["TYPE duckdb", *(["READ_ONLY"] if read_only else [])]
        if not keys:
            duck.execute(f"ATTACH {target} AS store ({', '.join(options)})")
            return
        sealed = ", ".join([*options, "ENCRYPTION_KEY ?"])
        for index, key in enumerate(keys):
            try:
                with failures_explained(self._subject):
                    duck.execute(f"ATTACH {target} AS store ({sealed})", [key.hex()])
                return
            except WrongKey:
                if index == len(keys) - 1:
                    raise


def new_instance(spill_folder: Path, *, encrypts: bool, subject: str) -> "DuckDBPyConnection":
    """An empty DuckDB that reaches nothing by itself; able to encrypt only when asked to be.

    What spills to disk from an encrypted store would be readable by DuckDB's default.
    """
    import duckdb

    _remember_that_pandas_is_missing()
    with failures_explained(subject):
        own = {"temp_directory": str(spill_folder), "temp_file_encryption": str(encrypts).lower()}
        duck = duckdb.connect(":memory:", config={**_CONFIG, **own})
        if encrypts:
            extension = extension_path(duckdb.__version__)
            if extension is None:
                raise encryption_unavailable(subject)
            duck.execute(f"LOAD {literal(extension)}")
    return duck


def _remember_that_pandas_is_missing() -> None:
    """DuckDB asks for pandas at every value that is bound, and Python searches the disk each time:
    nine tenths of an insert. A module that is None is known to be absent.
    """
    if "pandas" not in sys.modules and find_spec("pandas") is None:
        sys.modules["pandas"] = cast("ModuleType", None)


def is_encrypted(path: Path) -> bool:
    """Whether a store's file is sealed, by the flag in its first block."""
    with explained("read", path), path.open("rb") as stream:
        head = stream.read(_FLAGS_AT + 1)
    return len(head) > _FLAGS_AT and head[8:12] == b"DUCK" and bool(head[_FLAGS_AT] & 1)


def extension_path(version: str) -> Path | None:
    """DuckDB's own signed binary as a Python package brought it; DuckDB checks the signature."""
    from importlib.util import find_spec

    package = find_spec("duckdb_extension_httpfs")
    for folder in package.submodule_search_locations or () if package else ():
        path = Path(folder) / "extensions" / f"v{version}" / "httpfs.duckdb_extension"
        if path.is_file():
            return path
    return None
