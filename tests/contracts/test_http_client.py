"""The HTTP client against real sockets on loopback: slow, garbled, cut, huge and treacherous."""

import datetime
import socket
import ssl
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from quintet.errors import Kind
from quintet.platform.clock import Clock, SystemClock
from quintet.platform.http.client import Http
from quintet.platform.http.failure import (
    BadRedirect,
    BadRequest,
    CannotConnect,
    CertificateRefused,
    CutShort,
    Garbled,
    HttpFailed,
    NameMisleads,
    NameUnknown,
    TimedOut,
    TooLarge,
)
from quintet.platform.http.message import HttpRequest, HttpSettings
from quintet.platform.http.url import BadUrl
from quintet.platform.policy.attempt import Attempt
from quintet.platform.policy.egress import (
    Egress,
    EgressNeedsApproval,
    EgressRefused,
    sending,
)
from quintet.platform.policy.gate import Gate
from quintet.platform.policy.label import Label, Labels
from quintet.platform.policy.plan import Plan, Risk
from quintet.platform.policy.rule import Request, Rule
from quintet.platform.rng import SeededRng
from support.consent import Person, World, a_gate
from support.rawserver import Answer, RawServer, raw, reply

PAIR: Labels = frozenset({Label.PRIVATE, Label.UNTRUSTED})
HERE = Rule("127.0.0.1", purpose="test", data=frozenset(Label))
QUICK = HttpSettings(
    connect_timeout_s=2,
    read_timeout_s=0.3,
    total_timeout_s=5,
    response_limit_bytes=10_000,
    line_limit_bytes=1_000,
    retries=0,
)


class NoSleep(SystemClock):
    """Real time, but nobody waits between repeats; the waits are kept."""

    def __init__(self) -> None:
        self.waits: list[float] = []

    def sleep(self, duration_s: float) -> None:
        self.waits.append(duration_s)


class Door:
    """Egress rules with the attempts that were made."""

    def __init__(self, *rules: Rule, gate: Gate | None = None) -> None:
        self.given = rules or (HERE,)
        self.attempts: list[Attempt] = []
        self.egress = Egress(self, self, SystemClock(), gate)

    def rules(self) -> tuple[Rule, ...]:
        return self.given

    def append(self, attempt: Attempt) -> None:
        self.attempts.append(attempt)


def a_client(
    door: Door | None = None, settings: HttpSettings = QUICK, clock: Clock | None = None
) -> Http:
    egress = (door or Door()).egress
    return Http(egress, clock=clock or NoSleep(), rng=SeededRng(1), settings=settings)


def get(url: str, labels: Labels = frozenset(), **more: object) -> HttpRequest:
    fields = {"method": "GET", "url": url, "purpose": "test", "labels": labels, **more}
    return HttpRequest(**fields)  # type: ignore[arg-type]


def test_an_answer_comes_back_whole_with_plain_headers() -> None:
    with RawServer(reply("200 OK", b'{"a": 1}', "X-A: 1", "x-a: 2")) as server, a_client() as http:
        response = http.send(get(f"{server.url}/path?q=ü", headers={"X-Key": "k"}))
    assert (response.status, response.json(), response.headers["x-a"]) == (200, {"a": 1}, "1, 2")
    head = server.requests[0].decode()
    assert head.startswith("GET /path?q=%C3%BC HTTP/1.1\r\n")
    assert "accept-encoding: identity" in head
    assert "x-key: k" in head
    assert f"host: 127.0.0.1:{server.port}" in head


def test_a_body_is_sent_and_a_connection_is_used_again() -> None:
    with RawServer(reply()) as server, a_client() as http:
        for body in (b"one", b""):
            http.send(get(server.url, method="POST", body=body))
    assert [request.endswith(b"\r\n\r\none") for request in server.requests] == [True, False]
    assert b"content-length: 0" in server.requests[1]
    assert server.connections == 1


@pytest.mark.demand("EGRESS-1")
def test_nothing_is_connected_or_looked_up_before_the_rules_say_yes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[object] = []
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **_: asked.append(args))
    with RawServer(reply()) as server, a_client(Door(Rule("x.y", is_deny=True))) as http:
        for url in (server.url, "http://secret-name.example.com/"):
            with pytest.raises(EgressRefused):
                http.send(get(url))
    assert server.connections == 0
    assert asked == []


@pytest.mark.demand("EGRESS-6")
def test_a_redirect_to_a_place_without_a_rule_is_not_followed() -> None:
    with RawServer(reply()) as evil:
        to_evil = f"Location: http://localhost:{evil.port}/?stolen=1"
        door = Door()
        with (
            RawServer(reply("302 Found", b"", to_evil)) as server,
            a_client(door) as http,
            pytest.raises(EgressRefused) as caught,
        ):
            http.send(get(server.url))
    assert evil.connections == 0
    assert caught.value.details["destination"] == "localhost"
    assert [attempt.verdict for attempt in door.attempts] == ["allowed", "denied"]


def test_a_redirect_to_an_allowed_place_is_followed_without_the_secrets_of_the_first() -> None:
    door = Door(HERE, Rule("localhost", purpose="test", data=frozenset(Label)))
    with RawServer(reply("200 OK", b"end")) as second:
        to_second = f"Location: http://localhost:{second.port}/next"
        with RawServer(reply("303 See Other", b"", to_second)) as first, a_client(door) as http:
            headers = {"Authorization": "Bearer k", "Accept": "text/plain"}
            request = get(first.url, method="POST", body=b"data", headers=headers)
            assert http.send(request).body == b"end"
    sent = second.requests[0].decode()
    assert sent.startswith("GET /next")
    assert "Bearer" not in sent
    assert "accept: text/plain" in sent
    assert "data" not in sent


def test_a_redirect_that_keeps_the_method_sends_the_body_again() -> None:
    again = reply("307 Temporary Redirect", b"", "Location: /other")
    with RawServer(again, reply("200 OK", b"end")) as server, a_client() as http:
        http.send(get(server.url, method="POST", body=b"data", headers={"X-Key": "k"}))
    assert server.requests[1].startswith(b"POST /other")
    assert server.requests[1].endswith(b"data")
    assert b"x-key: k" in server.requests[1]


def test_redirects_in_circles_and_to_nowhere_end() -> None:
    for location, words in (("/", "in circles"), ("gopher://x", "to nowhere"), ("/\t", "circles")):
        round_trip = reply("302 Found", b"", f"Location: {location}")
        with (
            RawServer(round_trip) as server,
            a_client() as http,
            pytest.raises(BadRedirect, match=words),
        ):
            http.send(get(server.url))
        assert len(server.requests) <= QUICK.redirects + 1


def test_a_server_that_says_nothing_is_left_after_the_read_timeout() -> None:
    with RawServer(lambda _: server.pause(5)) as server, a_client() as http:
        started = time.monotonic()
        with pytest.raises(TimedOut) as caught:
            http.send(get(server.url))
    assert time.monotonic() - started < 2
    assert caught.value.kind is Kind.UNAVAILABLE


def _dripping(first: bytes) -> Answer:
    def answer(connection: socket.socket) -> None:
        connection.sendall(first)
        for _ in range(100):
            time.sleep(0.05)
            connection.sendall(b"x")

    return answer


@pytest.mark.parametrize(
    "first", [b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"]
)
def test_a_server_that_drips_is_left_when_the_total_time_is_up(first: bytes) -> None:
    settings = HttpSettings(read_timeout_s=0.3, total_timeout_s=0.6, retries=0)
    with RawServer(_dripping(first)) as server, a_client(settings=settings) as http:
        started = time.monotonic()
        with pytest.raises(TimedOut):
            http.send(get(server.url))
        assert time.monotonic() - started < 2


@pytest.mark.parametrize(
    "data",
    [
        b"\x00\xff\x00garbage\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        b"HTTP/1.1 banana OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: banana\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"a" * 300_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: a\r\n" * 100_000 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nhi",
    ],
)
def test_what_is_not_http_as_asked_for_is_called_garbled(data: bytes) -> None:
    with RawServer(raw(data)) as server, a_client() as http, pytest.raises(Garbled):
        http.send(get(server.url))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"HTTP/1.1 200",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhal",
    ],
)
def test_an_answer_that_ends_midway_is_never_taken_for_whole(data: bytes) -> None:
    with RawServer(raw(data)) as server, a_client() as http, pytest.raises(CutShort):
        http.send(get(server.url))


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 999999999999999999\r\n\r\nx",
        b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 20_000,
    ],
)
def test_more_than_the_limit_is_not_read(data: bytes) -> None:
    with RawServer(raw(data)) as server, a_client() as http, pytest.raises(TooLarge):
        http.send(get(server.url))


def test_a_busy_server_is_asked_again_after_the_time_that_it_names() -> None:
    clock = NoSleep()
    busy = reply("429 Too Many Requests", b"", "Retry-After: 7")
    settings = HttpSettings(retries=2)
    with (
        RawServer(busy, reply("200 OK", b"now")) as server,
        a_client(settings=settings, clock=clock) as http,
    ):
        assert http.send(get(server.url)).body == b"now"
    assert clock.waits == [7.0]


def test_patience_ends_and_the_last_answer_is_handed_out() -> None:
    clock = NoSleep()
    settings = HttpSettings(retries=2)
    with (
        RawServer(reply("503 Busy", b"no")) as server,
        a_client(settings=settings, clock=clock) as http,
    ):
        assert http.send(get(server.url)).status == 503
    assert len(server.requests) == 3
    assert 0.25 <= clock.waits[0] <= 0.5 <= clock.waits[1] <= 1.0


@pytest.mark.parametrize("wait", ["121", "99999999999", "Fri, 01 Jan 2099 00:00:00 GMT"])
def test_a_server_that_asks_for_too_much_patience_is_not_waited_for(wait: str) -> None:
    clock = NoSleep()
    with (
        RawServer(reply("429 Busy", b"", f"Retry-After: {wait}")) as server,
        a_client(settings=HttpSettings(), clock=clock) as http,
    ):
        assert http.send(get(server.url)).status == 429
    assert clock.waits == []


def test_a_request_that_must_not_be_repeated_is_sent_once() -> None:
    for answer in (reply("503 Busy"), raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx")):
        with (
            RawServer(answer) as server,
            a_client(settings=HttpSettings(retries=3)) as http,
            suppress(CutShort),
        ):
            assert http.send(get(server.url, method="POST")).status == 503
        assert len(server.requests) == 1


def test_a_caller_may_vouch_that_a_post_can_be_repeated() -> None:
    cut = raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx")
    settings = HttpSettings(retries=3)
    with (
        RawServer(cut, cut, reply("200 OK", b"whole")) as server,
        a_client(settings=settings) as http,
    ):
        request = get(server.url, method="POST", may_repeat=True)
        assert http.send(request).body == b"whole"


def test_a_repeat_is_the_same_attempt_and_is_written_down_once() -> None:
    door = Door()
    settings = HttpSettings(retries=1)
    with RawServer(reply("503 Busy"), reply()) as server, a_client(door, settings) as http:
        http.send(get(server.url))
    assert len(door.attempts) == 1


def test_a_streamed_answer_gives_events_as_they_come() -> None:
    def answer(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n")
        assert first_seen
        connection.sendall(b"event: end\r\ndata: a\r\ndata: b\r\n\r\ndata: cut off")
        connection.shutdown(socket.SHUT_RDWR)

    first_seen: list[str] = []
    waited = HttpSettings(retries=0)
    with RawServer(answer) as server, a_client(settings=waited) as http:
        first_seen.append("by then")
        with http.stream(get(server.url)) as stream:
            events = [(event.event, event.data) for event in stream.events()]
    assert events == [("message", "1"), ("end", "a\nb")]


def test_a_stream_without_line_ends_is_bounded() -> None:
    with (
        RawServer(raw(b"HTTP/1.1 200 OK\r\n\r\ndata: " + b"x" * 5000)) as server,
        a_client() as http,
        http.stream(get(server.url)) as stream,
        pytest.raises(TooLarge),
    ):
        list(stream.events())


def test_a_stream_that_is_left_early_does_not_poison_the_next_request() -> None:
    with (
        RawServer(reply("200 OK", b"a\nb\nc\n"), reply("200 OK", b"next")) as server,
        a_client() as http,
    ):
        with http.stream(get(server.url)) as stream:
            assert next(stream.lines()) == "a"
        assert http.send(get(server.url)).body == b"next"


def test_nobody_listening_is_said_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with a_client(settings=HttpSettings()) as http, pytest.raises(CannotConnect) as caught:
        http.send(get(f"http://127.0.0.1:{port}/"))
    assert caught.value.why == "nothing is listening there"


@contextmanager
def names(monkeypatch: pytest.MonkeyPatch, table: dict[str, list[str]]) -> Generator[None]:
    """A resolver that knows these names alone."""

    def getaddrinfo(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        if host not in table:
            raise socket.gaierror(-2, "Name or service not known")
        return [(2, 1, 6, "", (address, port)) for address in table[host]]

    with monkeypatch.context() as patched:
        patched.setattr(socket, "getaddrinfo", getaddrinfo)
        yield


def test_an_unknown_name_is_said_in_plain_words(monkeypatch: pytest.MonkeyPatch) -> None:
    door = Door(Rule("api.example.com", purpose="test"))
    with names(monkeypatch, {}), a_client(door) as http, pytest.raises(NameUnknown):
        http.send(get("http://api.example.com/"))


@pytest.mark.demand("EGRESS-7")
@pytest.mark.parametrize(
    "address", ["127.0.0.1", "169.254.169.254", "0.0.0.0", "::1", "::ffff:127.0.0.1", "fe80::1%2"]
)
def test_a_name_from_outside_never_leads_back_to_this_machine(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    with RawServer(reply()) as server:
        door = Door(Rule("api.example.com", purpose="test"))
        with (
            names(monkeypatch, {"api.example.com": [address]}),
            a_client(door) as http,
            pytest.raises(NameMisleads),
        ):
            http.send(get(f"http://api.example.com:{server.port}/"))
    assert server.connections == 0


def test_localhost_is_believed_only_when_it_is_here(monkeypatch: pytest.MonkeyPatch) -> None:
    door = Door(Rule("localhost", purpose="test"))
    with (
        names(monkeypatch, {"localhost": ["203.0.113.9"]}),
        a_client(door) as http,
        pytest.raises(NameMisleads),
    ):
        http.send(get("http://localhost:1/"))


def test_a_resolver_that_hangs_does_not_hang_us(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()

    def hanging(*_: object, **__: object) -> list[object]:
        over.wait(3)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hanging)
    settings = HttpSettings(connect_timeout_s=0.2, retries=0)
    with a_client(Door(Rule("api.example.com", purpose="test")), settings) as http:
        started = time.monotonic()
        with pytest.raises(TimedOut):
            http.send(get("http://api.example.com/"))
    assert time.monotonic() - started < 2
    over.set()


def test_a_resolver_that_breaks_is_not_taken_for_a_slow_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(socket, "getaddrinfo", broken)
    door = Door(Rule("api.example.com", purpose="test"))
    with a_client(door) as http, pytest.raises(RuntimeError, match="a fault of ours"):
        http.send(get("http://api.example.com/"))


@pytest.mark.parametrize(
    "url",
    [
        "",
        "file:///etc/passwd",
        "http://",
        "http://a b/",
        "http://x/\r\nHost: y",
        "http://u:p@h/",
        "http://[::1",
        "http://h:99999/",
        "http://2130706433/",
        "http://faß.de/",
    ],
)
def test_what_is_no_url_is_refused_without_showing_secrets(url: str) -> None:
    with a_client() as http, pytest.raises(BadUrl) as caught:
        http.send(get(url))
    assert "u:p" not in str(caught.value)


def test_a_key_with_a_stray_line_break_is_named_but_not_shown() -> None:
    with RawServer(reply()) as server, a_client() as http:
        for value in ("sk-SECRET\n", "sk-SECRET\x00", "sk-SECRÉT"):
            with pytest.raises(BadRequest) as caught:
                http.send(get(server.url, headers={"Authorization": value}))
            assert "SECR" not in f"{caught.value}{caught.value.hint}"
    assert server.requests == []


@pytest.mark.demand("EGRESS-3")
def test_an_approved_message_goes_out_once_and_no_other(tmp_path: Path) -> None:
    gate = a_gate(tmp_path, World())
    with RawServer(reply("503 Busy"), reply("200 OK", b"ok")) as server:
        door = Door(Rule("127.0.0.1", purpose="test", data=frozenset(Label), line=1), gate=gate)
        message = get(server.url, PAIR, method="POST", body=b"Dear bank", may_repeat=True)
        effect = sending(Request("127.0.0.1", server.port, "test", PAIR), message.payload_sha256)
        plan = Plan("life", "send", "answer the bank", (effect,), risk=Risk.SEVERE)
        approved = {"approval": gate.approve(plan, Person()), "settings": HttpSettings()}
        common = {"method": "POST", "may_repeat": True}
        with a_client(door) as http:
            with pytest.raises(EgressNeedsApproval):
                http.send(message)
            assert server.requests == []
            # One message, even where the first try met a busy server.
            sent = get(server.url, PAIR, body=b"Dear bank", **common, **approved)
            assert http.send(sent).body == b"ok"
            for body in (b"Dear bank", b"Dear thief"):
                with pytest.raises(Exception, match="does not cover"):
                    http.send(get(server.url, PAIR, body=body, **common, **approved))
    assert len(server.requests) == 2


@pytest.mark.demand("EGRESS-3")
def test_an_approved_message_does_not_follow_a_redirect_to_somebody_else(tmp_path: Path) -> None:
    gate = a_gate(tmp_path, World())
    every = frozenset(Label)
    rules = [Rule(host, purpose="test", data=every, line=1) for host in ("127.0.0.1", "localhost")]
    with RawServer(reply()) as other:
        to_other = f"Location: http://localhost:{other.port}/"
        with RawServer(reply("307 Temporary Redirect", b"", to_other)) as server:
            message = get(server.url, PAIR, method="POST", body=b"Dear bank")
            request = Request("127.0.0.1", server.port, "test", PAIR)
            effect = sending(request, message.payload_sha256)
            plan = Plan("life", "send", "answer the bank", (effect,), risk=Risk.SEVERE)
            approval = gate.approve(plan, Person())
            sent = get(server.url, PAIR, method="POST", body=b"Dear bank", approval=approval)
            with a_client(Door(*rules, gate=gate)) as http, pytest.raises(EgressNeedsApproval):
                http.send(sent)
    assert len(server.requests) == 1
    assert other.requests == []


def test_a_proxy_is_used_only_when_configured_and_only_with_a_rule_of_its_own() -> None:
    proxied = reply("200 OK", b"by the proxy")
    far = Rule("far.example.com", purpose="test")
    with RawServer(proxied) as proxy:
        settings = HttpSettings(proxy=proxy.url, retries=0)
        with a_client(Door(far), settings) as http, pytest.raises(EgressRefused):
            http.send(get("http://far.example.com/x"))
        assert proxy.connections == 0
        door = Door(far, Rule("127.0.0.1", purpose="proxy"))
        with a_client(door, settings) as http:
            assert http.send(get("http://far.example.com/x")).body == b"by the proxy"
    assert proxy.requests[0].startswith(b"GET http://far.example.com:80/x HTTP/1.1")


def test_proxy_variables_of_the_environment_are_not_obeyed(monkeypatch: pytest.MonkeyPatch) -> None:
    with RawServer(reply("200 OK", b"direct")) as server, a_client() as http:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, "http://127.0.0.1:1")
        assert http.send(get(server.url)).body == b"direct"


def _self_signed(tmp_path: Path) -> ssl.SSLContext:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1)
    lasting = builder.not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1))
    pem = lasting.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path = tmp_path / "server.pem"
    path.write_bytes(pem + secret)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


def test_a_server_that_cannot_prove_its_name_gets_nothing(tmp_path: Path) -> None:
    with (
        RawServer(reply(), context=_self_signed(tmp_path)) as server,
        a_client() as http,
        pytest.raises(CertificateRefused) as caught,
    ):
        http.send(get(f"https://127.0.0.1:{server.port}/?secret"))
    assert caught.value.kind is Kind.REFUSED
    assert server.requests == []


def test_tls_to_a_server_that_speaks_none_is_said_in_plain_words() -> None:
    with (
        RawServer(raw(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as server,
        a_client() as http,
        pytest.raises(HttpFailed),
    ):
        http.send(get(f"https://127.0.0.1:{server.port}/"))


def test_every_connection_is_announced_to_the_guard_of_this_process() -> None:
    passed: list[tuple[str, int]] = []

    @contextmanager
    def passage(host: str, port: int) -> Generator[None]:
        passed.append((host, port))
        yield

    with RawServer(reply()) as server:
        http = Http(Door().egress, clock=NoSleep(), rng=SeededRng(1), passage=passage)
        with http:
            http.send(get(server.url))
    assert passed == [("127.0.0.1", server.port)]
