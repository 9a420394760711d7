"""What a sealed process meant, read from bytes that it may have made up."""

import socket
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quintet.platform.confine.attempt import (
    Address,
    family_name,
    is_account_service,
    message_at,
    parse_address,
    parse_query,
    read_memory,
)

QUERY_HEAD = b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00"


def inet(host: str, port: int) -> bytes:
    return struct.pack("<H", 2) + struct.pack(">H", port) + socket.inet_aton(host) + bytes(8)


@pytest.mark.parametrize(
    ("data", "address"),
    [
        (inet("93.184.216.34", 443), Address("inet", "93.184.216.34:443", 443)),
        (
            struct.pack("<H", 10) + b"\x00\x35" + bytes(4) + bytes(15) + b"\x01" + bytes(4),
            Address("inet6", "[::1]:53", 53),
        ),
        (b"\x01\x00/run/docker.sock\0junk", Address("unix", "/run/docker.sock")),
        (b"\x01\x00\0@hidden\xff", Address("unix", "@@hidden\\xff")),
        (b"\x01\x00", Address("unix", "")),
        (b"\x00\x00", Address("unspec")),
        (b"\x11\x00" + bytes(20), Address("packet")),
        (b"\xc8\x00", Address("family 200")),
        (b"\x02\x00\x00", Address("inet")),
        (b"\x02", Address()),
        (b"", Address()),
    ],
)
def test_an_address_is_named_as_people_write_it(data: bytes, address: Address) -> None:
    assert parse_address(data) == address


@given(st.binary(max_size=140))
def test_no_bytes_whatever_break_the_reading_of_an_address(data: bytes) -> None:
    address = parse_address(data)
    assert len(address.destination) <= 4 * 140


@given(st.lists(st.from_regex(r"[a-z0-9-]{1,20}", fullmatch=True), min_size=1, max_size=5))
def test_the_name_in_a_question_is_found(labels: list[str]) -> None:
    question = b"".join(bytes([len(label)]) + label.encode() for label in labels)
    assert parse_query(QUERY_HEAD + question + b"\0\x00\x01\x00\x01") == ".".join(labels)


@given(st.binary(max_size=600))
def test_no_bytes_whatever_break_the_reading_of_a_question(packet: bytes) -> None:
    assert len(parse_query(packet)) <= 4 * 600


def test_a_cut_question_names_nothing() -> None:
    whole = QUERY_HEAD + b"\x03abc\x03org\0"
    assert parse_query(whole) == "abc.org"
    for length in range(len(whole)):
        assert parse_query(whole[:length]) == ""


def test_memory_that_is_not_there_reads_as_nothing() -> None:
    for at in (0, 1, 2**47, 2**63, 2**64 - 1):
        assert read_memory(2**22 + 1, at, 16) == b""
    assert message_at(2**22 + 1, 4096).start == b""


def test_families_have_names() -> None:
    assert [family_name(n) for n in (1, 2, 10, 16, 17)] == [
        "unix",
        "inet",
        "inet6",
        "netlink",
        "packet",
    ]


@pytest.mark.parametrize(
    ("path", "is_service"),
    [
        ("/var/run/nscd/socket", True),
        ("/run/systemd/userdb/io.systemd.DynamicUser", True),
        ("/run/systemd/userdb/../../docker.sock", False),
        ("/run/docker.sock", False),
        ("", False),
    ],
)
def test_the_c_librarys_own_questions_are_told_from_others(path: str, is_service: bool) -> None:
    assert is_account_service(path) is is_service
