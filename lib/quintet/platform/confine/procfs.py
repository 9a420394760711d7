"""Small files that the kernel makes up, read and written without what `pathlib` costs to import."""

import os


def read_start(path: str, size: int = 4096, at: int = 0) -> bytes:
    """The beginning of a file, or what stands at an offset; raises `OSError`."""
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.pread(fd, size, at)
    finally:
        os.close(fd)


def write_whole(path: str, text: str) -> None:
    """Write a setting in one piece, as the kernel wants it; raises `OSError`."""
    fd = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(fd, text.encode())
    finally:
        os.close(fd)


def identity(path: str) -> tuple[int, int]:
    """Device and inode of what a path leads to, without opening it; raises `OSError`."""
    fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        status = os.fstat(fd)
        return status.st_dev, status.st_ino
    finally:
        os.close(fd)
