"""Names of hosts as they are compared: one spelling for each, and none that a resolver rereads.

Everything here works on text alone. A decision must not need DNS: the question itself would leave.
"""

import ipaddress
import re

from quintet.errors import UsageError

LOOPBACK = "loopback"
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
# "127.1", "0x7f000001" and "2130706433" are all 127.0.0.1 to a resolver and to no rule.
_NUMERIC_LABEL = re.compile(r"[0-9]+|0x[0-9a-f]*")
_MAX_HOST_CHARS = 253

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class BadDestination(UsageError):
    """Text that names no host unambiguously."""

    code = "egress.bad_destination"


def normal_host(text: str) -> str:
    """The one spelling of a host name or address; raises `BadDestination`."""
    host = text.strip().lower()
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    address = address_of(host)
    if address is not None:
        return str(address)
    host = host.removesuffix(".")
    labels = host.split(".")
    if len(host) > _MAX_HOST_CHARS or not all(map(_LABEL.fullmatch, labels)):
        raise _bad(text, "it is neither a host name in ASCII nor an IP address")
    if _NUMERIC_LABEL.fullmatch(labels[-1]):
        raise _bad(text, "it is an address in a spelling that could mean several things")
    return host


def address_of(host: str) -> Address | None:
    """The address that this text spells out in full, or None."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address):
        if address.scope_id is not None:
            return None
        return address.ipv4_mapped or address
    return address


def is_loopback(host: str) -> bool:
    """Whether a normal host stays on this machine, as far as its name tells."""
    address = address_of(host)
    return address.is_loopback if address else host == "localhost"


def normal_pattern(text: str) -> str:
    """The one spelling of what a rule may name: a host, `*.host`, an address, a network, loopback.

    Raises `BadDestination`.
    """
    pattern = text.strip().lower()
    if pattern == LOOPBACK:
        return pattern
    if "/" in pattern:
        try:
            return str(ipaddress.ip_network(pattern))
        except ValueError as error:
            raise _bad(text, str(error)) from error
    if pattern.startswith("*."):
        suffix = normal_host(pattern[2:])
        if "." not in suffix or address_of(suffix):
            raise _bad(text, "a wildcard must stand before a domain, as in *.example.com")
        return f"*.{suffix}"
    return normal_host(pattern)


def matches(pattern: str, host: str) -> bool:
    """Whether a normal pattern covers a normal host. Networks cover addresses, never names."""
    if pattern == LOOPBACK:
        return is_loopback(host)
    if pattern.startswith("*."):
        return host.endswith(pattern[1:]) and len(host) > len(pattern) - 1
    if "/" in pattern:
        address = address_of(host)
        return address is not None and address in ipaddress.ip_network(pattern)
    return pattern == host


def _bad(text: str, why: str) -> BadDestination:
    return BadDestination(f"{text[:80]!r} is not a destination", why=why)
