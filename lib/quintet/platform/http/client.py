"""Speaks HTTP with servers that the egress rules allow, and only with those.

Every hop of every request asks the rules before a name is looked up. Answers are bounded in time
and size, nothing is kept between requests but open connections, and no proxy is used unless one is
configured.
"""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Generator
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from quintet.platform.clock import Clock
from quintet.platform.http.exchange import Exchange
from quintet.platform.http.failure import BadRedirect, BadRequest, CutShort, TimedOut, translated
from quintet.platform.http.message import HttpRequest, HttpResponse, HttpSettings
from quintet.platform.http.retry import is_busy
from quintet.platform.http.stream import HttpStream
from quintet.platform.http.url import BadUrl, Target, follow, parse_url
from quintet.platform.policy.destination import is_loopback
from quintet.platform.policy.egress import Consent
from quintet.platform.policy.label import Labels
from quintet.platform.rng import Rng
from quintet.platform.trace import conventions
from quintet.platform.trace.span import Span, begin

if TYPE_CHECKING:
    import httpcore2

    from quintet.platform.http.dial import Dialer, Passage

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_KEEPS_METHOD = frozenset({307, 308})
# What another server may see of a request that was meant for the first.
_HARMLESS_HEADERS = frozenset({"accept", "accept-language", "content-type", "user-agent"})
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


class Way(Protocol):
    """The part of the egress rules that the client needs."""

    def require(
        self,
        destination: str,
        port: int,
        *,
        purpose: str,
        labels: Labels,
        consent: Consent | None = None,
    ) -> None: ...


def _anywhere(_host: str, _port: int) -> contextlib.AbstractContextManager[None]:
    return contextlib.nullcontext()


class Http:
    """The client. Several threads may use it; close it, or use it in a `with` block.

    `passage` is entered around each name lookup and connection.
    """

    def __init__(
        self,
        egress: Way,
        *,
        clock: Clock,
        rng: Rng,
        settings: HttpSettings | None = None,
        passage: Passage | None = None,
    ) -> None:
        self._egress = egress
        self._clock = clock
        self._rng = rng
        self._settings = settings or HttpSettings()
        self._passage = passage or _anywhere
        self._lock = threading.Lock()
        self._made_dialer: Dialer | None = None
        self._pools: dict[str, httpcore2.ConnectionPool] = {}

    def __enter__(self) -> Http:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection; the client can be used again afterwards."""
        with self._lock:
            for pool in self._pools.values():
                pool.close()
            self._pools.clear()

    def send(self, request: HttpRequest) -> HttpResponse:
        """The whole answer, whatever its status; raises `EgressRefused` or `HttpFailed`."""
        with _traced(request) as span:
            exchange = self._exchange(request)
            while True:
                with contextlib.closing(self._answer(request, exchange)) as stream:
                    try:
                        response = stream.whole()
                    except (CutShort, TimedOut):
                        if not request.is_repeatable or not exchange.waited():
                            raise
                        continue
                _tell(span, exchange, response.status)
                return response

    @contextlib.contextmanager
    def stream(self, request: HttpRequest) -> Generator[HttpStream]:
        """An answer as it arrives. Once its status is known, nothing is repeated."""
        with _traced(request) as span:
            exchange = self._exchange(request)
            with contextlib.closing(self._answer(request, exchange)) as stream:
                _tell(span, exchange, stream.status)
                yield stream

    def _exchange(self, request: HttpRequest) -> Exchange:
        settings = request.settings or self._settings
        deadline_s = self._clock.monotonic_s() + settings.total_timeout_s
        return Exchange(settings, deadline_s, self._clock, self._rng, self._dialer())

    def _answer(self, request: HttpRequest, exchange: Exchange) -> HttpStream:
        """The first answer that is no plea to come back later, or the last of our patience."""
        while True:
            try:
                stream = self._followed(request, exchange)
            except (CutShort, TimedOut):
                if not request.is_repeatable or not exchange.waited():
                    raise
                continue
            retry_after = stream.headers.get("retry-after", "")
            is_final = not is_busy(stream.status) or not request.is_repeatable
            if is_final or not exchange.waited(retry_after):
                return stream
            stream.close()

    def _followed(self, request: HttpRequest, exchange: Exchange) -> HttpStream:
        """The answer behind all redirects, each hop of which asks the rules."""
        target = parse_url(request.url)
        consent = Consent(request.approval, request.payload_sha256) if request.approval else None
        for _ in range(exchange.settings.redirects + 1):
            self._permit(target, request, exchange, consent)
            stream = self._asked(target, request, exchange)
            location = stream.headers.get("location", "")
            if stream.status not in _REDIRECTS or not location:
                return stream
            stream.close()
            origin, target = target, _redirected(target, location)
            request = _for_next_hop(request, origin, target, stream.status)
            # A person approved one destination; wherever it points to was never shown to them.
            consent = None
        raise BadRedirect(
            f"{target.place} redirects in circles",
            why=f"{exchange.settings.redirects} redirects were followed",
        )

    def _permit(
        self, target: Target, request: HttpRequest, exchange: Exchange, consent: Consent | None
    ) -> None:
        """Ask the rules, once for each server of an exchange: a repeat is the same request."""
        server = (target.host, target.port)
        if server in exchange.permitted:
            return
        proxy = self._proxy_for(target, exchange.settings)
        if proxy is not None:
            # A proxy reads what it passes on, so it is a destination too.
            self._egress.require(proxy.host, proxy.port, purpose="proxy", labels=request.labels)
        self._egress.require(
            target.host,
            target.port,
            purpose=request.purpose,
            labels=request.labels,
            consent=consent,
        )
        exchange.permitted.add(server)

    def _asked(self, target: Target, request: HttpRequest, exchange: Exchange) -> HttpStream:
        """One request to one server, and the beginning of its answer."""
        import httpcore2

        settings = exchange.settings
        timeout = {
            "connect": settings.connect_timeout_s,
            "pool": settings.connect_timeout_s,
            "read": settings.read_timeout_s,
            "write": settings.read_timeout_s,
        }
        outgoing = httpcore2.Request(
            method=request.method,
            url=httpcore2.URL(
                scheme=target.scheme.encode(),
                host=target.host.encode(),
                port=target.port,
                target=target.path.encode(),
            ),
            headers=_wire_headers(target, request),
            content=request.body,
            extensions={"timeout": timeout},
        )
        with translated(target.place), exchange.bounded():
            response = self._pool(self._proxy_for(target, settings)).handle_request(outgoing)
        return HttpStream(exchange, response, target)

    def _proxy_for(self, target: Target, settings: HttpSettings) -> Target | None:
        if not settings.proxy or is_loopback(target.host):
            return None
        return parse_url(settings.proxy)

    def _dialer(self) -> Dialer:
        from quintet.platform.http.dial import Dialer

        with self._lock:
            if self._made_dialer is None:
                self._made_dialer = Dialer(self._clock, self._passage)
            return self._made_dialer

    def _pool(self, proxy: Target | None) -> httpcore2.ConnectionPool:
        import httpcore2

        name = proxy.url if proxy else ""
        dialer = self._dialer()
        with self._lock:
            if name not in self._pools:
                self._pools[name] = httpcore2.ConnectionPool(
                    proxy=httpcore2.Proxy(name) if name else None,
                    keepalive_expiry=30.0,
                    network_backend=dialer,
                )
            return self._pools[name]


@contextlib.contextmanager
def _traced(request: HttpRequest) -> Generator[Span]:
    """A span for a whole exchange; nothing that is done meanwhile stands below it."""
    target = parse_url(request.url)
    span = begin(conventions.http(request.method, target.host, target.port))
    try:
        yield span
    except BaseException as error:
        span.fail(error)
        raise
    finally:
        span.end()


def _tell(span: Span, exchange: Exchange, status: int) -> None:
    span.set(conventions.HTTP_STATUS, status)
    if exchange.repeats:
        span.set(conventions.RESENDS, exchange.repeats)
    if status >= 400:
        span.fail(str(status))


def _redirected(target: Target, location: str) -> Target:
    try:
        following = follow(target, location)
    except BadUrl as error:
        raise BadRedirect(f"{target.place} redirects to nowhere", why=error.why) from error
    if target.scheme == "https" and following.scheme != "https":
        raise BadRedirect(
            f"{target.place} redirects to a place without encryption", why=following.place
        )
    return following


def _for_next_hop(request: HttpRequest, origin: Target, target: Target, status: int) -> HttpRequest:
    """The request as the next server may see it: no secret of the first, no unasked-for body."""
    headers = request.headers
    if not origin.is_same_server(target):
        headers = {n: v for n, v in headers.items() if n.lower() in _HARMLESS_HEADERS}
    if status in _KEEPS_METHOD or request.method in ("GET", "HEAD"):
        return replace(request, headers=headers)
    return replace(request, method="GET", headers=headers, body=b"")


def _wire_headers(target: Target, request: HttpRequest) -> list[tuple[bytes, bytes]]:
    headers = {"user-agent": "ai", "accept": "*/*"}
    for name, value in request.headers.items():
        if not _HEADER_NAME.fullmatch(name) or not value.isprintable() or not value.isascii():
            # The value may be a key, so it is not shown.
            raise BadRequest(
                f"the header {name!r} cannot be sent",
                why="it contains a line break or a character that headers do not have",
                hint="if it holds a key, check that its file or variable has no stray line break",
            )
        headers[name.lower()] = value
    headers |= {"host": target.authority, "accept-encoding": "identity"}
    if request.body or request.method in ("POST", "PUT", "PATCH"):
        headers["content-length"] = str(len(request.body))
    return [(name.encode(), value.encode()) for name, value in headers.items()]
