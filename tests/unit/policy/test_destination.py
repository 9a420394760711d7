"""One spelling for each host, and none that a resolver would read differently."""

import contextlib
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quintet.platform.policy.destination import (
    BadDestination,
    is_loopback,
    matches,
    normal_host,
    normal_pattern,
)


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("API.Example.COM", "api.example.com"),
        ("api.example.com.", "api.example.com"),
        (" localhost ", "localhost"),
        ("[::1]", "::1"),
        ("0:0:0:0:0:0:0:1", "::1"),
        ("::ffff:127.0.0.1", "127.0.0.1"),
        ("::FFFF:7f00:1", "127.0.0.1"),
        ("xn--fa-hia.de", "xn--fa-hia.de"),
        ("_dmarc.example.com", "_dmarc.example.com"),
    ],
)
def test_a_host_has_one_spelling(text: str, host: str) -> None:
    assert normal_host(text) == host


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "a..b",
        "-a.com",
        "faß.de",
        "ехample.com",
        "a b",
        "a\x00b",
        "a\nb",
        "user@host",
        "host:80",
        "http://host",
        "host/path",
        "fe80::1%eth0",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "1.2.3.4.5",
        "0177.0.0.1",
        "*",
        "*.example.com",
        "a" * 64 + ".com",
        ".".join(["abcdefgh"] * 40),
    ],
)
def test_a_name_that_could_mean_several_things_is_refused(text: str) -> None:
    with pytest.raises(BadDestination):
        normal_host(text)


@given(
    st.lists(st.sampled_from(["0", "1", "127", "0x7f", "0177", "255", "4294967295"]), max_size=4)
)
def test_whatever_the_resolver_reads_as_a_number_is_that_address_or_refused(
    parts: list[str],
) -> None:
    text = ".".join(parts)
    try:
        address = socket.inet_ntoa(socket.inet_aton(text))
    except OSError:
        return
    with contextlib.suppress(BadDestination):
        assert normal_host(text) == address


@pytest.mark.parametrize(
    ("pattern", "host", "fits"),
    [
        ("example.com", "example.com", True),
        ("example.com", "api.example.com", False),
        ("*.example.com", "api.example.com", True),
        ("*.example.com", "a.b.example.com", True),
        ("*.example.com", "example.com", False),
        ("*.example.com", "evilexample.com", False),
        ("*.example.com", "example.com.evil.net", False),
        ("10.0.0.0/8", "10.1.2.3", True),
        ("10.0.0.0/8", "11.1.2.3", False),
        ("10.0.0.0/8", "ten.example.com", False),
        ("10.0.0.0/8", "::1", False),
        ("fd00::/8", "fd12::1", True),
        ("fd00::/8", "10.0.0.1", False),
        ("loopback", "127.9.9.9", True),
        ("loopback", "::1", True),
        ("loopback", "localhost", True),
        ("loopback", "localhost.evil.net", False),
        ("loopback", "10.0.0.1", False),
        ("loopback", "0.0.0.0", False),
    ],
)
def test_a_pattern_covers_what_it_says_and_no_more(pattern: str, host: str, fits: bool) -> None:
    assert matches(normal_pattern(pattern), normal_host(host)) is fits


@pytest.mark.parametrize("text", ["*", "*.com", "*.10.0.0.1", "a.*.com", "10.0.0.1/8", "x/8", "/"])
def test_a_pattern_too_wide_or_too_odd_is_refused(text: str) -> None:
    with pytest.raises(BadDestination):
        normal_pattern(text)


def test_only_this_machine_is_loopback() -> None:
    assert is_loopback("localhost")
    assert is_loopback("127.255.0.1")
    assert not is_loopback("localhost.localdomain")
    assert not is_loopback("::")
