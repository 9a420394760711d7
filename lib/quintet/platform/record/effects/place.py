"""A name in a folder that was reached without following a single link.

Undo runs long after the action. Whoever can put a link where a folder was could otherwise send the
restored content anywhere; here each part of the path is opened as a folder or the walk fails.
"""

import contextlib
import os
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

from quintet.errors import UsageError

# O_PATH asks only for the right to pass through a folder, as an ordinary path does.
_WALK = os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC | getattr(os, "O_PATH", os.O_RDONLY)


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is, or may come to be."""

    folder_fd: int
    name: str

    def stat(self) -> os.stat_result:
        return os.stat(self.name, dir_fd=self.folder_fd, follow_symlinks=False)

    def open(self, flags: int, mode: int = 0) -> int:
        flags |= os.O_NOFOLLOW | os.O_CLOEXEC
        return os.open(self.name, flags, mode, dir_fd=self.folder_fd)

    def read_link(self) -> str:
        return os.readlink(self.name, dir_fd=self.folder_fd)

    def beside(self, name: str) -> "Place":
        return Place(self.folder_fd, name)

    def replace_by(self, other: "Place") -> None:
        os.replace(other.name, self.name, src_dir_fd=other.folder_fd, dst_dir_fd=self.folder_fd)

    def unlink(self, missing_ok: bool = False) -> None:
        try:
            os.unlink(self.name, dir_fd=self.folder_fd)
        except FileNotFoundError:
            if not missing_ok:
                raise

    def sync_folder(self) -> None:
        fd = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=self.folder_fd)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)


@contextlib.contextmanager
def reached(target: str) -> Generator[Place]:
    """Walk to the folder of an absolute path. NotADirectoryError: a part is a link or a file."""
    *folders, name = target.strip("/").split("/")
    fd = os.open("/", _WALK)
    try:
        for folder in folders:
            deeper = os.open(folder, _WALK, dir_fd=fd)
            os.close(fd)
            fd = deeper
        yield Place(fd, name or ".")
    finally:
        os.close(fd)


def settled(path: Path, *, follow_last: bool) -> str:
    """The absolute path with links in its folders resolved once, when an effect is described."""
    if "\0" in str(path):
        raise UsageError("a file name cannot hold a NUL byte")
    absolute = Path(os.path.normpath(path.absolute()))
    if follow_last or absolute == absolute.parent:
        return os.path.realpath(absolute)
    return str(Path(os.path.realpath(absolute.parent)) / absolute.name)


def folder_of(target: str) -> str:
    return target.rpartition("/")[0] or "/"
