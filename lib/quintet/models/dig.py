"""Takes single things out of JSON that somebody else wrote, whatever shape it really has."""

from collections.abc import Mapping
from typing import Any, cast

_LARGEST_COUNT = 1 << 40


def dig(value: Any, *path: str | int) -> Any:
    """What stands at the end of a path of names and positions; None if the path leads nowhere."""
    for step in path:
        if isinstance(step, str) and isinstance(value, Mapping):
            value = cast("Mapping[str, Any]", value).get(step)
        elif isinstance(step, int) and isinstance(value, list):
            items = cast("list[Any]", value)
            value = items[step] if step < len(items) else None
        else:
            return None
    return value


def dig_text(value: Any, *path: str | int) -> str:
    found = dig(value, *path)
    return found if isinstance(found, str) else ""


def dig_count(value: Any, *path: str | int) -> int | None:
    """A number of things: whole and not negative."""
    found = dig(value, *path)
    is_count = isinstance(found, int) and not isinstance(found, bool)
    return found if is_count and 0 <= found < _LARGEST_COUNT else None


def dig_list(value: Any, *path: str | int) -> list[Any]:
    found = dig(value, *path)
    return cast("list[Any]", found) if isinstance(found, list) else []
