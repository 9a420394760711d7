"""Listening sockets that nobody can reach, for sealed programs that insist on serving.

Some runtimes of models start a server before they do anything. Each of these was bound in the
empty network, to a name that the kernel chose and that counts there alone.
"""

import os
import socket

from quintet.platform.confine.procfs import read_start

_ENOUGH = 16


def deaf_sockets() -> list[socket.socket]:
    """A few of them; to be made in the empty network, before the filter holds this process too."""
    return [_deaf_socket() for _ in range(_ENOUGH)]


def _deaf_socket() -> socket.socket:
    made = socket.socket(socket.AF_UNIX)
    # Without a name: the kernel picks one that no path and no other network knows.
    made.bind("")
    made.listen(1)
    return made


def flags_of(pid: int, fd: int) -> int:
    """The flags of another process's descriptor; raises `OSError` or `ValueError`."""
    fields = read_start(f"/proc/{pid}/fdinfo/{fd}").split()
    return int(fields[fields.index(b"flags:") + 1], 8)


def is_blocking(flags: int) -> bool:
    return not flags & os.O_NONBLOCK
