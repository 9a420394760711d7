"""What a call costs, from dated data; a price that is not known is refused, never guessed."""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any, cast

from quintet.errors import Kind, QuintetError
from quintet.models.port import Usage
from quintet.models.registry import PROVIDERS, Spec, model_and_address
from quintet.platform.files import read_bytes
from quintet.platform.http.url import parse_url
from quintet.platform.policy.destination import is_loopback

PRICES_LIMIT_BYTES = 1 << 20
_PER = 1_000_000
_MOST = 10**12
# Providers put the day of a snapshot behind the name of a model; the price is the model's.
_SNAPSHOT = r"(-latest|-\d{4}-\d{2}-\d{2}|-\d{8})?"


class PriceUnknown(QuintetError):
    """Nobody has said what this model costs."""

    kind = Kind.REFUSED
    code = "models.price_unknown"


class PricesBroken(QuintetError):
    """A price list cannot be read."""

    kind = Kind.USAGE
    code = "models.prices_broken"


@dataclass(frozen=True, slots=True)
class Price:
    """Millionths of a US dollar per million tokens. `as_of` is None for what is free."""

    host: str = ""
    model: str = ""
    prompt: int = 0
    cached: int = 0
    completion: int = 0
    as_of: date | None = None

    @property
    def is_free(self) -> bool:
        return not (self.prompt or self.completion)

    def cost_micros(self, usage: Usage) -> int:
        """The money for a call, rounded up."""
        fresh = max(0, usage.prompt_tokens - usage.cached_tokens)
        total = (
            fresh * self.prompt
            + usage.cached_tokens * self.cached
            + usage.completion_tokens * self.completion
        )
        return -(-total // _PER)

    def most_micros(self, prompt_tokens: int, completion_tokens: int) -> int:
        """What a call can cost at most, whatever turns out to be cached."""
        dearest = max(self.prompt, self.cached)
        return -(-(prompt_tokens * dearest + completion_tokens * self.completion) // _PER)


FREE = Price()


def price_of(spec: Spec, prices: Sequence[Price], *, allow_unpriced: bool) -> Price:
    """The price of a model; whatever runs on this machine is free."""
    if not PROVIDERS[spec.provider].address:
        return FREE
    model, url = model_and_address(spec)
    host = parse_url(url).host
    for price in prices:
        if price.host == host and re.fullmatch(re.escape(price.model) + _SNAPSHOT, model):
            return price
    if is_loopback(host) or allow_unpriced:
        return FREE
    raise PriceUnknown(
        f"the price of {model} at {host} is not known",
        why="a budget cannot hold for a call whose price nobody has said",
        hint="add it to prices.toml, or: ai config set models.allow_unpriced true",
    )


def known_prices(own: Path) -> list[Price]:
    """The user's own rows first, then those that ship with the product."""
    shipped = resources.files("quintet.models") / "data" / "prices.toml"
    mine = parse_prices(read_bytes(own, PRICES_LIMIT_BYTES)) if own.exists() else []
    return [*mine, *parse_prices(shipped.read_bytes())]


def parse_prices(data: bytes) -> list[Price]:
    """The rows of a price list; raises `PricesBroken` with the number of the first bad one."""
    try:
        body: dict[str, Any] = tomllib.loads(data.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise PricesBroken("the price list is not TOML", why=str(error)) from error
    rows: Any = body.get("price", [])
    if not isinstance(rows, list) or body.keys() - {"price"}:
        raise PricesBroken("the price list makes no sense", why="it has more than [[price]] rows")
    return [_price(row, number) for number, row in enumerate(cast("list[Any]", rows), 1)]


def _price(row: Any, number: int) -> Price:
    match row:
        case {
            "host": str(host),
            "model": str(model),
            "prompt": int(prompt),
            "completion": int(completion),
            "as_of": date() as as_of,
            **rest,
        } if rest.keys() <= {"cached"}:
            cached = cast("dict[str, Any]", rest).get("cached", prompt)
            amounts = (prompt, cached, completion)
            if all(type(amount) is int and 0 <= amount < _MOST for amount in amounts):
                return Price(host, model, prompt, cached, completion, as_of)
        case _:
            pass
    raise PricesBroken(
        f"row {number} of the price list makes no sense",
        why="a row has host, model, prompt, completion and as_of, and may have cached",
    )
