"""Which kinds of models there are, and how a spec such as `openai:qwen@http://…` becomes one.

A new kind is a file with an `open_model` function, a row in `PROVIDERS`, and a line in the
contract suite. Its row says all that the rest of the product must know of it.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from quintet.errors import UsageError
from quintet.models.settings import ModelSettings

if TYPE_CHECKING:
    from quintet.models.port import ChatModel, Embedder
    from quintet.models.remote import HttpClient
    from quintet.platform.clock import Clock
    from quintet.platform.http.message import HttpSettings
    from quintet.platform.keys.slots.vault import Vault


@dataclass(frozen=True, slots=True)
class Provider:
    """A kind of model: the module that opens one, and what stands after the colon, for people.

    A kind that `is_file` has the path of a file there, which is looked for from where the user is.
    One with an `address` is reached over the network, there unless the spec names another place,
    and its calls have a price; all others get no network and are free.
    """

    module: str
    rest: str
    is_file: bool = False
    address: str = ""


PROVIDERS: Mapping[str, Provider] = {
    "gguf": Provider("quintet.models.llamacpp", "FILE|NAME"),
    "openai": Provider(
        "quintet.models.openai_http", "MODEL[@ADDRESS]", address="https://api.openai.com/v1"
    ),
    "anthropic": Provider(
        "quintet.models.anthropic_http", "MODEL[@ADDRESS]", address="https://api.anthropic.com/v1"
    ),
    "scripted": Provider("quintet.models.scripted", "FILE", is_file=True),
    "recorded": Provider("quintet.models.recorded", "FILE", is_file=True),
}
FORMS = tuple(f"{kind}:{provider.rest}" for kind, provider in PROVIDERS.items())
EMBEDDERS: Mapping[str, str] = {
    "static": "quintet.models.embed_static",
    "gguf": "quintet.models.embed_gguf",
}
_SPEC = re.compile(r"([a-z][a-z0-9-]*):(.*)", re.DOTALL)
SPEC_LIMIT_CHARS = 4096


class BadSpec(UsageError):
    """Text that names no model."""

    code = "models.bad_spec"


class Files(Protocol):
    """Finds the file of a model that was added under a name."""

    def path_of(self, name: str) -> Path: ...


@dataclass(frozen=True, slots=True)
class Services:
    """What adapters are made from; the HTTP client is made when the first one needs it."""

    http: Callable[[], HttpClient]
    clock: Clock
    env: Mapping[str, str]
    vault: Vault
    files: Files
    settings: ModelSettings
    http_settings: HttpSettings


class EmbedderOpener(Protocol):
    """Makes an embedder from what follows the colon, if anything does."""

    def __call__(self, rest: str, services: Services) -> Embedder: ...


class Opener(Protocol):
    """Makes a model from what follows the colon in its spec."""

    def __call__(self, rest: str, services: Services) -> ChatModel: ...


@dataclass(frozen=True, slots=True)
class Spec:
    """A kind of model, and which one of it."""

    provider: str
    rest: str

    def __str__(self) -> str:
        return f"{self.provider}:{self.rest}"


def parse_spec(text: str) -> Spec:
    """The parts of a spec; raises `BadSpec` with the kinds that there are."""
    found = _SPEC.fullmatch(text) if len(text) <= SPEC_LIMIT_CHARS else None
    if found is None or found[1] not in PROVIDERS:
        raise BadSpec(
            f"{text[:80]!r} names no model",
            why=f"a spec is one of {', '.join(FORMS)}",
            hint="ai models list",
        )
    if not found[2]:
        form = f"{found[1]}:{PROVIDERS[found[1]].rest}"
        raise BadSpec(
            f"{text!r} names no model", why="nothing stands after the colon", hint=f"write {form}"
        )
    return Spec(found[1], found[2])


def open_model(spec: Spec, services: Services) -> ChatModel:
    """The model that a spec names. No weights are loaded and nobody is contacted before a call."""
    provider = PROVIDERS[spec.provider]
    opener = cast("Opener", importlib.import_module(provider.module).open_model)
    return opener(spec.rest, services if provider.address else replace(services, http=_no_network))


def _no_network() -> HttpClient:
    raise RuntimeError("a kind of model that uses the network has an `address` in PROVIDERS")


def open_embedder(text: str, services: Services) -> Embedder:
    """The embedder that a text names: `static`, or `gguf:` with a file or a name."""
    kind, _, rest = text.partition(":")
    if kind not in EMBEDDERS or bool(rest) != (kind == "gguf"):
        raise BadSpec(
            f"{text[:80]!r} names no embedder",
            why="it is neither `static` nor `gguf:` with a file or a name",
            hint="ai config set models.embedder static",
        )
    module = importlib.import_module(EMBEDDERS[kind])
    return cast("EmbedderOpener", module.open_embedder)(rest, services)


def model_and_address(spec: Spec) -> tuple[str, str]:
    """A model's name and the address of its server: behind the last @, else the provider's own."""
    name, at, url = spec.rest.rpartition("@")
    if not at or "://" not in url:
        return spec.rest, PROVIDERS[spec.provider].address
    if not name:
        raise BadSpec(f"{spec!s:.80} names no model", why="nothing stands before the @")
    return name, url.rstrip("/")
