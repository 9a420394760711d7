"""Runs things sealed and keeps what came out; listeners of the test's own see what got through."""

import contextlib
import socket
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from quintet.platform.clock import SystemClock
from quintet.platform.confine.certificate import Certificate
from quintet.platform.confine.machine import CannotSeal
from quintet.platform.confine.prove import prove_offline


@dataclass(frozen=True, slots=True)
class Run:
    """A certificate and what the command printed."""

    certificate: Certificate
    output: str

    @property
    def tried(self) -> set[tuple[str, str]]:
        """Call and destination of each attempt to reach somebody."""
        return {(r.call, r.destination) for r in self.certificate.refused if r.reaching}


def run_offline(*command: str) -> Run:
    """Prove a command and capture its standard output."""
    with tempfile.TemporaryFile() as output:
        certificate = prove_offline(command, clock=SystemClock(), stdout_fd=output.fileno())
        output.seek(0)
        return Run(certificate, output.read().decode(errors="replace"))


def python_offline(code: str, *arguments: str) -> Run:
    """Prove a Python program."""
    return run_offline(sys.executable, "-c", code, *arguments)


def why_not_here() -> str:
    """Why nothing can be sealed on this machine; empty where it can."""
    try:
        run_offline("true")
    except CannotSeal as error:
        return str(error)
    return ""


@dataclass
class Doors:
    """Listeners on every way into this process. Use it in a `with` block."""

    directory: Path
    sockets: dict[str, socket.socket] = field(default_factory=dict)

    def __enter__(self) -> Self:
        for name, family, kind, address in (
            ("tcp", socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)),
            ("udp", socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0)),
            ("stream", socket.AF_UNIX, socket.SOCK_STREAM, str(self.directory / "s")),
            ("datagram", socket.AF_UNIX, socket.SOCK_DGRAM, str(self.directory / "d")),
            ("abstract", socket.AF_UNIX, socket.SOCK_STREAM, f"\0{self.directory}"),
        ):
            opened = self.sockets[name] = socket.socket(family, kind)
            opened.bind(address)
            opened.setblocking(False)
            if kind == socket.SOCK_STREAM:
                opened.listen(16)
        return self

    def __exit__(self, *_: object) -> None:
        for opened in self.sockets.values():
            opened.close()

    def port(self, name: str) -> int:
        number: int = self.sockets[name].getsockname()[1]
        return number

    def arrived(self) -> set[str]:
        """The doors at which anybody stood since this was last asked."""
        found: set[str] = set()
        for name, opened in self.sockets.items():
            with contextlib.suppress(BlockingIOError):
                if opened.type == socket.SOCK_STREAM:
                    opened.accept()[0].close()
                else:
                    opened.recv(4096)
                found.add(name)
        return found


def as_nobody(command: Sequence[str]) -> list[str]:
    """The same command as an ordinary user with no rights, from an empty environment."""
    root = Path(__file__).parents[2]
    environment = f"PATH=/usr/bin:/bin PYTHONDONTWRITEBYTECODE=1 PYTHONPATH={root}/lib".split()
    drop = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    return [*drop, "env", "-i", *environment, *command]
