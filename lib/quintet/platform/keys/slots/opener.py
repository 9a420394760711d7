"""The port that every kind of slot implements: where the secret of a slot lives."""

from collections.abc import Mapping
from typing import Any, Protocol

from quintet.platform.keys.document import SlotName


class Opener(Protocol):
    """Brings the secret of slots of one kind.

    `prepare` makes a new slot ready and returns what `keys.json` shall remember of it, nothing of
    which is secret. `secret` brings the same bytes each time; it raises `SlotUnavailable` where
    the place does not answer here and now, and never waits without a bound. `discard` removes
    what `prepare` stored, and is content when nothing is left.
    """

    @property
    def kind(self) -> str: ...

    def prepare(self, slot: SlotName) -> dict[str, Any]: ...

    def secret(self, slot: SlotName, parameters: Mapping[str, Any]) -> bytes: ...

    def discard(self, slot: SlotName, parameters: Mapping[str, Any]) -> None: ...
