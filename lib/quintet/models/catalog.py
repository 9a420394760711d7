"""The models that this user knows by name: which file or server each is, and what is known of it.

A model file is never copied. It gets a second name (a hard link) in the data folder where the file
system can, so that it stays even when the first one is tidied away; else it is used where it lies.
"""

import contextlib
import fcntl
import json
import os
import re
from collections.abc import Callable, Generator, Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, cast

from quintet.errors import Kind, NotFound, QuintetError, UsageError
from quintet.models.dig import dig, dig_count
from quintet.models.gguf import open_header
from quintet.models.strict_json import JsonInvalid, parse_json
from quintet.platform.files import (
    PRIVATE_FILE,
    digest_of,
    ensure_private_dir,
    explained,
    read_bytes,
    write_atomic,
)
from quintet.platform.progress import Progress

FORMAT = 1
CATALOG_LIMIT_BYTES = 8 << 20
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


class CatalogBroken(QuintetError):
    """The catalogue file cannot be read, or was written by a newer version."""

    kind = Kind.INTEGRITY
    code = "models.catalog_broken"


class BadName(UsageError):
    """Text that cannot be the name of a model."""

    code = "models.bad_name"


class ModelChanged(QuintetError):
    """The file is no longer the one that was added."""

    kind = Kind.INTEGRITY
    code = "models.file_changed"


@dataclass(frozen=True, slots=True)
class Entry:
    """A model under a name. One that has a file says what the file says about itself."""

    name: str
    spec: str
    source: str = ""
    link: str = ""
    sha256: str = ""
    size_bytes: int = 0
    licence: str = ""
    architecture: str = ""
    quantisation: str = ""
    parameters: int = 0
    context_length: int = 0

    @property
    def is_file(self) -> bool:
        return bool(self.source)


def check_name(name: str) -> str:
    """The name, or `BadName`."""
    if not _NAME.fullmatch(name) or name.endswith(".gguf"):
        raise BadName(
            f"{name[:80]!r} cannot be the name of a model",
            why="names are up to 64 lower-case letters, digits and . - _, and do not end in .gguf",
        )
    return name


def name_for(text: str) -> str:
    """A name made from that of a file or of a server's model."""
    plain = re.sub(r"[^a-z0-9._-]+", "-", text.lower()).strip("-._")
    return check_name(plain[:64] or "model")


def describe_file(name: str, path: Path, progress: Progress) -> Entry:
    """The entry for a model file, read from its header and hashed whole."""
    entry = describe_header(check_name(name), path)
    progress.report(f"hashing {path.name}", 0, entry.size_bytes)
    sha256 = digest_of(Path(entry.source))
    progress.report(f"hashing {path.name}", entry.size_bytes, entry.size_bytes)
    return replace(entry, spec=f"gguf:{name}", sha256=sha256, link=f"{sha256[:32]}.gguf")


def describe_header(name: str, path: Path) -> Entry:
    """What a model file says about itself."""
    source = path.expanduser().absolute()
    header = open_header(source)
    return Entry(
        name=name,
        spec=f"gguf:{source}",
        source=str(source),
        size_bytes=header.file_size_bytes,
        licence=header.licence[:80],
        architecture=header.architecture[:80],
        quantisation=header.quantisation,
        parameters=header.parameters,
        context_length=header.context_length,
    )


class Catalog:
    """The entries of a folder. Several processes may change it at once."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._path = directory / "catalog.json"

    def entries(self) -> list[Entry]:
        """All of them, by name."""
        return [self._read()[name] for name in sorted(self._read())]

    def find(self, name: str) -> Entry | None:
        return self._read().get(name)

    def get(self, name: str) -> Entry:
        """The entry, or `NotFound` with the names that there are."""
        known = self._read()
        if name not in known:
            names = ", ".join(sorted(known)) or "none yet"
            raise NotFound(
                f"there is no model called {name[:80]!r}",
                why=f"known: {names}",
                hint="ai models add FILE.gguf",
            )
        return known[name]

    def path_of(self, name: str) -> Path:
        """Where the file of a model is now."""
        entry = self.get(name)
        if found := self._file_of(entry):
            return found
        why = f"{entry.source} is gone" if entry.is_file else f"it is {entry.spec}"
        raise NotFound(f"the model {name} has no file here", why=why, hint=f"ai models rm {name}")

    def has_file(self, entry: Entry) -> bool:
        """Whether the file of an entry is there."""
        return self._file_of(entry) is not None

    def _file_of(self, entry: Entry) -> Path | None:
        places = (self._directory / "files" / entry.link, Path(entry.source))
        return next((path for path in places if entry.is_file and path.is_file()), None)

    def verify(self, name: str) -> Entry:
        """Hash the file again; `ModelChanged` when it is not the one that was added."""
        entry = self.get(name)
        path = self.path_of(name)
        if digest_of(path) != entry.sha256:
            raise ModelChanged(
                f"the file of {name} has changed since it was added",
                why=f"{path} has another SHA-256",
                hint=f"ai models rm {name} && ai models add '{path}' --name {name}",
            )
        return entry

    def put(self, entry: Entry) -> None:
        """Keep an entry under its name, and link its file."""
        with self._changing() as known:
            known[entry.name] = entry
            self._link(entry)

    def remove(self, name: str) -> None:
        """Forget a name; our link goes when no other name needs it. The user's file stays."""
        with self._changing() as known:
            entry = known.pop(name, None)
            if entry and entry.link and all(other.link != entry.link for other in known.values()):
                with explained("remove", self._directory / "files" / entry.link):
                    (self._directory / "files" / entry.link).unlink(missing_ok=True)

    def _link(self, entry: Entry) -> None:
        if not entry.is_file:
            return
        link = ensure_private_dir(self._directory / "files") / entry.link
        # Another file system, or one that knows no links: the file is used where it lies.
        with contextlib.suppress(OSError):
            os.link(Path(entry.source).resolve(), link)

    def _read(self) -> dict[str, Entry]:
        if not self._path.exists():
            return {}
        return parse_catalog(read_bytes(self._path, CATALOG_LIMIT_BYTES))

    @contextlib.contextmanager
    def _changing(self) -> Generator[dict[str, Entry]]:
        """The entries, written back as a whole if the block succeeds."""
        ensure_private_dir(self._directory)
        with explained("lock", self._directory):
            fd = os.open(
                self._directory / "catalog.lock",
                os.O_RDWR | os.O_CREAT | os.O_CLOEXEC,
                PRIVATE_FILE,
            )
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
            known = self._read()
            yield known
            write_atomic(self._path, render_catalog(known))
        finally:
            os.close(fd)


def stated(entry: Entry) -> dict[str, object]:
    """An entry as a JSON object, without what is not known."""
    return {name: value for name, value in asdict(entry).items() if value}


def render_catalog(entries: Mapping[str, Entry]) -> bytes:
    body = {"format": FORMAT, "models": {name: stated(entry) for name, entry in entries.items()}}
    return json.dumps(body, indent=2, sort_keys=True, ensure_ascii=False).encode() + b"\n"


def parse_catalog(data: bytes) -> dict[str, Entry]:
    """The entries by name; raises `CatalogBroken`."""
    try:
        body = parse_json(data.decode())
    except (UnicodeDecodeError, JsonInvalid) as error:
        raise _broken(str(error)) from error
    number, models = dig_count(body, "format"), dig(body, "models")
    if number is not None and number > FORMAT:
        raise _broken(f"it has format {number}, from a newer version; this one knows {FORMAT}")
    if number != FORMAT or not isinstance(models, dict):
        raise _broken("it is no catalogue")
    entries = cast("dict[str, Any]", models)
    return {name: entry_of(name, value) for name, value in entries.items()}


def entry_of(name: str, value: Any) -> Entry:
    """The entry that a JSON object describes; unknown names and other types are refused."""
    given = cast("dict[str, Any]", value) if isinstance(value, dict) else {}
    kinds: dict[str, Callable[..., object]] = {
        field.name: type(getattr(_BLANK, field.name)) for field in fields(Entry)
    }
    is_sound = given.keys() <= kinds.keys() and all(
        type(inner) is kinds[key] for key, inner in given.items()
    )
    if not is_sound or given.get("name") != name or not given.get("spec"):
        raise _broken(f"its entry {name[:80]!r} makes no sense")
    # It becomes a part of a path.
    if "/" in given.get("link", ""):
        raise _broken(f"the link of {name[:80]!r} leads elsewhere")
    return Entry(**given)


_BLANK = Entry("", "")


def _broken(why: str) -> CatalogBroken:
    return CatalogBroken(
        "the catalogue of models cannot be read", why=why, hint="ai doctor, or restore a backup"
    )
