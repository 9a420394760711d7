"""Content of a sealed group: encrypted in chunks, under names that are keyed digests.

Each chunk is bound to its place, so that none can be moved, doubled or dropped; a keyed name keeps
anybody from asking whether a file that they know is there.
"""

import hashlib
import hmac
import os
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

from quintet.platform.crypto import seal, unseal
from quintet.platform.files import ensure_private_dir, write_all
from quintet.platform.record.shelf import (
    CHUNK_BYTES,
    PlainShelf,
    chunks_of,
    content_path,
    lost,
    opened_content,
    refuse_large,
    renew_content,
    settle,
    temporary_file,
    too_large,
)

_FRAME = struct.Struct(">I?")
_SEALING_BYTES = 28


class SealedShelf:
    """One sealed group's content."""

    def __init__(
        self,
        directory: Path,
        key: Callable[[], bytes],
        limit_bytes: int,
        *,
        before: PlainShelf,
    ) -> None:
        """`before` holds what was kept until the group began to seal its data."""
        self._before = before
        self._directory = directory
        self._key = key
        self._limit_bytes = limit_bytes

    def name(self, digest: str) -> str:
        return hmac.new(self._key(), digest.encode(), hashlib.sha256).hexdigest()

    def has(self, digest: str) -> bool:
        return self._holds(digest) or self._before.has(digest)

    def renew(self, digest: str) -> bool:
        return renew_content(self._directory, self.name(digest)) or self._before.renew(digest)

    def refusal(self, target: str, size_bytes: int) -> str:
        return "" if size_bytes <= self._limit_bytes else too_large(self._limit_bytes)

    def keep(self, fd: int) -> str:
        refuse_large(fd, self._limit_bytes)
        return self._keep_chunks(chunks_of(fd))

    def keep_bytes(self, data: bytes) -> str:
        pieces = range(0, len(data), CHUNK_BYTES)
        return self._keep_chunks(data[start : start + CHUNK_BYTES] for start in pieces)

    def copy_to(self, digest: str, fd: int) -> None:
        if not self._holds(digest) and self._before.has(digest):
            self._before.copy_to(digest, fd)
            return
        found = hashlib.sha256()
        with opened_content(self._directory, self.name(digest), digest) as kept_fd:
            for chunk in self._unsealed(kept_fd, digest):
                found.update(chunk)
                write_all(fd, chunk)
        if found.hexdigest() != digest:
            raise lost(digest, "its digest is wrong: it was changed on disk")

    def _holds(self, digest: str) -> bool:
        return content_path(self._directory, self.name(digest)).exists()

    def _keep_chunks(self, chunks: Iterator[bytes]) -> str:
        ensure_private_dir(self._directory)
        digest, index = hashlib.sha256(), 0
        with temporary_file(self._directory) as (path, kept_fd):
            for chunk in chunks:
                digest.update(chunk)
                self._write_frame(kept_fd, chunk, index, last=False)
                index += 1
            self._write_frame(kept_fd, b"", index, last=True)
            final = content_path(self._directory, self.name(digest.hexdigest()))
            settle(path, kept_fd, final)
        return digest.hexdigest()

    def _write_frame(self, fd: int, chunk: bytes, index: int, *, last: bool) -> None:
        sealed = seal(self._key(), chunk, _FRAME.pack(index, last))
        write_all(fd, _FRAME.pack(len(sealed), last) + sealed)

    def _unsealed(self, fd: int, digest: str) -> Iterator[bytes]:
        index, last = 0, False
        while not last:
            head = os.read(fd, _FRAME.size)
            if len(head) < _FRAME.size:
                raise lost(digest, "it was cut short")
            size, last = _FRAME.unpack(head)
            if size > CHUNK_BYTES + _SEALING_BYTES:
                raise lost(digest, "it was changed on disk")
            yield unseal(self._key(), os.read(fd, size), _FRAME.pack(index, last))
            index += 1
