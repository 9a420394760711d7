"""What a sealed command may inherit: no sockets, for they need no permission to be used."""

import contextlib
import os
import stat
import threading
from collections.abc import Generator
from pathlib import Path


@contextlib.contextmanager
def without_socket(fd: int) -> Generator[int]:
    """This stream, or a pipe that is pumped into or out of it where it is a socket.

    Under systemd, inetd or ssh the standard streams may be sockets.
    """
    try:
        is_socket = stat.S_ISSOCK(os.fstat(fd).st_mode)
    except OSError:
        # A closed stream is inherited as one that gives and takes nothing.
        with Path(os.devnull).open("r+b", buffering=0) as nothing:
            yield nothing.fileno()
        return
    if not is_socket:
        yield fd
        return
    reading, writing = os.pipe()
    if fd == 0:
        threading.Thread(target=_pump, args=(fd, writing), daemon=True).start()
        try:
            yield reading
        finally:
            os.close(reading)
        return
    pump = threading.Thread(target=_pump, args=(reading, fd), daemon=True)
    pump.start()
    try:
        yield writing
    finally:
        # The rest of the output is still on its way; the end of the pipe ends the pump.
        os.close(writing)
        pump.join()


def inherited_files() -> list[int]:
    """Descriptors above 2 that were meant for the command, as in `ai prove offline -- cat <(…)`."""
    kept: list[int] = []
    for name in os.listdir("/proc/self/fd"):
        fd = int(name)
        with contextlib.suppress(OSError):
            kind = stat.S_IFMT(os.fstat(fd).st_mode)
            if fd > 2 and os.get_inheritable(fd) and kind in (stat.S_IFIFO, stat.S_IFREG):
                kept.append(fd)
    return kept


def _pump(source: int, target: int) -> None:
    """Copy until the source ends or the target is gone, then close whichever is our pipe."""
    try:
        while data := os.read(source, 1 << 16):
            while data:
                data = data[os.write(target, data) :]
    except OSError:
        pass
    finally:
        os.close(target if source == 0 else source)
