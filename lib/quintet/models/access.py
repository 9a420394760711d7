"""The one place where engines get models from: by name or spec, paid for, and never by accident."""

from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from quintet.errors import Kind, NotFound, QuintetError
from quintet.models.catalog import Catalog, Entry
from quintet.models.metered import (
    Account,
    Meter,
    MeteredModel,
    OnCall,
    Spending,
    untold,
)
from quintet.models.port import ChatModel, Embedder
from quintet.models.prices import Price, known_prices, price_of
from quintet.models.registry import (
    PROVIDERS,
    BadSpec,
    Services,
    Spec,
    open_embedder,
    open_model,
    parse_spec,
)
from quintet.models.tracing import TracedEmbedder, shown_name

TapeFor = Callable[[str], Path | None]


def kept_nowhere(_group: str) -> Path | None:
    """What models answer is not kept."""
    return None


class NoModelChosen(QuintetError):
    """Something wants a model and none was named, nor is one set."""

    kind = Kind.UNAVAILABLE
    code = "models.none_chosen"


class ModelUnusable(QuintetError):
    """A model in the catalogue is of a kind that this version does not have."""

    kind = Kind.UNAVAILABLE
    code = "models.unusable"


def spec_in(entry: Entry) -> Spec:
    """What an entry of the catalogue stands for; raises `ModelUnusable`."""
    try:
        return parse_spec(entry.spec)
    except BadSpec as error:
        raise ModelUnusable(
            f"the model {entry.name} cannot be used",
            why=f"{entry.spec[:80]!r} is of no kind that is known here",
            hint=f"ai models rm {entry.name}",
        ) from error


class Models:
    """Opens models for engines; each call is charged to the group and run it was opened for."""

    def __init__(
        self,
        catalog: Catalog,
        services: Services,
        spending: Spending,
        *,
        own_prices: Path,
        tape_for: TapeFor = kept_nowhere,
    ) -> None:
        """`tape_for` says where what models answer to a group is kept, if anywhere."""
        self.catalog = catalog
        self._tape_for = tape_for
        self._services = services
        self._own_prices = own_prices
        self._spending = spending

    @property
    def default(self) -> str:
        """The model that is used where none is named; empty if the user set none."""
        return self._services.settings.default

    def chat(
        self, name: str = "", *, group: str, run: str = "", on_call: OnCall = untold
    ) -> MeteredModel:
        """The model of a name or spec, or the default one; `on_call` hears of each of its calls."""
        spec = self.spec_of(name)
        timeout_s = self._services.settings.timeout_s
        meter = Meter(
            self._spending,
            self._services.clock,
            timeout_s,
            on_call,
            spec.provider,
            shown_name(spec),
        )
        model = self._opened(spec, group)
        return MeteredModel(model, self.price(spec), Account(group, run), meter)

    def _opened(self, spec: Spec, group: str) -> ChatModel:
        if self._services.settings.replay_from:
            return self._replayed
        model, tape = open_model(spec, self._services), self._tape_for(group)
        if tape is None:
            return model
        from quintet.models.recorded import RecordingModel, Tape

        return RecordingModel(model, Tape(tape))

    @cached_property
    def _replayed(self) -> ChatModel:
        """One for all, so that a request that is asked again gets its next answer."""
        return open_model(self.spec_of(), self._services)

    @property
    def embedder_name(self) -> str:
        return self._services.settings.embedder

    def embedder(self) -> Embedder:
        """The embedder that the user chose; the one that is always there if they chose none."""
        return TracedEmbedder(
            open_embedder(self.embedder_name, self._services), self.embedder_name.partition(":")[0]
        )

    def spec_of(self, name: str = "") -> Spec:
        """What a name stands for; a text with a colon is a spec already."""
        if tape := self._services.settings.replay_from:
            return Spec("recorded", tape)
        chosen = name or self.default
        if not chosen:
            raise NoModelChosen(
                "no model is chosen",
                why="none was named, and models.default is not set",
                hint="ai config set models.default NAME, or: ai models add FILE.gguf",
            )
        return parse_spec(chosen) if ":" in chosen else spec_in(self.entry(chosen))

    def entry(self, name: str) -> Entry:
        """The model of a name; a kind of models is not taken for one."""
        if name in PROVIDERS and self.catalog.find(name) is None:
            raise NotFound(
                f"{name!r} is a kind of model and names none",
                hint=f"write {name}:{PROVIDERS[name].rest}",
            )
        return self.catalog.get(name)

    def price(self, spec: Spec) -> Price:
        """What a model costs; raises `PriceUnknown`."""
        allow = self._services.settings.allow_unpriced
        return price_of(spec, self._prices, allow_unpriced=allow)

    @cached_property
    def _prices(self) -> list[Price]:
        return known_prices(self._own_prices)
