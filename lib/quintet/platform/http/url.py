"""Addresses taken apart once, strictly: what the egress rules see is what is connected to."""

from dataclasses import dataclass
from urllib.parse import quote, urljoin, urlsplit

from quintet.errors import UsageError
from quintet.platform.policy.destination import BadDestination, normal_host

_PORTS = {"http": 80, "https": 443}
_KEPT_IN_TARGET = "%/?#[]@!$&'()*+,;=:~-._"


class BadUrl(UsageError):
    """Text that is no address of a web server."""

    code = "http.bad_url"


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes. `host` is the normal spelling; an IPv6 address has no brackets."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def place(self) -> str:
        """For people: host and port without path or query, which may hold secrets."""
        return f"{_bracketed(self.host)}:{self.port}"

    @property
    def authority(self) -> str:
        """The value of the Host header."""
        return self.place if self.port != _PORTS[self.scheme] else _bracketed(self.host)

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.authority}{self.path}"

    def is_same_server(self, other: "Target") -> bool:
        """Whether secrets meant for one may be shown to the other."""
        return (self.scheme, self.host, self.port) == (other.scheme, other.host, other.port)


def parse_url(text: str) -> Target:
    """The parts of an http or https URL; raises `BadUrl`."""
    if any(ord(char) <= 0x20 or ord(char) == 0x7F for char in text):
        raise _bad(text, "it contains a space or a control character")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise _bad(text, str(error)) from error
    if parts.scheme not in _PORTS:
        raise _bad(text, "it does not begin with http:// or https://")
    if "@" in parts.netloc:
        raise _bad(text, "it holds a name or password, which belong in a header")
    try:
        host = normal_host(parts.hostname or "")
    except BadDestination as error:
        raise _bad(text, error.why) from error
    path = parts.path or "/"
    query = f"?{parts.query}" if parts.query else ""
    return Target(
        scheme=parts.scheme,
        host=host,
        port=_PORTS[parts.scheme] if port is None else port,
        path=quote(path + query, safe=_KEPT_IN_TARGET),
    )


def follow(target: Target, location: str) -> Target:
    """Where a redirect leads; raises `BadUrl`."""
    return parse_url(urljoin(target.url, location))


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _bad(text: str, why: str) -> BadUrl:
    # The path and query may hold secrets; the part before them names the mistake well enough.
    shown = text.partition("?")[0].rpartition("@")[2][:80]
    return BadUrl(f"{shown!r} is not a URL that can be used", why=why)
