"""A new data key for a group: its store, its backups and its history move to it together."""

from dataclasses import dataclass

from quintet.platform.keys.keyset import Keyset
from quintet.platform.record.groupkeys import GroupKeys
from quintet.platform.store.database import Database
from quintet.platform.store.rotation import Rekeyed, rekey


@dataclass(frozen=True, slots=True)
class RotationTogether:
    """The keyset as the store sees it: before the old key is forgotten, the history moves too."""

    keyset: Keyset
    history: GroupKeys

    def is_sealed(self, group: str) -> bool:
        return self.keyset.is_sealed(group)

    def data_key(self, group: str) -> bytes:
        return self.keyset.data_key(group)

    def candidates(self, group: str) -> list[bytes]:
        return self.keyset.candidates(group)

    def begin_rotation(self, group: str) -> bytes:
        return self.keyset.begin_rotation(group)

    def finish_rotation(self, group: str) -> None:
        self.history.rewrap(group, self.keyset.candidates(group)[-1])
        self.keyset.finish_rotation(group)


def rotate_data(
    group: str, keyset: Keyset, *, history: GroupKeys, database: Database | None
) -> Rekeyed:
    """Move everything of this group to a new key. Cut off at any point it is readable: run again.

    A group that keeps nothing in a store has only its history to move.
    """
    keys = RotationTogether(keyset, history)
    if database is not None:
        return rekey(database, keys)
    keys.begin_rotation(group)
    keys.finish_rotation(group)
    return Rekeyed((), ())
