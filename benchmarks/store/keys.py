"""A key for measuring with."""


class FixedKeys:
    """Seals every group with one and the same key."""

    def __init__(self, key: bytes = bytes(range(32))) -> None:
        self._key = key

    def is_sealed(self, group: str) -> bool:
        return True

    def data_key(self, group: str) -> bytes:
        return self._key

    def candidates(self, group: str) -> list[bytes]:
        return [self._key]
