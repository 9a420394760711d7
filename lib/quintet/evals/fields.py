"""Fields of a JSON object from a file that a person wrote: read by type, refused by line."""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping, Sequence
from typing import Any, cast

from quintet.errors import UsageError


class BadCase(UsageError):
    """The file of cases cannot be used as it stands."""

    code = "evals.bad_case"


def refused(line: int, what: str, *, why: str = "", hint: str = "") -> BadCase:
    """The error form of this file: the line comes first."""
    return BadCase(f"line {line}: {what}", why=why, hint=hint, details={"line": line})


class Fields:
    """The members of one object; whoever reads them names the type that each must have."""

    def __init__(self, value: Any, line: int, whose: str) -> None:
        if not isinstance(value, Mapping):
            raise refused(line, f"{whose} is not an object")
        self._values = cast("Mapping[str, Any]", value)
        self._whose = whose
        self.line = line

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def names(self) -> list[str]:
        return list(self._values)

    def require_known(self, known: Sequence[str]) -> None:
        """Refuse what nobody would read, with the name that was probably meant."""
        for name in self._values:
            if name not in known:
                close = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
                hint = f"did you mean {close[0]!r}?" if close else f"known: {', '.join(known)}"
                raise self.wrong(f"{self._whose} has the unknown key {name[:60]!r}", hint=hint)

    def wrong(self, what: str, *, why: str = "", hint: str = "") -> BadCase:
        return refused(self.line, what, why=why, hint=hint)

    def raw(self, name: str, default: Any = None) -> Any:
        return self._values.get(name, default)

    def text(self, name: str, default: str | None = None) -> str:
        value = self._values.get(name, default)
        if not isinstance(value, str):
            raise self._mistyped(name, "a text")
        return value

    def truth(self, name: str, *, default: bool) -> bool:
        value = self._values.get(name, default)
        if not isinstance(value, bool):
            raise self._mistyped(name, "true or false")
        return value

    def number(self, name: str, *, least: float | None = None) -> float:
        value = self._values.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._mistyped(name, "a number")
        # A whole number may be too large to be any float.
        if abs(value) > 1e300 or not math.isfinite(value):
            raise self.wrong(f"{name} of {self._whose} is too large a number")
        if least is not None and value < least:
            raise self.wrong(f"{name} of {self._whose} must be at least {least:g}")
        return value

    def count(self, name: str, *, least: int, most: int) -> int:
        value = self.number(name, least=least)
        if value != int(value) or value > most:
            raise self._mistyped(name, f"a whole number up to {most:,}")
        return int(value)

    def list(self, name: str) -> list[Any]:
        value = self._values.get(name, [])
        if not isinstance(value, list):
            raise self._mistyped(name, "a list")
        return cast("list[Any]", value)

    def texts(self, name: str, *, may_be_one: bool = False) -> tuple[str, ...]:
        value = self._values.get(name, [])
        if may_be_one and isinstance(value, str):
            return (value,)
        items: list[Any] = cast("list[Any]", value) if isinstance(value, list) else [None]
        if not all(isinstance(item, str) for item in items):
            raise self._mistyped(name, "a text or a list of texts" if may_be_one else "texts")
        return tuple(items)

    def object(self, name: str) -> Mapping[str, Any]:
        value = self._values.get(name, {})
        if not isinstance(value, Mapping):
            raise self._mistyped(name, "an object")
        return cast("Mapping[str, Any]", value)

    def _mistyped(self, name: str, wanted: str) -> BadCase:
        if name not in self._values:
            return self.wrong(f"{self._whose} has no {name!r}")
        return self.wrong(f"{name!r} of {self._whose} must be {wanted}")
