"""Files written whole or not at all, private to their owner, with failures put in plain words."""

import contextlib
import errno
import fcntl
import hashlib
import os
import secrets
from collections.abc import Generator
from pathlib import Path
from typing import BinaryIO

from quintet.errors import QuintetError

PRIVATE_FILE = 0o600
PRIVATE_DIR = 0o700
_CHUNK_BYTES = 1 << 20
_FICLONE = 0x40049409

_REASONS = {
    errno.ENOSPC: ("the disk is full", "free some space, then run it again"),
    errno.EDQUOT: ("your disk quota is used up", "free some space, then run it again"),
    errno.EROFS: ("the file system is read-only", "point AI_HOME at a folder that can be written"),
    errno.EACCES: ("permission denied", "check who owns it: ls -ld '{path}'"),
    errno.EPERM: ("the operation is not permitted", "check who owns it: ls -ld '{path}'"),
    errno.ENOENT: ("it does not exist", ""),
    errno.EISDIR: ("it is a folder, not a file", ""),
    errno.ENOTDIR: ("a part of the path is a file, not a folder", ""),
    errno.ENAMETOOLONG: ("the name is too long", ""),
    errno.ELOOP: ("its links form a loop", ""),
    errno.EMFILE: ("too many files are open", "ulimit -n 4096"),
    errno.EIO: ("the device reported an input/output error", "check the disk: dmesg | tail"),
}


class FileFailure(QuintetError):
    """The operating system refused a file operation."""

    code = "file.refused"


def failure_of(error: OSError, doing: str, path: Path | str) -> FileFailure:
    """The user's words for an OSError."""
    shown = str(path).encode("utf-8", "replace").decode()
    why, hint = _REASONS.get(error.errno or 0, (error.strerror or str(error), ""))
    return FileFailure(f"could not {doing} {shown}", why=why, hint=hint.format(path=shown))


@contextlib.contextmanager
def explained(doing: str, path: Path | str) -> Generator[None]:
    """Turn an OSError inside the block into a `FileFailure` about this path."""
    try:
        yield
    except OSError as error:
        raise failure_of(error, doing, path) from error


def ensure_private_dir(path: Path) -> Path:
    """Create a folder that only its owner may enter; an existing one is left as it is."""
    with explained("create the folder", path):
        path.mkdir(mode=PRIVATE_DIR, parents=True, exist_ok=True)
    return path


def sync_dir(path: Path) -> None:
    """Make a rename or a removal in this folder survive a power cut."""
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def write_all(fd: int, data: bytes | memoryview) -> None:
    """`os.write` until everything is written: the kernel may take less than it was given."""
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def write_atomic(path: Path, data: bytes, mode: int = PRIVATE_FILE) -> None:
    """Replace a file's content in one step that no crash can leave half done."""
    with explained("write", path):
        temporary = path.with_name(f".{path.name[:200]}.{secrets.token_hex(4)}.tmp")
        fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        try:
            try:
                os.fchmod(fd, mode)
                write_all(fd, data)
                os.fsync(fd)
            finally:
                os.close(fd)
            os.replace(temporary, path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        sync_dir(path.parent)


def read_bytes(path: Path, limit_bytes: int | None = None) -> bytes:
    """A file's content; with a limit, a larger file is refused instead of filling the memory."""
    with explained("read", path), path.open("rb") as stream:
        return stream.read() if limit_bytes is None else read_limited(stream, limit_bytes, path)


def read_limited(stream: BinaryIO, limit_bytes: int, name: Path | str) -> bytes:
    """What a stream holds, whole; a longer one is refused, not cut off."""
    data = stream.read(limit_bytes + 1)
    if len(data) > limit_bytes:
        raise FileFailure(f"could not read {name}", why=f"it is larger than {limit_bytes:,} bytes")
    return data


def digest_of(path: Path) -> str:
    """SHA-256 of a file's content, read in pieces."""
    digest = hashlib.sha256()
    with explained("read", path), path.open("rb") as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def clone(source: Path, target: Path, *, durable: bool = True) -> None:
    """Copy a file, sharing its blocks where the file system can; the copy is private, and synced
    unless it is only for the moment.
    """
    with explained("copy", source), source.open("rb") as reading:
        fd = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE_FILE)
        try:
            try:
                fcntl.ioctl(fd, _FICLONE, reading.fileno())
            except OSError:
                while chunk := reading.read(_CHUNK_BYTES):
                    write_all(fd, chunk)
            if durable:
                os.fsync(fd)
        except BaseException:
            target.unlink(missing_ok=True)
            raise
        finally:
            os.close(fd)
