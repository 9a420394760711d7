"""What a sealed process tried, read from its own memory while the kernel holds its call."""

import socket
import struct
from typing import NamedTuple

from quintet.platform.confine.procfs import read_start

# Where the C library asks for the names of users and groups. Every `ls -l` may do that, so it is
# refused like the rest but does not count as an attempt to reach somebody.
ACCOUNT_SERVICES = (
    "/var/run/nscd/socket",
    "/run/nscd/socket",
    "/run/systemd/userdb/",
    "/var/lib/sss/pipes/",
)
_ADDRESS_LIMIT_BYTES = 128
_PACKET_LIMIT_BYTES = 512
_DNS_HEADER_BYTES = 12


class Address(NamedTuple):
    """Where a call wanted to go; empty where it could not be read."""

    family: str = ""
    destination: str = ""
    port: int = 0


def family_name(number: int) -> str:
    """The name of an address family as in certificates."""
    try:
        return socket.AddressFamily(number).name.removeprefix("AF_").lower()
    except ValueError:
        return f"family {number}"


def read_memory(pid: int, at: int, size: int) -> bytes:
    """Bytes of another process's memory; none where they cannot be had."""
    try:
        return read_start(f"/proc/{pid}/mem", size, at)
    except (OSError, OverflowError):
        return b""


def address_at(pid: int, at: int, size: int) -> Address:
    """The socket address that a call was given."""
    return parse_address(read_memory(pid, at, min(size & 0xFFFFFFFF, _ADDRESS_LIMIT_BYTES)))


def parse_address(data: bytes) -> Address:
    """A `struct sockaddr` of any family."""
    if len(data) < 2:
        return Address()
    (number,) = struct.unpack_from("<H", data)
    if number == socket.AF_INET and len(data) >= 8:
        (port,) = struct.unpack_from(">H", data, 2)
        return Address("inet", f"{socket.inet_ntop(socket.AF_INET, data[4:8])}:{port}", port)
    if number == socket.AF_INET6 and len(data) >= 24:
        (port,) = struct.unpack_from(">H", data, 2)
        host = socket.inet_ntop(socket.AF_INET6, data[8:24])
        return Address("inet6", f"[{host}]:{port}", port)
    if number == socket.AF_UNIX:
        return Address("unix", _unix_name(data[2:]))
    return Address(family_name(number))


class Message(NamedTuple):
    """Where one message is meant to go, and the first bytes of it."""

    address: Address
    start: bytes


def message_at(pid: int, at: int) -> Message:
    """What a `struct msghdr` says, which is also how a `struct mmsghdr` begins."""
    header = read_memory(pid, at, 32)
    if len(header) < 32:
        return Message(Address(), b"")
    name_at, name_size, vectors_at = struct.unpack_from("<QI4xQ", header)
    vector = read_memory(pid, vectors_at, 16)
    data_at, data_size = struct.unpack("<QQ", vector) if len(vector) == 16 else (0, 0)
    return Message(
        address_at(pid, name_at, name_size) if name_at else Address(),
        read_memory(pid, data_at, min(data_size, _PACKET_LIMIT_BYTES)),
    )


def parse_query(packet: bytes) -> str:
    """The name in the first question of a DNS packet, or nothing."""
    labels: list[str] = []
    at = _DNS_HEADER_BYTES
    while at < len(packet) and 0 < packet[at] < 64:
        label = packet[at + 1 : at + 1 + packet[at]]
        labels.append(label.decode("ascii", "backslashreplace"))
        at += 1 + packet[at]
    is_whole = at < len(packet) and packet[at] == 0
    return ".".join(labels) if is_whole else ""


def is_account_service(destination: str) -> bool:
    """Whether this is one of the C library's own questions about users and groups."""
    return destination.startswith(ACCOUNT_SERVICES) and "/../" not in destination


def _unix_name(name: bytes) -> str:
    if not name or name == b"\0":
        return ""
    if name[:1] == b"\0":
        return "@" + name[1:].decode("utf-8", "backslashreplace")
    return name.partition(b"\0")[0].decode("utf-8", "backslashreplace")
