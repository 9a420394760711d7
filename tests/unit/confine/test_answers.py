"""What the supervisor answers to each held call, asked about this very process."""

import ctypes
import errno
import os
import socket
import struct
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from quintet.platform.confine.answers import Answers
from quintet.platform.confine.deaf import deaf_sockets
from quintet.platform.confine.machine import X86_64
from quintet.platform.confine.seccomp import Listener, Notice

INET, INET6, UNIX, NETLINK, PACKET = 2, 10, 1, 16, 17
TCP, UDP, RAW = 1, 2, 3


@dataclass
class Held(Listener):
    """A listener whose calls the test makes up; what was answered is kept."""

    call: Notice | None = None
    answers: list[Any] = field(default_factory=list)
    given: list[int] = field(default_factory=list)
    can_hand_over: bool = True
    fd: int = -1

    def receive(self) -> Notice | None:
        return self.call

    def still_waits(self, notice: Notice) -> bool:
        return False

    def refuse(self, notice: Notice, error: int) -> None:
        self.answers.append(errno.errorcode[error])

    def pretend(self, notice: Notice) -> None:
        self.answers.append("pretended")

    def let_go_on(self, notice: Notice) -> None:
        self.answers.append("went on")

    def hand_over(self, notice: Notice, fd: int, *, close_on_exec: bool) -> bool:
        if not self.can_hand_over:
            return False
        self.given.append(os.dup(fd))
        self.answers.append("decoy" + ", closed on exec" * close_on_exec)
        return True

    def put_in_place(self, notice: Notice, fd: int, place: int, *, close_on_exec: bool) -> bool:
        if not self.can_hand_over:
            return False
        os.dup2(fd, place, inheritable=not close_on_exec)
        self.answers.append("put in place")
        return True


class Desk:
    """Answers with a fake kernel in front of them."""

    def __init__(self, deaf: Sequence[socket.socket] = ()) -> None:
        self.listener = Held()
        self.answers = Answers(X86_64, self.listener, deaf)

    def ask(self, name: str, *arguments: int, arch: int = X86_64.audit_arch) -> Any:
        number = X86_64.calls[name] if name in X86_64.calls else int(name)
        padded = (*arguments, *[0] * (6 - len(arguments)))
        self.listener.call = Notice(1, os.getpid(), number, arch, padded)
        self.answers.answer_next()
        return self.listener.answers[-1]

    def decoy(self, family: int = INET, kind: int = TCP) -> int:
        self.ask("socket", family, kind)
        return self.listener.given[-1]

    def noted(self) -> list[tuple[str, str, str, bool]]:
        entries = self.answers.ledger.take()["entries"]
        return [(e["call"], e["family"], e["destination"], e["reaching"]) for e in entries]


@pytest.fixture
def desk() -> Generator[Desk]:
    made = Desk()
    yield made
    for fd in made.listener.given:
        os.close(fd)


KEPT: list[Any] = []


def memory(data: bytes) -> tuple[int, int]:
    """Where bytes lie in this process, and how many they are."""
    buffer = ctypes.create_string_buffer(data, len(data))
    KEPT.append(buffer)
    return ctypes.addressof(buffer), len(data)


def inet(host: str, port: int) -> tuple[int, int]:
    return memory(
        struct.pack("<H", 2) + struct.pack(">H", port) + socket.inet_aton(host) + bytes(8)
    )


def message(name: tuple[int, int], data: bytes) -> int:
    vector = memory(struct.pack("<QQ", *memory(data)))
    return memory(struct.pack("<QI4xQQ", *name, vector[0], 1) + bytes(24))[0]


@pytest.mark.parametrize("kind", [TCP, UDP, RAW])
def test_an_internet_socket_is_answered_with_one_that_can_do_nothing(desk: Desk, kind: int) -> None:
    flags = socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK
    assert desk.ask("socket", INET, kind | flags) == "decoy, closed on exec"
    with socket.socket(fileno=os.dup(desk.listener.given[0])) as decoy:
        assert decoy.family == socket.AF_UNIX
        assert decoy.type in (socket.SOCK_STREAM, socket.SOCK_SEQPACKET)
        assert not os.get_blocking(decoy.fileno())
    assert desk.noted() == []


def test_other_families_are_not_there(desk: Desk) -> None:
    assert desk.ask("socket", PACKET, RAW) == "EAFNOSUPPORT"
    assert desk.ask("socket", NETLINK, RAW) == "EAFNOSUPPORT"
    assert desk.ask("socketpair", UNIX, UDP) == "EAFNOSUPPORT"
    assert desk.noted() == [
        ("socket", "packet", "", True),
        ("socket", "netlink", "", False),
        ("socketpair", "unix", "", False),
    ]


def test_where_no_decoy_can_be_given_the_wish_itself_counts(desk: Desk) -> None:
    desk.listener.can_hand_over = False
    assert desk.ask("socket", INET, TCP) == "EAFNOSUPPORT"
    assert desk.noted() == [("socket", "inet", "", True)]


def test_connecting_is_written_down_and_leads_nowhere(desk: Desk) -> None:
    assert desk.ask("connect", desk.decoy(), *inet("192.0.2.1", 443)) == "ENETUNREACH"
    assert desk.ask("connect", desk.decoy(INET, UDP), *inet("192.0.2.1", 9)) == "ENETUNREACH"
    assert (
        desk.ask("sendto", desk.decoy(INET, RAW), 0, 0, 0, *inet("192.0.2.2", 0)) == "ENETUNREACH"
    )
    assert desk.noted() == [
        ("connect", "tcp inet", "192.0.2.1:443", True),
        ("connect", "udp inet", "192.0.2.1:9", True),
        ("sendto", "raw inet", "192.0.2.2:0", True),
    ]


def test_local_helpers_are_refused_and_the_c_librarys_questions_do_not_count(desk: Desk) -> None:
    assert desk.ask("connect", 0, *memory(b"\x01\0/run/docker.sock\0")) == "ECONNREFUSED"
    assert desk.ask("connect", 0, *memory(b"\x01\0/var/run/nscd/socket\0")) == "ECONNREFUSED"
    assert desk.ask("connect", 0, *memory(b"\0\0")) == "EINVAL"
    assert desk.ask("connect", 0, 1, 16) == "ENETUNREACH"
    assert desk.noted() == [
        ("connect", "unix", "/run/docker.sock", True),
        ("connect", "unix", "/var/run/nscd/socket", False),
        ("connect", "", "", True),
    ]


def test_a_resolver_is_led_on_until_it_says_the_name(desk: Desk) -> None:
    resolver = desk.decoy(INET, UDP)
    assert desk.ask("setsockopt", resolver, 0, 11) == "pretended"
    assert desk.ask("bind", resolver, *inet("0.0.0.0", 0)) == "pretended"
    assert desk.ask("connect", resolver, *inet("192.0.2.53", 53)) == "pretended"
    query = bytes(12) + b"\x07example\x03com\x00\x00\x01\x00\x01"
    assert desk.ask("sendmmsg", resolver, message((0, 0), query), 2) == "ENETUNREACH"
    assert desk.ask("sendmmsg", resolver, message((0, 0), b"\xff"), 1) == "ENOTCONN"
    assert desk.noted() == [
        ("name lookup", "udp inet", "192.0.2.53:53", True),
        ("name lookup", "dns", "example.com", True),
    ]


def test_a_message_with_an_address_counts_on_a_decoy_and_goes_on_within_the_seal(
    desk: Desk,
) -> None:
    to = message(inet("192.0.2.1", 4433), b"hello")
    assert desk.ask("sendmsg", desk.decoy(INET, UDP), to) == "ENETUNREACH"
    one, other = socket.socketpair()
    with one, other:
        assert desk.ask("sendmsg", one.fileno(), to) == "went on"
        assert desk.ask("setsockopt", one.fileno(), 6, 1) in ("EOPNOTSUPP", "ENOTSUP")
        assert desk.ask("bind", one.fileno(), *memory(b"\x01\0/tmp/x\0")) == "EPERM"
    assert desk.noted() == [
        ("sendmsg", "udp inet", "192.0.2.1:4433", True),
        ("bind", "", "", False),
    ]


def test_a_server_gets_a_socket_that_waits_in_vain_as_long_as_there_is_one() -> None:
    desk = Desk(deaf_sockets()[:1])
    with socket.socket(socket.AF_UNIX) as one, socket.socket(socket.AF_UNIX) as other:
        one.setblocking(False)
        assert desk.ask("bind", one.fileno(), *memory(b"\x01\0/tmp/x\0")) == "pretended"
        assert desk.ask("listen", one.fileno(), 5) == "put in place"
        assert one.getsockname().startswith(b"\0")
        assert not os.get_blocking(one.fileno())
        assert not os.get_inheritable(one.fileno())
        assert desk.ask("bind", other.fileno(), *memory(b"\x01\0/tmp/x\0")) == "EPERM"
        assert desk.ask("listen", other.fileno(), 5) == "EPERM"


def test_a_kernel_that_cannot_put_descriptors_in_place_opens_no_server() -> None:
    desk = Desk(deaf_sockets()[:1])
    desk.listener.can_hand_over = False
    with socket.socket(socket.AF_UNIX) as one:
        assert desk.ask("listen", one.fileno(), 5) == "EPERM"


@pytest.mark.parametrize(
    ("call", "error", "shown"),
    [
        ("listen", "EPERM", "listen"),
        ("ptrace", "EPERM", "ptrace"),
        ("io_uring_setup", "ENOSYS", "io_uring_setup"),
        ("request_key", "ENOSYS", "request_key"),
        ("ioctl", "EPERM", "typing into the terminal"),
        ("600", "ENOSYS", "unknown system call 600"),
    ],
)
def test_everything_else_fails_as_on_a_machine_without_it(
    desk: Desk, call: str, error: str, shown: str
) -> None:
    assert desk.ask(call) == error
    assert desk.noted() == [(shown, "", "", False)]


def test_calls_by_another_interface_count_as_attempts(desk: Desk) -> None:
    assert desk.ask("socket", arch=0x40000003) == "ENOSYS"
    assert desk.ask(str(0x40000000 | 41)) == "ENOSYS"
    assert desk.noted() == [("foreign system call", "", "", True)]


def test_a_call_whose_process_is_gone_needs_no_answer(desk: Desk) -> None:
    desk.listener.call = None
    desk.answers.answer_next()
    assert desk.listener.answers == []


def test_only_so_many_decoys_are_remembered(desk: Desk) -> None:
    first = desk.decoy()
    desk.listener.can_hand_over = False
    for _ in range(5000):
        desk.ask("socket", INET, TCP)
    desk.listener.can_hand_over = True
    desk.ask("connect", first, *inet("192.0.2.1", 443))
    assert ("connect", "inet", "192.0.2.1:443", True) in desk.noted()
