"""A disk that is full after some writes, at the one place where the product writes whole files."""

import errno
import os
from collections.abc import Generator
from contextlib import contextmanager

import pytest

from quintet.platform import files


@contextmanager
def full_after(writes: int) -> Generator[None]:
    """Let this many files be written; the next ones are cut in the middle and fail."""
    left = writes
    write_all = files.write_all

    def limited(fd: int, data: bytes | memoryview) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            write_all(fd, data[: len(data) // 2])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        write_all(fd, data)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "write_all", limited)
        yield
