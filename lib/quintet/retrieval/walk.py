"""Which files below a folder are worth reading, and why the others are not."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path, PurePath
from typing import NamedTuple

from quintet.platform.files import failure_of
from quintet.retrieval.loaders.choice import BINARY

# What tools put there; nobody wrote it to be read.
_NOISE = frozenset(
    "node_modules __pycache__ site-packages bower_components venv virtualenv __MACOSX Trash".split()
)
# A folder that holds one of these is somebody's cache or environment.
_MARKS = ("CACHEDIR.TAG", "pyvenv.cfg")


class Seen(NamedTuple):
    """A file that may be read."""

    path: str
    size_bytes: int
    modified_ns: int


class Left(NamedTuple):
    """A file or folder that is passed over."""

    path: str
    why: str


def walk(root: Path) -> Iterator[Seen | Left]:
    """Files at or below a place, in the order of their names; what is named is never noise."""
    try:
        info = root.stat()
    except OSError as error:
        yield Left(str(root), failure_of(error, "read", root).why)
        return
    if stat.S_ISDIR(info.st_mode):
        yield from _below(str(root))
    elif stat.S_ISREG(info.st_mode):
        yield _seen(str(root), info)
    else:
        yield Left(str(root), "it is no plain file")


def _below(folder: str) -> Iterator[Seen | Left]:
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except OSError as error:
        yield Left(folder, failure_of(error, "read", folder).why)
        return
    for entry in entries:
        if why := _noise(entry):
            yield Left(entry.path, why)
        elif entry.is_dir(follow_symlinks=False):
            yield from _below(entry.path)
        else:
            yield _file(entry)


def _noise(entry: "os.DirEntry[str]") -> str:
    if entry.name.startswith("."):
        return "hidden"
    if entry.is_symlink():
        return "a link"
    if entry.is_dir(follow_symlinks=False):
        if entry.name in _NOISE:
            return "made by tools"
        if any(os.path.lexists(f"{entry.path}/{mark}") for mark in _MARKS):
            return "a cache or an environment"
        return ""
    ending = PurePath(entry.name).suffix.lower()
    return f"no text: {ending}" if ending in BINARY else ""


def _file(entry: "os.DirEntry[str]") -> Seen | Left:
    try:
        info = entry.stat(follow_symlinks=False)
    except OSError as error:
        return Left(entry.path, failure_of(error, "read", entry.path).why)
    if not stat.S_ISREG(info.st_mode):
        return Left(entry.path, "it is no plain file")
    return _seen(entry.path, info)


def _seen(path: str, info: os.stat_result) -> Seen | Left:
    if not info.st_size:
        return Left(path, "it is empty")
    return Seen(path, info.st_size, info.st_mtime_ns)
