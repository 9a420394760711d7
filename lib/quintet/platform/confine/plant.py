"""Listeners of our own on every way out, to see whether a probe arrives."""

import contextlib
import os
import secrets
import shutil
import socket
import tempfile
from pathlib import Path
from typing import Self

from quintet.platform.confine.machine import CannotSeal
from quintet.platform.confine.probe import Targets

_LONGEST_PATH_CHARS = 100


class Plants:
    """One listener a way. Use it in a `with` block; nobody else knows where they are."""

    def __init__(self) -> None:
        self._directory = Path(tempfile.mkdtemp(prefix="ai-"))
        if len(str(self._directory)) > _LONGEST_PATH_CHARS - 10:
            self._directory.rmdir()
            self._directory = Path(tempfile.mkdtemp(prefix="ai-", dir="/tmp"))
        self._abstract = f"ai-{secrets.token_hex(8)}"
        self._sockets: dict[str, socket.socket] = {}

    def __enter__(self) -> Self:
        try:
            self._open_all()
        except OSError as error:
            self.__exit__()
            raise CannotSeal(
                "nothing could be proven; the command was not run",
                why=f"not even a listener of our own can be opened here: {error.strerror}",
                hint="run it outside of the sandbox or seal that this process is in",
            ) from error
        return self

    def _open_all(self) -> None:
        stream, datagram = socket.SOCK_STREAM, socket.SOCK_DGRAM
        loopback = ("127.0.0.1", 0)
        self._listen("tcp", socket.AF_INET, stream, loopback)
        self._listen("udp", socket.AF_INET, datagram, loopback)
        self._listen("unix socket", socket.AF_UNIX, stream, str(self._directory / "s"))
        self._listen("unix datagram", socket.AF_UNIX, datagram, str(self._directory / "d"))
        self._listen("abstract unix socket", socket.AF_UNIX, stream, f"\0{self._abstract}")

    def __exit__(self, *_: object) -> None:
        for listener in self._sockets.values():
            listener.close()
        shutil.rmtree(self._directory, ignore_errors=True)

    @property
    def targets(self) -> Targets:
        """Where they listen, for the probes."""
        return Targets(
            tcp_port=self._sockets["tcp"].getsockname()[1],
            udp_port=self._sockets["udp"].getsockname()[1],
            stream_path=str(self._directory / "s"),
            datagram_path=str(self._directory / "d"),
            abstract_name=self._abstract,
            process=os.getpid(),
        )

    def arrivals(self) -> set[str]:
        """The ways on which something came since this was last asked."""
        return {name for name, listener in self._sockets.items() if _drained(listener)}

    def _listen(self, name: str, family: int, kind: int, address: tuple[str, int] | str) -> None:
        listener = socket.socket(family, kind)
        self._sockets[name] = listener
        listener.setblocking(False)
        listener.bind(address)
        if kind == socket.SOCK_STREAM:
            listener.listen(8)


def _drained(listener: socket.socket) -> bool:
    came = False
    with contextlib.suppress(BlockingIOError):
        while True:
            if listener.type == socket.SOCK_STREAM:
                listener.accept()[0].close()
            else:
                listener.recv(4096)
            came = True
    return came
