"""A store that is not there yet: looking at it finds nothing and makes nothing."""

import contextlib
from collections.abc import Generator, Sequence
from typing import Any

from quintet.errors import QuintetError


class NothingStored:
    """Answers every question with no rows."""

    @contextlib.contextmanager
    def read(self) -> Generator["NothingStored"]:
        yield self

    def write(self, why: str) -> contextlib.AbstractContextManager["NothingStored"]:
        raise QuintetError(f"there is no store to write to: {why}")

    def rows(self, sql: str, params: Sequence[Any] = ()) -> list[dict[str, Any]]:
        return []

    def execute(self, sql: str, params: Sequence[Any] = ()) -> None:
        raise QuintetError("there is no store to change")
