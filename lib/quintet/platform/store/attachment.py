"""How a DuckDB file is opened: locked down, offline, private, its key bound and never in SQL."""

import contextlib
import os
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from quintet.platform.store.connection import (
    WrongKey,
    encryption_unavailable,
    failures_explained,
)

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# Loading by name would ask the network, a Python variable would answer for a table's name, and
# what spills to disk from an encrypted store would be readable: DuckDB's defaults for all three.
_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "python_enable_replacements": "false",
    "temp_file_encryption": "true",
}


@contextlib.contextmanager
def attached(
    path: Path, *, keys: Sequence[bytes], subject: str, scratch: Path, read_only: bool = False
) -> Generator["DuckDBPyConnection"]:
    """The file as the current database `store` of a private DuckDB, closed at the end.

    With several keys the first that fits is used: between the steps of a rotation that is how the
    file says which of them it is sealed with.
    """
    duck = _instance(scratch, encrypted=bool(keys), subject=subject)
    try:
        with failures_explained(subject):
            _attach(duck, path, keys, subject=subject, read_only=read_only)
            duck.execute("USE store")
            duck.execute("SET TimeZone = 'UTC'")
        yield duck
    finally:
        with failures_explained(subject):
            duck.close()
        with contextlib.suppress(OSError):
            scratch.rmdir()


def _instance(scratch: Path, *, encrypted: bool, subject: str) -> "DuckDBPyConnection":
    import duckdb

    with failures_explained(subject):
        duck = duckdb.connect(":memory:", config={**_CONFIG, "temp_directory": str(scratch)})
        if encrypted:
            extension = _extension_path(duckdb.__version__)
            if extension is None:
                raise encryption_unavailable(subject)
            duck.execute(f"LOAD '{str(extension).replace(chr(39), chr(39) * 2)}'")
    return duck


def _extension_path(version: str) -> Path | None:
    """DuckDB's own signed binary as a Python package brought it; DuckDB checks the signature."""
    from importlib.util import find_spec

    package = find_spec("duckdb_extension_httpfs")
    for folder in package.submodule_search_locations or () if package else ():
        path = Path(folder) / "extensions" / f"v{version}" / "httpfs.duckdb_extension"
        if path.is_file():
            return path
    return None


def _attach(
    duck: "DuckDBPyConnection",
    path: Path,
    keys: Sequence[bytes],
    *,
    subject: str,
    read_only: bool,
) -> None:
    target = os.fspath(path).replace("'", "''")
    options = ["READ_ONLY"] if read_only else []
    if not keys:
        duck.execute(f"ATTACH '{target}' AS store ({', '.join(['TYPE duckdb', *options])})")
        return
    sealed = ", ".join(["ENCRYPTION_KEY ?", *options])
    for index, key in enumerate(keys):
        try:
            with failures_explained(subject):
                duck.execute(f"ATTACH '{target}' AS store ({sealed})", [key.hex()])
            return
        except WrongKey:
            if index == len(keys) - 1:
                raise
