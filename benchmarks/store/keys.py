"""Keys for measuring with."""


class FixedKeys:
    """Seals every group with one and the same key."""

    def __init__(self) -> None:
        self._keys = [bytes(range(32))]

    def is_sealed(self, group: str) -> bool:
        return True

    def data_key(self, group: str) -> bytes:
        return self._keys[0]

    def candidates(self, group: str) -> list[bytes]:
        return list(self._keys)


class RotatingFixedKeys(FixedKeys):
    """The same, with a second key to move to."""

    def begin_rotation(self, group: str) -> bytes:
        self._keys = [self._keys[0], bytes(range(32, 64))]
        return self._keys[1]

    def finish_rotation(self, group: str) -> None:
        self._keys = self._keys[1:]
