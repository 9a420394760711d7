"""What the store and the record ask of the keys; the keyset in this folder answers."""

from typing import Protocol


class DataKeys(Protocol):
    """Hands out the 32-byte data key of a group, creating nothing on its own.

    `candidates` has more than one key only while a rotation of that group was begun and not
    finished: the current one first, then the one that is meant to replace it.
    """

    def is_sealed(self, group: str) -> bool:
        """Whether this group keeps its data encrypted at all."""
        ...

    def data_key(self, group: str) -> bytes: ...

    def candidates(self, group: str) -> list[bytes]: ...


class NoKeys:
    """Nothing is encrypted: for tests and for groups that never asked for it."""

    def is_sealed(self, group: str) -> bool:
        return False

    def data_key(self, group: str) -> bytes:
        raise LookupError(group)

    def candidates(self, group: str) -> list[bytes]:
        return []
