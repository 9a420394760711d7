"""Answers the calls that the filter holds back, so that programs fail as they do when offline.

An internet socket is answered with a decoy: a local socket of a kind that can do nothing. The
program then says where it wants to go, which is written down and refused. A server gets a socket
that nobody can reach. Nothing is ever let through, so a program that lies about its address only
spoils its own line in the certificate.
"""

import errno
import os
import signal
import socket
from collections.abc import Sequence

from quintet.platform.confine.attempt import (
    Address,
    address_at,
    family_name,
    is_account_service,
    message_at,
    parse_query,
)
from quintet.platform.confine.deaf import flags_of, is_blocking
from quintet.platform.confine.filter import SOCK_SEQPACKET, SOCK_STREAM
from quintet.platform.confine.ledger import Ledger
from quintet.platform.confine.machine import X32_BIT, Machine
from quintet.platform.confine.procfs import identity, read_start
from quintet.platform.confine.seccomp import Listener, Notice

_DNS_PORT = 53
_PROTOCOLS: dict[int, str] = {socket.SOCK_STREAM: "tcp", socket.SOCK_DGRAM: "udp"}
_INTERNET = (socket.AF_INET, socket.AF_INET6)
# Families by which nobody is reached: questions to the kernel itself, and its cryptography.
_FAMILIES_WITHIN = (socket.AF_NETLINK, socket.AF_ALG)
_REMEMBERED_DECOYS = 4096
# A kernel without these is what programs know how to live with.
_AS_IF_ABSENT = (
    "io_uring_setup",
    "io_uring_enter",
    "io_uring_register",
    "request_key",
    "add_key",
    "keyctl",
    "mq_open",
    "msgget",
)
_SHOWN_NAMES = {"ioctl": "typing into the terminal"}


class Answers:
    """Decides about each held call and writes it down."""

    def __init__(
        self, machine: Machine, listener: Listener, deaf: Sequence[socket.socket] = ()
    ) -> None:
        self.fd = listener.fd
        self.ledger = Ledger()
        self._machine = machine
        self._listener = listener
        self._names = {number: name for name, number in machine.calls.items()}
        self._decoys: dict[tuple[int, int], str] = {}
        # Sockets that listen where nobody is; without an empty network there are none.
        self._deaf = list(deaf)

    def answer_next(self) -> None:
        """Take one held call from the kernel and answer it."""
        notice = self._listener.receive()
        if notice is None:
            return
        name = self._names.get(notice.call, "")
        is_x32 = notice.call & X32_BIT and notice.call >= 0
        if notice.arch != self._machine.audit_arch or is_x32:
            self._kill_foreign(notice)
        elif name in ("socket", "socketpair"):
            self._socket(notice, name)
        elif name == "connect":
            self._reach(notice, name, address_at(notice.pid, *notice.arguments[1:3]))
        elif name == "sendto":
            self._reach(notice, name, address_at(notice.pid, *notice.arguments[4:6]))
        elif name in ("sendmsg", "sendmmsg"):
            self._send(notice, name)
        elif name == "bind":
            self._bind(notice)
        elif name == "listen":
            self._listen(notice)
        elif name == "setsockopt":
            self._set_option(notice)
        else:
            self._refuse(notice, name or f"unknown system call {notice.call}")

    def _socket(self, notice: Notice, name: str) -> None:
        family, kind = notice.arguments[0] & 0xFFFFFFFF, notice.arguments[1] & 0xFFFFFFFF
        is_internet = family in _INTERNET
        if name == "socket" and (is_internet or family == socket.AF_UNIX):
            protocol = _PROTOCOLS.get(kind & 0xF, "raw") if is_internet else "unix"
            if self._hand_over_decoy(notice, kind, protocol):
                return
        is_reaching = name == "socket" and family not in _FAMILIES_WITHIN
        self._write_down(notice, name, family=family_name(family), reaching=is_reaching)
        self._listener.refuse(notice, errno.EAFNOSUPPORT)

    def _hand_over_decoy(self, notice: Notice, kind: int, protocol: str) -> bool:
        """Give the process a local socket in place of the one it asked for."""
        # Of both kinds only what is paired or connected can carry anything, and neither can be.
        decoy_kind = SOCK_STREAM if kind & 0xF == socket.SOCK_STREAM else SOCK_SEQPACKET
        with socket.socket(socket.AF_UNIX, decoy_kind) as decoy:
            decoy.setblocking(not kind & socket.SOCK_NONBLOCK)
            if len(self._decoys) >= _REMEMBERED_DECOYS:
                self._decoys.pop(next(iter(self._decoys)))
            fd = decoy.fileno()
            status = os.fstat(fd)
            self._decoys[status.st_dev, status.st_ino] = protocol
            close_on_exec = bool(kind & socket.SOCK_CLOEXEC)
            return self._listener.hand_over(notice, fd, close_on_exec=close_on_exec)

    def _reach(self, notice: Notice, name: str, address: Address) -> None:
        protocol = self._decoy_protocol(notice)
        if address.family == "unspec":
            # Taking an earlier `connect` back, which never was.
            self._listener.refuse(notice, errno.EINVAL)
            return
        is_lookup = address.port == _DNS_PORT and protocol == "udp"
        self._write_down(
            notice,
            "name lookup" if is_lookup else name,
            family=_shown_family(address.family, protocol),
            destination=address.destination,
            reaching=not is_account_service(address.destination),
        )
        if is_lookup and name == "connect":
            # So that the resolver goes on to say which name it wants.
            self._listener.pretend(notice)
        elif address.family == "unix":
            self._listener.refuse(notice, errno.ECONNREFUSED)
        else:
            self._listener.refuse(notice, errno.ENETUNREACH)

    def _send(self, notice: Notice, name: str) -> None:
        """A message on a decoy was meant for somebody; on any other socket it stays in the seal."""
        protocol = self._decoy_protocol(notice)
        if not protocol:
            self._listener.let_go_on(notice)
            return
        message = message_at(notice.pid, notice.arguments[1])
        queried = parse_query(message.start)
        if message.address.family:
            self._reach(notice, name, message.address)
            return
        if queried:
            self._write_down(notice, "name lookup", family="dns", destination=queried)
        self._listener.refuse(notice, errno.ENETUNREACH if queried else errno.ENOTCONN)

    def _bind(self, notice: Notice) -> None:
        """On a decoy it means nothing and some resolvers insist on it; else it opens a door."""
        if self._decoy_protocol(notice) not in ("", "unix"):
            self._listener.pretend(notice)
        elif self._deaf:
            self._write_down(notice, "bind", reaching=False)
            self._listener.pretend(notice)
        else:
            self._refuse(notice, "bind")

    def _listen(self, notice: Notice) -> None:
        """A server may wait, on a socket that nobody can reach, in place of its own."""
        fd = notice.arguments[0] & 0xFFFFFFFF
        try:
            flags = flags_of(notice.pid, fd)
        except (OSError, ValueError):
            flags = -1
        if flags < 0 or not self._deaf:
            self._refuse(notice, "listen")
            return
        self._write_down(notice, "listen", reaching=False)
        with self._deaf.pop() as deaf:
            deaf.setblocking(is_blocking(flags))
            close_on_exec = bool(flags & os.O_CLOEXEC)
            if not self._listener.put_in_place(
                notice, deaf.fileno(), fd, close_on_exec=close_on_exec
            ):
                self._listener.refuse(notice, errno.EPERM)

    def _set_option(self, notice: Notice) -> None:
        """Options of protocols that the decoy does not speak seem to be set."""
        if self._decoy_protocol(notice):
            self._listener.pretend(notice)
        else:
            self._listener.refuse(notice, errno.EOPNOTSUPP)

    def _refuse(self, notice: Notice, name: str) -> None:
        is_absent = name in _AS_IF_ABSENT or notice.call not in self._names
        self._write_down(notice, _SHOWN_NAMES.get(name, name), reaching=False)
        self._listener.refuse(notice, errno.ENOSYS if is_absent else errno.EPERM)

    def _kill_foreign(self, notice: Notice) -> None:
        """Calls by another interface mean something else under the same number: end it."""
        self._write_down(notice, "foreign system call")
        if self._listener.still_waits(notice):
            try:
                os.kill(notice.pid, signal.SIGKILL)
            except ProcessLookupError:
                return
        self._listener.refuse(notice, errno.ENOSYS)

    def _write_down(
        self,
        notice: Notice,
        call: str,
        *,
        family: str = "",
        destination: str = "",
        reaching: bool = True,
    ) -> None:
        process = _process_of(notice.pid)
        self.ledger.add(
            call, family=family, destination=destination, process=process, reaching=reaching
        )

    def _decoy_protocol(self, notice: Notice) -> str:
        """What the process believes its descriptor to be; nothing if it is not a decoy."""
        fd = notice.arguments[0] & 0xFFFFFFFF
        try:
            return self._decoys.get(identity(f"/proc/{notice.pid}/fd/{fd}"), "")
        except OSError:
            return ""


def _shown_family(family: str, protocol: str) -> str:
    return f"{protocol} {family}" if protocol not in ("", "unix") else family


def _process_of(pid: int) -> str:
    try:
        name = read_start(f"/proc/{pid}/comm").decode("utf-8", "backslashreplace").rstrip("\n")
    except OSError:
        name = "ended"
    return f"{name} ({pid})"
