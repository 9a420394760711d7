"""Where content lies in the vault: each content once, under its digest, settled durably."""

import contextlib
import fcntl
import hashlib
import os
import secrets
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Protocol

from quintet.errors import Kind, QuintetError
from quintet.platform.files import PRIVATE_FILE, ensure_private_dir, explained, sync_dir, write_all

CHUNK_BYTES = 1 << 20
_FICLONE = 0x40049409


class TooLarge(QuintetError):
    """The content is larger than what is copied for undo, and its blocks cannot be shared."""

    code = "vault.too_large"


class ContentLost(QuintetError):
    """Content that undo needs is not in the vault, or not as it was kept."""

    kind = Kind.INTEGRITY
    code = "vault.content_lost"


class Shelf(Protocol):
    """One group's place in the vault."""

    def has(self, digest: str) -> bool: ...

    def renew(self, digest: str) -> bool:
        """Whether it is there; if so, it counts as having come in just now, and is not swept."""
        ...

    def refusal(self, target: str, size_bytes: int) -> str:
        """Why content of this size at this place could not be kept, or nothing."""
        ...

    def keep(self, fd: int) -> str:
        """Keep the content of an open file, durably; returns its digest."""
        ...

    def keep_bytes(self, data: bytes) -> str: ...

    def copy_to(self, digest: str, fd: int) -> None:
        """Write kept content to an open file; `ContentLost` unless it is what was kept."""
        ...


class PlainShelf:
    """Content as it is, under its SHA-256; shared by all groups that are not sealed."""

    def __init__(self, directory: Path, limit_bytes: int) -> None:
        self._directory = directory
        self._limit_bytes = limit_bytes

    def name(self, digest: str) -> str:
        return digest

    def has(self, digest: str) -> bool:
        return content_path(self._directory, digest).exists()

    def renew(self, digest: str) -> bool:
        return renew_content(self._directory, digest)

    def refusal(self, target: str, size_bytes: int) -> str:
        if size_bytes <= self._limit_bytes:
            return ""
        ensure_private_dir(self._directory)
        with explained("read", target):
            fd = os.open(target, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            with temporary_file(self._directory) as (_, kept_fd):
                return "" if share_blocks(fd, kept_fd) else too_large(self._limit_bytes)
        finally:
            os.close(fd)

    def keep(self, fd: int) -> str:
        ensure_private_dir(self._directory)
        with temporary_file(self._directory) as (path, kept_fd):
            if share_blocks(fd, kept_fd):
                digest = digest_of_content(kept_fd)
            else:
                refuse_large(fd, self._limit_bytes)
                digest = copy_content(fd, kept_fd)
            settle(path, kept_fd, content_path(self._directory, digest))
        return digest

    def keep_bytes(self, data: bytes) -> str:
        digest = hashlib.sha256(data).hexdigest()
        if not self.renew(digest):
            ensure_private_dir(self._directory)
            with temporary_file(self._directory) as (path, kept_fd):
                write_all(kept_fd, data)
                settle(path, kept_fd, content_path(self._directory, digest))
        return digest

    def copy_to(self, digest: str, fd: int) -> None:
        with opened_content(self._directory, digest, digest) as kept_fd:
            shared = share_blocks(kept_fd, fd)
            if (digest_of_content(kept_fd) if shared else copy_content(kept_fd, fd)) != digest:
                raise lost(digest, "its digest is wrong: it was changed on disk")


def renew_content(directory: Path, name: str) -> bool:
    path = content_path(directory, name)
    with explained("keep content in", directory):
        try:
            os.utime(path)
        except FileNotFoundError:
            return False
    return True


def content_path(directory: Path, name: str) -> Path:
    return directory / name[:2] / name


@contextlib.contextmanager
def temporary_file(directory: Path) -> Generator[tuple[Path, int]]:
    """A file that vanishes unless it is settled under its name."""
    path = directory / f"{secrets.token_hex(8)}.tmp"
    with explained("keep content in", directory):
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE_FILE)
        try:
            yield path, fd
        finally:
            os.close(fd)
            path.unlink(missing_ok=True)


def settle(path: Path, fd: int, final: Path) -> None:
    if renew_content(final.parent.parent, final.name):
        return
    os.fsync(fd)
    if not final.parent.exists():
        ensure_private_dir(final.parent)
        sync_dir(final.parent.parent)
    path.rename(final)
    sync_dir(final.parent)


@contextlib.contextmanager
def opened_content(directory: Path, name: str, digest: str) -> Generator[int]:
    path = content_path(directory, name)
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError as error:
        raise lost(digest, "it is no longer kept") from error
    try:
        yield fd
    finally:
        os.close(fd)


def share_blocks(source_fd: int, target_fd: int) -> bool:
    try:
        fcntl.ioctl(target_fd, _FICLONE, source_fd)
    except OSError:
        return False
    return True


def chunks_of(fd: int) -> Iterator[bytes]:
    os.lseek(fd, 0, os.SEEK_SET)
    while chunk := os.read(fd, CHUNK_BYTES):
        yield chunk


def copy_content(source_fd: int, target_fd: int) -> str:
    digest = hashlib.sha256()
    for chunk in chunks_of(source_fd):
        digest.update(chunk)
        write_all(target_fd, chunk)
    return digest.hexdigest()


def digest_of_content(fd: int) -> str:
    digest = hashlib.sha256()
    for chunk in chunks_of(fd):
        digest.update(chunk)
    return digest.hexdigest()


def refuse_large(fd: int, limit_bytes: int) -> None:
    if os.fstat(fd).st_size > limit_bytes:
        raise TooLarge("the content is not kept", why=too_large(limit_bytes))


def too_large(limit_bytes: int) -> str:
    return (
        f"larger than {limit_bytes:,} bytes and this disk cannot share blocks, so no copy is kept"
    )


def lost(digest: str, why: str) -> ContentLost:
    return ContentLost(f"the old content {digest[:12]}… cannot be restored", why=why)
