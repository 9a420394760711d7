"""What goes wrong between two machines, in words that say which of them to look at."""

import ssl
from collections.abc import Generator
from contextlib import contextmanager

from quintet.errors import Kind, QuintetError, UsageError


class HttpFailed(QuintetError):
    """No usable answer came."""

    kind = Kind.UNAVAILABLE
    code = "http.failed"


class NameUnknown(HttpFailed):
    """The name of the host leads nowhere."""

    code = "http.name_unknown"


class NameMisleads(HttpFailed):
    """A name from outside that leads to this machine or its own link."""

    kind = Kind.REFUSED
    code = "http.name_misleads"


class CannotConnect(HttpFailed):
    """Nobody answers there."""

    code = "http.cannot_connect"


class TimedOut(HttpFailed):
    """It took longer than allowed."""

    code = "http.timed_out"


class CutShort(HttpFailed):
    """The connection ended before the answer did."""

    code = "http.cut_short"


class Garbled(HttpFailed):
    """What came back is not what was asked for."""

    code = "http.garbled"


class TooLarge(HttpFailed):
    """More came back than is read."""

    kind = Kind.FAILED
    code = "http.too_large"


class CertificateRefused(HttpFailed):
    """The server could not prove that it is who it claims to be."""

    kind = Kind.REFUSED
    code = "http.certificate_refused"


class BadRedirect(HttpFailed):
    """The server pointed somewhere that is not followed."""

    kind = Kind.FAILED
    code = "http.bad_redirect"


class BadRequest(UsageError):
    """The request could not even be put on the wire."""

    code = "http.bad_request"


@contextmanager
def translated(place: str) -> Generator[None]:
    """Turn what the HTTP library raises inside the block into our own words about a host."""
    import httpcore2

    try:
        yield
    except httpcore2.ConnectTimeout as error:
        raise TimedOut(f"{place} did not answer in time", why="connecting took too long") from error
    except httpcore2.TimeoutException as error:
        raise TimedOut(
            f"{place} did not answer in time",
            why="it accepted the connection and then fell silent or was too slow",
        ) from error
    except httpcore2.ConnectError as error:
        raise _unconnected(place, error) from error
    except httpcore2.ProxyError as error:
        raise CannotConnect(f"the proxy did not let us reach {place}", why=str(error)) from error
    except httpcore2.LocalProtocolError as error:
        raise BadRequest(f"the request to {place} is malformed", why=str(error)) from error
    except httpcore2.RemoteProtocolError as error:
        raise _misspoken(place, str(error)) from error
    except httpcore2.NetworkError as error:
        raise CutShort(
            f"the connection to {place} broke", why=str(error) or "the other side closed it"
        ) from error


def _unconnected(place: str, error: Exception) -> HttpFailed:
    # The library drops the chain of causes but keeps the first as its argument.
    cause = error.args[0] if error.args else None
    if isinstance(cause, ssl.SSLCertVerificationError):
        return CertificateRefused(
            f"{place} could not prove that it is {place}",
            why=cause.verify_message,
            hint="check the clock and the certificates of this machine; nothing was sent",
        )
    if isinstance(cause, ssl.SSLError):
        reason = cause.reason or "the handshake failed"
        return CannotConnect(f"{place} does not speak TLS as expected", why=reason)
    why = str(cause or error)
    if isinstance(cause, ConnectionRefusedError):
        why = "nothing is listening there"
    return CannotConnect(f"could not connect to {place}", why=why)


def _misspoken(place: str, detail: str) -> HttpFailed:
    if "closed connection" in detail or "disconnected" in detail:
        return CutShort(f"{place} closed the connection midway", why="its answer is incomplete")
    return Garbled(f"{place} does not speak HTTP as expected", why=detail[:200])
