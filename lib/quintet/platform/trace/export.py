"""Sends spans to a collector of the user's, through the same gate as everything that leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from quintet.errors import Kind, QuintetError, UsageError
from quintet.platform.http.message import HttpRequest, HttpResponse, HttpSettings
from quintet.platform.policy.label import Label
from quintet.platform.trace.conventions import LABELS, OPEN
from quintet.platform.trace.otlp import MEDIA_TYPE, export_request
from quintet.version import VERSION

if TYPE_CHECKING:
    from quintet.platform.http.client import Http
    from quintet.platform.trace.told import Told

PURPOSE = "trace"
_PATH = "/v1/traces"
_TIMEOUT_S = 10.0
_ANSWER_BYTES = 64 << 10


class NoEndpoint(QuintetError):
    """Nobody has said where traces go."""

    kind = Kind.UNAVAILABLE
    code = "trace.no_endpoint"


class CollectorRefused(QuintetError):
    """The collector answered, and did not take what it was sent."""

    code = "trace.refused"


class BadHeaders(UsageError):
    """OTEL_EXPORTER_OTLP_HEADERS is not of the form that the specification gives it."""

    code = "trace.bad_headers"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was sent, and why the rest was not. `withheld` spans went without their content."""

    sent: int
    endpoint: str
    withheld: int = 0
    failure: QuintetError | None = None


def endpoint_of(setting: str, env: Mapping[str, str]) -> str:
    """The address of the trace service: our setting, else the variables of OpenTelemetry."""
    own = env.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "")
    if own and not setting:
        return own
    url = (setting or env.get("OTEL_EXPORTER_OTLP_ENDPOINT", "")).rstrip("/")
    if not url:
        raise NoEndpoint(
            "there is no collector to send traces to",
            why="trace.endpoint is not set, nor is OTEL_EXPORTER_OTLP_ENDPOINT",
            hint="ai config set trace.endpoint http://127.0.0.1:4318",
        )
    return url if urlsplit(url).path.endswith(_PATH) else url + _PATH


def headers_of(env: Mapping[str, str]) -> dict[str, str]:
    """Headers that a collector wants, as `name=value,…` with values in percent encoding."""
    name = "OTEL_EXPORTER_OTLP_TRACES_HEADERS"
    name = name if env.get(name) else "OTEL_EXPORTER_OTLP_HEADERS"
    headers: dict[str, str] = {}
    for pair in filter(str.strip, env.get(name, "").split(",")):
        key, equals, value = pair.partition("=")
        if not equals or not key.strip():
            # What stands there may be a key of the user's, so it is not shown.
            raise BadHeaders(f"{name} cannot be read", why="it is not name=value,name=value")
        headers[key.strip().lower()] = unquote(value.strip())
    return headers


class Exporter:
    """One collector."""

    def __init__(self, http: Callable[[], Http], endpoint: str, headers: Mapping[str, str]) -> None:
        self._http = http
        self._endpoint = endpoint
        self._headers = headers

    def send_all(
        self, batches: Iterable[Sequence[Told]], taken: Callable[[Sequence[Told]], None]
    ) -> Outcome:
        """Batch after batch until one is not taken; `taken` hears of each that was."""
        outcome = Outcome(0, self._endpoint)
        for batch in batches:
            if not batch:
                continue
            try:
                withheld = self.send(batch)
            except QuintetError as error:
                return replace(outcome, failure=error)
            taken(batch)
            outcome = replace(
                outcome, sent=outcome.sent + len(batch), withheld=outcome.withheld + withheld
            )
        return outcome

    def send(self, spans: Sequence[Told], *, timeout_s: float = _TIMEOUT_S) -> int:
        """Send spans in one request; how many of them went without their content.

        A trace tells about the user, and words from outside never leave together with that: the
        content of a span stays here unless it is known to have none.
        """
        if not spans:
            return 0
        outward = [_without_foreign_words(span) for span in spans]
        body = export_request(outward, {"service.name": "ai", "service.version": VERSION}, VERSION)
        request = HttpRequest(
            "POST",
            self._endpoint,
            PURPOSE,
            frozenset({Label.PRIVATE}),
            headers={**self._headers, "content-type": MEDIA_TYPE},
            body=body,
            may_repeat=timeout_s >= _TIMEOUT_S,
            settings=_within(timeout_s),
        )
        _require_taken(self._http().send(request), self._endpoint)
        return sum(one is not other for one, other in zip(spans, outward, strict=True))


def _within(timeout_s: float) -> HttpSettings:
    return HttpSettings(
        connect_timeout_s=timeout_s,
        read_timeout_s=timeout_s,
        total_timeout_s=timeout_s,
        response_limit_bytes=_ANSWER_BYTES,
        retries=1,
        redirects=0,
    )


def _without_foreign_words(span: Told) -> Told:
    labels = span.attributes.get(LABELS, ())
    kept = {name: value for name, value in span.attributes.items() if name in OPEN}
    has_content = len(kept) + (LABELS in span.attributes) < len(span.attributes)
    is_known = isinstance(labels, tuple) and labels and Label.UNTRUSTED.value not in labels
    return replace(span, attributes=kept) if has_content and not is_known else span


def _require_taken(response: HttpResponse, endpoint: str) -> None:
    if not response.is_success:
        raise CollectorRefused(
            "the collector did not take the traces",
            why=f"{endpoint} answered {response.status}",
            hint="check the address and OTEL_EXPORTER_OTLP_HEADERS",
        )
