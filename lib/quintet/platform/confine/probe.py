"""Attempts of our own to get out, made outside the seal and then inside it.

Outside they must arrive at listeners that belong to us, or they would prove nothing; inside each
of them must fail. They speak to nobody else: even the name that is looked up is tried only where
the kernel holds the question back.
"""

import ctypes
import os
import socket
from collections.abc import Callable, Iterator
from typing import NamedTuple

from quintet.platform.confine.machine import Machine

_TIMEOUT_S = 2.0
# A name under the top level that is reserved for names that do not exist.
_NAME = "ai-prove-offline.invalid"
_QUERY = (
    b"\x00\x01\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x08ai-probe\x07invalid\x00\x00\x01\x00\x01"
)


class Targets(NamedTuple):
    """The listeners that belong to us."""

    tcp_port: int
    udp_port: int
    stream_path: str
    datagram_path: str
    abstract_name: str
    process: int


class Outcome(NamedTuple):
    """How one attempt went: `error` is empty if nothing stopped it."""

    name: str
    error: str


def attempts(targets: Targets, machine: Machine, *, is_sealed: bool) -> Iterator[Outcome]:
    """Try every way out in turn."""
    for name, attempt in _ways(targets, machine).items():
        if name == "name lookup" and not is_sealed:
            continue
        try:
            attempt()
        except OSError as error:
            yield Outcome(name, error.strerror or str(error))
        else:
            yield Outcome(name, "")


def _ways(targets: Targets, machine: Machine) -> dict[str, Callable[[], None]]:
    return {
        "tcp": lambda: _connect(socket.AF_INET, ("127.0.0.1", targets.tcp_port)),
        "udp": lambda: _send(("127.0.0.1", targets.udp_port)),
        "name lookup": _look_up,
        "unix socket": lambda: _connect(socket.AF_UNIX, targets.stream_path),
        "unix datagram": lambda: _send(targets.datagram_path),
        "unix datagram from a pair": lambda: _send_from_pair(targets.datagram_path),
        "abstract unix socket": lambda: _connect(socket.AF_UNIX, f"\0{targets.abstract_name}"),
        "io_uring": lambda: _set_up_ring(machine),
        "memory of another process": lambda: _open_memory(targets.process),
    }


def _connect(family: int, address: tuple[str, int] | str) -> None:
    with socket.socket(family, socket.SOCK_STREAM) as out:
        out.settimeout(_TIMEOUT_S)
        out.connect(address)
        out.sendall(_QUERY)


def _send(address: tuple[str, int] | str) -> None:
    """A DNS question in one datagram, as a resolver or a tunnel sends it."""
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as out:
        out.settimeout(_TIMEOUT_S)
        out.sendto(_QUERY, address)


def _send_from_pair(path: str) -> None:
    """A paired datagram socket may be pointed anywhere afterwards."""
    one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with one, other:
        one.sendto(_QUERY, path)


def _look_up() -> None:
    socket.getaddrinfo(_NAME, 443, type=socket.SOCK_STREAM)


def _set_up_ring(machine: Machine) -> None:
    """A ring takes orders for calls that no filter sees."""
    libc = ctypes.CDLL(None, use_errno=True)
    parameters = ctypes.create_string_buffer(120)
    ring: int = libc.syscall(machine.calls["io_uring_setup"], 1, parameters)
    if ring < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    os.close(ring)


def _open_memory(pid: int) -> None:
    """Writing into a process that has a network is as good as having one."""
    os.close(os.open(f"/proc/{pid}/mem", os.O_RDWR | os.O_CLOEXEC))
