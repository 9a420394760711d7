"""Sockets for the HTTP library: no wait outlives its deadline, no name leads back to this machine.

This module is loaded with the first request, since the HTTP library is slow to import.
"""

import contextvars
import ipaddress
import socket
import threading
from collections.abc import Callable, Generator, Iterable
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import httpcore2

from quintet.platform.clock import Clock
from quintet.platform.http.failure import NameMisleads, NameUnknown, TimedOut
from quintet.platform.policy.destination import address_of, is_loopback

# Lets a connection pass whatever guards sockets in this process; see `confine/guard.py`.
Passage = Callable[[str, int], AbstractContextManager[None]]


class Dialer(httpcore2.NetworkBackend):
    """Opens connections; each thread says until when with `until`."""

    def __init__(self, clock: Clock, passage: Passage) -> None:
        self._clock = clock
        self._passage = passage
        self._backend = httpcore2.SyncBackend()
        self._thread = threading.local()

    @contextmanager
    def until(self, deadline_s: float) -> Generator[None]:
        """Everything that this thread waits for inside the block ends by this monotonic time."""
        self._thread.deadline_s = deadline_s
        try:
            yield
        finally:
            del self._thread.deadline_s

    def left_s(self, timeout_s: float | None) -> float:
        """How long a single wait may be now; raises `TimedOut` when no time is left."""
        deadline_s: float = self._thread.deadline_s
        left = deadline_s - self._clock.monotonic_s()
        if left <= 0:
            raise TimedOut("the server did not finish in time", why="the time for it all is up")
        return left if timeout_s is None else min(timeout_s, left)

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        with self._passage(host, port):
            addresses = self._addresses(host, port, self.left_s(timeout))
            failure: Exception | None = None
            for address in addresses:
                try:
                    stream = self._backend.connect_tcp(
                        address,
                        port,
                        timeout=self.left_s(timeout),
                        local_address=local_address,
                        socket_options=socket_options or (),
                    )
                except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                    failure = error
                else:
                    return BoundedStream(stream, self)
        assert failure is not None
        raise failure

    def _addresses(self, host: str, port: int, timeout_s: float) -> list[str]:
        """The addresses of a host that may be connected to; raises if there are none."""
        if address_of(host):
            return [host]
        found = _looked_up(host, port, timeout_s)
        usable = [address for address in found if _is_plausible(host, address)]
        if not usable:
            raise NameMisleads(
                f"the name {host} does not lead where its rule allows",
                why=f"it stands for {found[0]}, which is not a place on the network",
                hint="a rule for an address of this machine must name the address itself",
            )
        return usable


class BoundedStream(httpcore2.NetworkStream):
    """A connection whose every wait respects the dialer's deadline."""

    def __init__(self, stream: httpcore2.NetworkStream, dialer: Dialer) -> None:
        self._stream = stream
        self._dialer = dialer

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._dialer.left_s(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        # In pieces, because the library gives its timeout to every piece anew.
        for start in range(0, len(buffer), 1 << 16):
            self._stream.write(buffer[start : start + (1 << 16)], self._dialer.left_s(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        left_s = self._dialer.left_s(timeout)
        stream = self._stream.start_tls(ssl_context, server_hostname, left_s)
        return BoundedStream(stream, self._dialer)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _looked_up(host: str, port: int, timeout_s: float) -> list[str]:
    """All addresses of a name. The system's resolver knows no timeout, so a thread waits for it."""
    answers: list[list[str] | Exception] = []

    def resolve() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answers.append([str(entry[4][0]) for entry in found])
        except Exception as error:
            answers.append(error)

    context = contextvars.copy_context()
    thread = threading.Thread(target=context.run, args=(resolve,), daemon=True)
    thread.start()
    thread.join(timeout_s)
    if not answers:
        raise TimedOut(f"the name {host} could not be looked up in time")
    answer = answers[0]
    if isinstance(answer, OSError):
        raise NameUnknown(
            f"the name {host} could not be looked up",
            why=answer.strerror or str(answer),
            hint="check the spelling, and whether this machine is online",
        ) from answer
    if isinstance(answer, Exception):
        raise answer
    return answer


def _is_plausible(host: str, address: str) -> bool:
    """Whether a name may stand for this address: only localhost is here, and it is only here."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    ip = getattr(ip, "ipv4_mapped", None) or ip
    if is_loopback(host):
        return ip.is_loopback
    return not (ip.is_loopback or ip.is_link_local or ip.is_unspecified or ip.is_multicast)
