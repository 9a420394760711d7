"""Models put together with this home's catalogue, keys, network and budget."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from quintet.errors import QuintetError
from quintet.models.access import Models, spec_in
from quintet.models.catalog import (
    Catalog,
    Entry,
    check_name,
    describe_file,
    describe_header,
    name_for,
)
from quintet.models.estimate import MemoryEstimate, available_bytes, estimate
from quintet.models.gguf import open_header
from quintet.models.prices import Price, PriceUnknown
from quintet.models.registry import (
    PROVIDERS,
    Services,
    Spec,
    model_and_address,
    parse_spec,
)
from quintet.models.remote import key_reference
from quintet.models.settings import ModelSettings
from quintet.models.trial import Trial, try_out
from quintet.platform.budget.settings import BudgetSettings
from quintet.platform.http.message import HttpSettings

if TYPE_CHECKING:
    from quintet.app.home import App
    from quintet.models.metered import Spending


def models_of(app: "App", spending: "Spending | None" = None) -> Models:
    """Everything that engines need to reach models. Nothing is opened or connected yet.

    `spending` pays for the calls, a lease for example; without it the whole budget does.
    """
    catalog = Catalog(app.data_dir / "models")
    settings = app.config.section("models", ModelSettings)
    services = Services(
        http=lambda: app.http,
        clock=app.clock,
        env=app.env,
        vault=app.vault,
        files=catalog,
        settings=replace(settings, timeout_s=_timeout_s(app, settings)),
        http_settings=app.config.section("http", HttpSettings),
    )

    def tape_for(group: str) -> Path | None:
        # Looked up late: most commands that name a model never open the record.
        return app.record.tape_for(group)

    return Models(
        catalog,
        services,
        spending or app.budget,
        own_prices=app.paths.config_dir / "prices.toml",
        tape_for=tape_for,
    )


def _timeout_s(app: "App", settings: ModelSettings) -> float:
    """No call is given more time than the budget could ever pay for."""
    budget = app.config.section("budget", BudgetSettings)
    limits = (budget.call_s, budget.run_s, budget.day_s, budget.month_s)
    return min([settings.timeout_s, *(limit for limit in limits if limit is not None)])


@dataclass(frozen=True, slots=True)
class Listed:
    """A model by name; `price` is None where nobody has said what it costs.

    `problem` says why it cannot be used at all.
    """

    entry: Entry
    price: Price | None
    is_default: bool
    is_there: bool
    problem: str = ""


@dataclass(frozen=True, slots=True)
class EmbedderFacts:
    """The embedder that is used; `problem` says why it cannot be."""

    name: str
    dimensions: int = 0
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """All that is known here."""

    chat: list[Listed]
    embedder: EmbedderFacts


@dataclass(frozen=True, slots=True)
class Shown:
    """A model as it was looked at. What only files need is None or empty for others."""

    entry: Entry
    spec: Spec
    price: Price | None
    key: str
    context_tokens: int
    needed: MemoryEstimate | None
    available_bytes: int


@dataclass(frozen=True, slots=True)
class Tested:
    """What came of trying a model out."""

    model: str
    trial: Trial


def known_models(models: Models) -> Known:
    """The catalogue with prices, and the embedder."""
    listed = [_listed(models, entry) for entry in models.catalog.entries()]
    return Known(listed, _embedder_facts(models))


def _embedder_facts(models: Models) -> EmbedderFacts:
    try:
        embedder = models.embedder()
        return EmbedderFacts(embedder.name, embedder.dimensions)
    except QuintetError as error:
        return EmbedderFacts(models.embedder_name, problem=str(error))


def _listed(models: Models, entry: Entry) -> Listed:
    price, problem = None, ""
    try:
        price = _price(models, spec_in(entry))
    except QuintetError as error:
        problem = str(error)
    return Listed(
        entry,
        price,
        is_default=entry.name == models.default,
        is_there=not entry.is_file or models.catalog.has_file(entry),
        problem=problem,
    )


def _price(models: Models, spec: Spec) -> Price | None:
    try:
        return models.price(spec)
    except PriceUnknown:
        return None


def describe(app: "App", source: str, name: str) -> Entry:
    """The entry for a file or a spec, under the name given or one made from it."""
    if not _is_spec(source):
        path = app.cwd / Path(source).expanduser()
        return describe_file(name or name_for(path.stem), path, app.progress)
    spec = _spec_here(app, source)
    if spec.provider == "gguf":
        return describe(app, spec.rest, name)
    model = model_and_address(spec)[0] if PROVIDERS[spec.provider].address else spec.rest
    return Entry(check_name(name) if name else name_for(Path(model).name), str(spec))


def look_at(app: "App", text: str) -> Shown:
    """A model by name, file or spec, without loading or contacting anything."""
    entry = _entry_of(app, text)
    spec = spec_in(entry)
    settings = app.config.section("models", ModelSettings)
    room = min(settings.context_tokens, entry.context_length or settings.context_tokens)
    needed = estimate(open_header(_file_of(app, entry)), room) if entry.is_file else None
    return Shown(
        entry=entry,
        spec=spec,
        price=_price(app.models, spec),
        key=_key(spec, settings),
        context_tokens=room,
        needed=needed,
        available_bytes=available_bytes(),
    )


def _file_of(app: "App", entry: Entry) -> Path:
    catalog = app.models.catalog
    return catalog.path_of(entry.name) if catalog.find(entry.name) else Path(entry.source)


def _key(spec: Spec, settings: ModelSettings) -> str:
    is_remote = bool(PROVIDERS[spec.provider].address)
    return key_reference(model_and_address(spec)[1], settings) if is_remote else ""


def try_model(app: "App", text: str, prompt: str) -> Tested:
    """Ask a model for a text and a value. A file that was added is seen to be unchanged first."""
    models = app.models
    name = text or models.default
    entry = models.catalog.find(name)
    if entry and entry.is_file:
        models.catalog.verify(name)
    model = models.chat(as_meant(app, name), group="models")
    try:
        return Tested(model.name, try_out(model, prompt, app.clock))
    finally:
        model.close()


def as_meant(app: "App", text: str) -> str:
    """A name as it is; a spec or a file with its path from where the user is."""
    if _is_spec(text):
        return str(_spec_here(app, text))
    return f"gguf:{app.cwd / Path(text).expanduser()}" if _is_path(text) else text


def _spec_here(app: "App", text: str) -> Spec:
    spec = parse_spec(text)
    if PROVIDERS[spec.provider].is_file:
        return Spec(spec.provider, str(app.cwd / Path(spec.rest).expanduser()))
    return spec


def _is_path(text: str) -> bool:
    return text.endswith(".gguf") or "/" in text


def _entry_of(app: "App", text: str) -> Entry:
    if _is_spec(text):
        return Entry(text, str(_spec_here(app, text)))
    if _is_path(text):
        return describe_header(text, app.cwd / Path(text).expanduser())
    return app.models.entry(text)


def _is_spec(text: str) -> bool:
    return text.partition(":")[0] in PROVIDERS and ":" in text
