"""The kinds of value that an event may carry, checked before anything looks at them."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

Value: TypeAlias = str | Decimal | bool | date | None
_TEXT_LIMIT = 10_000
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


class ValueKind(StrEnum):
    """What a field of an event is declared to be."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    PATH = "path"


def read_value(raw: object, kind: ValueKind) -> Value:
    """The value that JSON gave, as this kind; raises ValueError with the reason when it is none."""
    return _READERS[kind](raw)


def parse_date(text: str) -> date:
    if not _DATE.fullmatch(text):
        raise ValueError(f"{text[:40]!r} is no date such as 2026-11-24")
    return date.fromisoformat(text)


def _text(raw: object) -> str:
    if not isinstance(raw, str):
        raise ValueError("it is not text")
    if len(raw) > _TEXT_LIMIT:
        raise ValueError(f"it is longer than {_TEXT_LIMIT:,} characters")
    try:
        raw.encode()
    except UnicodeEncodeError as error:
        raise ValueError("it is not whole Unicode text") from error
    return raw


def _number(raw: object) -> Decimal:
    if isinstance(raw, bool) or not isinstance(raw, int | Decimal):
        raise ValueError("it is not a number")
    number = Decimal(raw)
    # 1e999999 is valid JSON; written out it would fill the disk.
    if not number.is_finite() or abs(number.adjusted()) > 30:
        raise ValueError("it is out of range")
    return number


def _boolean(raw: object) -> bool:
    if not isinstance(raw, bool):
        raise ValueError("it is neither true nor false")
    return raw


def _date(raw: object) -> date:
    return parse_date(_text(raw))


def _path(raw: object) -> str:
    """A relative or absolute path whose every part is an ordinary name."""
    path = _text(raw)
    if not path or any(_is_odd(part) for part in path.strip("/").split("/")):
        raise ValueError("it is not a plain path")
    return path


def _is_odd(part: str) -> bool:
    return not part or part.startswith(".") or not part.isprintable()


_READERS: Mapping[ValueKind, Callable[[object], Value]] = {
    ValueKind.TEXT: _text,
    ValueKind.NUMBER: _number,
    ValueKind.BOOLEAN: _boolean,
    ValueKind.DATE: _date,
    ValueKind.PATH: _path,
}
