"""Talks JSON with a model server: sends, understands refusals, and reads streamed events.

What the two wire formats share stands here; what a request and an answer look like stands in
their adapters.
"""

import json
import re
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import Any, Protocol, cast

from quintet.errors import QuintetError, UsageError
from quintet.models.dig import dig, dig_text
from quintet.models.port import (
    ContextExceeded,
    LoginNeeded,
    ModelBusy,
    ModelFailed,
    ModelUnavailable,
    Request,
    RequestRefused,
    SchemaUnsupported,
)
from quintet.models.registry import Services, Spec, model_and_address
from quintet.models.secret import Secret, read_secret
from quintet.models.settings import ModelSettings
from quintet.models.strict_json import JsonInvalid, parse_json
from quintet.platform.clock import Clock
from quintet.platform.http.client import HttpStream
from quintet.platform.http.failure import CannotConnect, HttpFailed, NameUnknown, TimedOut
from quintet.platform.http.message import HttpRequest, HttpResponse, HttpSettings
from quintet.platform.http.url import parse_url
from quintet.platform.masking import masked
from quintet.platform.policy.destination import is_loopback
from quintet.platform.policy.plain import plain_text

PURPOSE = "model"
ATTEMPTS = 3
LONGEST_WAIT_S = 20.0
_SHOWN_CHARS = 300
_TOO_LONG = re.compile(
    r"context.{0,30}(length|size|window|exceed)|maximum context|prompt is too long|too many tokens",
    re.IGNORECASE,
)
_ABOUT_SCHEMA = re.compile(
    r"response_?format|json_?schema|output_config|grammar|structured output", re.IGNORECASE
)


class HttpClient(Protocol):
    """The part of the HTTP client that model servers are reached with."""

    def send(self, request: HttpRequest) -> HttpResponse: ...

    def stream(self, request: HttpRequest) -> AbstractContextManager[HttpStream]: ...


class KeyOverPlainHttp(UsageError):
    """The key would travel readable for everybody on the way."""

    code = "models.key_over_plain_http"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a model is served, under which name, and how its key is got when it is needed."""

    name: str
    base_url: str
    model: str
    read_key: Callable[[], Secret | None]
    settings: HttpSettings


def endpoint_of(spec: Spec, services: Services) -> Endpoint:
    """The endpoint of a spec. A key is sent to the host that it was given for, nowhere else."""
    model, url = model_and_address(spec)
    settings = services.settings
    reference = key_reference(url, settings)

    def read_key() -> Secret | None:
        return read_secret(reference, services.env, services.vault) if reference else None

    # A model may think for long before its first word.
    patient = replace(
        services.http_settings,
        read_timeout_s=settings.timeout_s,
        total_timeout_s=settings.timeout_s,
    )
    return Endpoint(str(spec), url, model, read_key, patient)


def key_reference(url: str, settings: ModelSettings) -> str:
    """Where the key for an address lies; empty where none is wanted."""
    target = parse_url(url)
    references = {
        "api.openai.com:443": settings.openai_key,
        "api.anthropic.com:443": settings.anthropic_key,
        **settings.keys,
    }
    return references.get(target.place) or references.get(target.host, "")


class Server:
    """One endpoint, asked over and over."""

    def __init__(self, endpoint: Endpoint, http: HttpClient, clock: Clock) -> None:
        self._endpoint = endpoint
        self._target = parse_url(endpoint.base_url)
        self._http = http
        self._clock = clock

    @property
    def place(self) -> str:
        return self._target.place

    def key(self) -> str:
        """The key in the clear, for a header; empty where the server wants none."""
        secret = self._endpoint.read_key()
        if secret is None:
            return ""
        if self._target.scheme != "https" and not is_loopback(self._target.host):
            raise KeyOverPlainHttp(
                f"the key for {self.place} is not sent",
                why="the address begins with http://, so anybody on the way could read it",
                hint=f"use https://{self.place}",
            )
        return secret.reveal()

    def ask(self, request: Request, sending: "Sending") -> Any:
        """The whole answer as JSON."""
        for attempt in range(ATTEMPTS):
            with self._explained():
                response = self._http.send(self._http_request(request, sending))
            if response.is_success:
                return self._parse(response.text)
            self._wait_or_raise(self._refusal(response, request), attempt)
        raise AssertionError("the last attempt answers or raises")

    def events(self, request: Request, sending: "Sending") -> Iterator[Any]:
        """The data of each streamed event as JSON, until the server says or shows that it is done.

        A server that answers in one piece although asked for a stream gives that piece.
        """
        for attempt in range(ATTEMPTS):
            call = self._http_request(request, sending)
            with self._explained(), self._http.stream(call) as stream:
                if 200 <= stream.status < 300:
                    yield from self._data_of(stream)
                    return
                refused = self._refusal(stream.whole(), request)
            self._wait_or_raise(refused, attempt)

    def _data_of(self, stream: HttpStream) -> Iterator[Any]:
        kind = stream.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind == "application/json":
            yield self._parse(stream.whole().text)
            return
        if kind != "text/event-stream":
            raise ModelFailed(
                f"{self.place} does not speak as a model server",
                why=f"it answered with {plain_text(kind[:60]) or 'no content type'}",
                hint="check the address: it usually ends in /v1",
            )
        for event in stream.events():
            if event.data == "[DONE]":
                return
            yield self._parse(event.data)

    def _http_request(self, request: Request, sending: "Sending") -> HttpRequest:
        try:
            body = json.dumps(sending.body, ensure_ascii=False, allow_nan=False)
        except (ValueError, TypeError) as error:
            raise RequestRefused("the request is not JSON", why=str(error)) from error
        return HttpRequest(
            method="POST",
            url=self._endpoint.base_url.rstrip("/") + sending.path,
            purpose=PURPOSE,
            labels=request.labels,
            headers={"content-type": "application/json", **sending.headers},
            body=body.encode("utf-8", "replace"),
            settings=self._endpoint.settings,
        )

    @contextmanager
    def _explained(self) -> Generator[None]:
        """Turn a failure of the network into one of the model."""
        try:
            yield
        except (CannotConnect, NameUnknown) as error:
            raise ModelUnavailable(
                f"nobody answers for {self._endpoint.name}",
                why=str(error),
                hint="start the server, or choose another model: ai models list",
            ) from error
        except TimedOut as error:
            raise ModelFailed(f"{self._endpoint.name} took too long", why=str(error)) from error
        except HttpFailed as error:
            raise ModelFailed(
                f"{self._endpoint.name} gave no usable answer", why=str(error)
            ) from error

    def _parse(self, text: str) -> Any:
        try:
            return parse_json(text)
        except JsonInvalid as error:
            raise ModelFailed(
                f"{self._endpoint.name} gave no usable answer", why=f"its answer: {error.why}"
            ) from error

    def _refusal(self, response: HttpResponse, request: Request) -> QuintetError:
        return refusal(self._endpoint.name, response, with_schema=request.schema is not None)

    def _wait_or_raise(self, error: QuintetError, attempt: int) -> None:
        """A server that says it is busy has done nothing yet: asking again costs nothing twice."""
        asked_s = error.details.get("retry_after_s")
        wait_s = float(asked_s) if isinstance(asked_s, int) else 2.0**attempt
        is_hopeless = attempt + 1 == ATTEMPTS or wait_s > LONGEST_WAIT_S
        if is_hopeless or not isinstance(error, ModelBusy):
            raise error
        self._clock.sleep(wait_s)


@dataclass(frozen=True, slots=True)
class Sending:
    """What one call puts on the wire."""

    path: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]


def refusal(name: str, response: HttpResponse, *, with_schema: bool) -> QuintetError:
    """What a status other than success means, with the server's own words as the reason."""
    said = _words_of(response)
    why = f"{response.status}: {said}" if said else f"the server answered {response.status}"
    match response.status:
        case 401 | 403:
            return LoginNeeded(f"{name} does not accept the key", why=why, hint=_KEY_HINT)
        case 404:
            hint = "check its name and the address, which usually ends in /v1"
            return ModelUnavailable(f"{name} is not there", why=why, hint=hint)
        case 429 | 503 | 529:
            details: dict[str, object] = {}
            if (wait := response.headers.get("retry-after", "").strip()).isdecimal():
                details["retry_after_s"] = int(wait[:6])
            return ModelBusy(f"{name} asks to come back later", why=why, details=details)
        case status if status == 413 or (status < 500 and _TOO_LONG.search(said)):
            return ContextExceeded(f"the conversation is too long for {name}", why=why)
        case 400 | 422 if with_schema and _ABOUT_SCHEMA.search(said):
            return SchemaUnsupported(f"{name} does not take this schema", why=why)
        case status if 400 <= status < 500:
            return RequestRefused(f"{name} refuses the request", why=why)
        case _:
            return ModelFailed(f"{name} failed", why=why)


_KEY_HINT = "check the key and its reference: ai models show"


def server_error(name: str, said: str, kind: str = "") -> QuintetError:
    """An error that a server reports in the middle of a stream."""
    why = clean(said) or kind
    if kind in ("overloaded_error", "rate_limit_error"):
        return ModelBusy(f"{name} asks to come back later", why=why)
    return ModelFailed(f"{name} failed midway", why=why)


def clean(said: str) -> str:
    """A server's words, safe to show: short, without escapes, and without a key echoed back."""
    return plain_text(masked(said.strip())[:_SHOWN_CHARS])


def _words_of(response: HttpResponse) -> str:
    try:
        value = parse_json(response.text)
    except JsonInvalid:
        kind = response.headers.get("content-type", "")
        return "" if "html" in kind else clean(response.text)
    for path in (("error", "message"), ("error",), ("message",), ("detail",)):
        if text := dig_text(value, *path):
            return clean(text)
    return clean(json.dumps(dig(value, "detail") or value))


def arguments_of(text: str, tool: str, name: str) -> Mapping[str, Any]:
    """The arguments of a tool call; raises `ModelFailed` if the model botched them."""
    try:
        value: Any = parse_json(text) if text.strip() else {}
    except JsonInvalid as error:
        raise ModelFailed(f"{name} botched a call of {tool}", why=error.why) from error
    if not isinstance(value, dict):
        raise ModelFailed(f"{name} botched a call of {tool}", why="its arguments are no object")
    return cast("dict[str, Any]", value)
