"""The list of what was refused: like attempts are counted together, so that no flood hides one."""

import time
from typing import Any

_DISTINCT_LIMIT = 1000


class Ledger:
    """Counts refused calls by what they were. `reaching` ones tried to get at somebody outside."""

    def __init__(self) -> None:
        self._entries: dict[tuple[str, ...], dict[str, Any]] = {}
        self._reaching = 0
        self._unlisted = 0

    def add(
        self, call: str, *, family: str = "", destination: str = "", process: str, reaching: bool
    ) -> None:
        """Write one refused call down."""
        self._reaching += reaching
        key = (call, family, destination, process, str(reaching))
        entry = self._entries.get(key)
        if entry is not None:
            entry["count"] += 1
            return
        if len(self._entries) >= _DISTINCT_LIMIT:
            self._unlisted += 1
            return
        self._entries[key] = {
            "call": call,
            "family": family,
            "destination": destination,
            "process": process,
            "reaching": reaching,
            "first_at_unix_s": round(time.time(), 3),
            "count": 1,
        }

    def take(self) -> dict[str, Any]:
        """Everything since the last time, as JSON; `reaching` counts what is unlisted too."""
        taken = {
            "entries": list(self._entries.values()),
            "reaching": self._reaching,
            "unlisted": self._unlisted,
        }
        self._entries, self._reaching, self._unlisted = {}, 0, 0
        return taken
