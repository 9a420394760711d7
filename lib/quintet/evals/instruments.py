"""What the core does not own and is handed: strict JSON, schemas, patterns that cannot hang."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Instruments:
    """`parse_json` raises a `QuintetError`, and so do `check_schema` and `pattern_size` for what
    they cannot work with. `pattern_size` times the length of a text bounds the time of `found`.
    """

    parse_json: Callable[[str], Any]
    check_schema: Callable[[Mapping[str, Any]], None]
    schema_problems: Callable[[Mapping[str, Any], Any], list[str]]
    pattern_size: Callable[[str], int]
    found: Callable[[str, str], bool]
    same: Callable[[Any, Any], bool]
