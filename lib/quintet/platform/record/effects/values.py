"""Values of a database as JSON and back, none of them changed on the way."""

import base64
import math
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

_WRITERS: tuple[tuple[type, str, Callable[[Any], Any]], ...] = (
    # datetime before date: it is one.
    (datetime, "$timestamp", datetime.isoformat),
    (date, "$date", date.isoformat),
    (time, "$time", time.isoformat),
    (timedelta, "$interval", lambda v: [v.days, v.seconds, v.microseconds]),
    (Decimal, "$decimal", str),
    (UUID, "$uuid", str),
    (bytes, "$bytes", lambda v: base64.b64encode(v).decode()),
)
_READERS: Mapping[str, Callable[[Any], Any]] = {
    "$timestamp": datetime.fromisoformat,
    "$date": date.fromisoformat,
    "$time": time.fromisoformat,
    "$interval": lambda v: timedelta(*v),
    "$decimal": Decimal,
    "$uuid": UUID,
    "$bytes": base64.b64decode,
    "$float": float,
    "$struct": lambda v: {name: from_json(inner) for name, inner in v.items()},
}


def to_json(value: Any) -> Any:
    """What JSON has no word for becomes an object with one key that names the type."""
    if isinstance(value, float) and not math.isfinite(value):
        return {"$float": str(value)}
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple):
        return [to_json(inner) for inner in cast(list[Any], value)]
    if isinstance(value, dict):
        named = cast(dict[str, Any], value)
        return {"$struct": {name: to_json(inner) for name, inner in named.items()}}
    for type_, word, write in _WRITERS:
        if isinstance(value, type_):
            return {word: write(value)}
    raise TypeError(f"a {type(value).__name__} cannot be recorded")


def from_json(value: Any) -> Any:
    if isinstance(value, list):
        return [from_json(inner) for inner in cast(list[Any], value)]
    if isinstance(value, dict):
        ((word, inner),) = cast(dict[str, Any], value).items()
        return _READERS[word](inner)
    return value
