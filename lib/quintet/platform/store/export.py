"""A store's documented views as files that other programs read."""

import secrets
import shutil
from enum import StrEnum
from pathlib import Path

from quintet.errors import UsageError
from quintet.platform.files import PRIVATE_FILE, ensure_private_dir, explained
from quintet.platform.store.connection import literal, quoted
from quintet.platform.store.database import Database
from quintet.platform.store.upkeep import documented_views


class Format(StrEnum):
    """What a view can be written as; the value is the file's extension."""

    CSV = "csv"
    JSONL = "jsonl"
    PARQUET = "parquet"


_OPTIONS = {
    Format.CSV: "FORMAT csv, HEADER",
    Format.JSONL: "FORMAT json",
    Format.PARQUET: "FORMAT parquet",
}


def export(database: Database, folder: Path, form: Format) -> list[Path]:
    """Write each view into a new folder, which is there with all of them or not at all."""
    if folder.exists():
        raise UsageError(f"{folder} exists already", hint="name a folder that is not there yet")
    draft = ensure_private_dir(folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.partial"))
    try:
        with database.read() as connection:
            for view in documented_views(connection):
                target = draft / f"{view.name}.{form.value}"
                connection.execute(
                    f"COPY (FROM {quoted(view.name)}) TO {literal(target)} ({_OPTIONS[form]})"
                )
                # Until here the folder alone keeps others out.
                target.chmod(PRIVATE_FILE)
        with explained("create", folder):
            draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return sorted(folder.iterdir())
