"""Putting a backup in a store's place, as an effect that is planned, approved and recorded."""

from collections.abc import Callable
from pathlib import Path

from quintet.errors import NotFound
from quintet.platform.files import digest_of
from quintet.platform.policy.plan import Plan, Risk
from quintet.platform.record.event import Effect, Reversal
from quintet.platform.store.database import Database
from quintet.platform.store.upkeep import Upkeep

KIND = "store.restored"


class StoreEffects:
    """Restores stores. The state of one is the digest of its file."""

    kind = KIND

    def __init__(self, database_of: Callable[[str], Database]) -> None:
        self._database_of = database_of

    def state(self, target: str) -> str | None:
        path = self._database_of(target).file.path
        return digest_of(path) if path.exists() else None

    def apply(self, effect: Effect) -> None:
        Upkeep(self._database_of(effect.target)).restore(Path(effect.after))

    def revert(self, effect: Effect) -> None:
        """Bring back what was kept when the backup was put in place."""
        database = self._database_of(effect.target)
        backups = database.file.backups.listed()
        kept = [path for path in backups if digest_of(path) == effect.before]
        if not kept:
            raise NotFound(
                f"the store of {effect.target} as it was is not among the backups",
                hint=f"ai store info {effect.target}",
            )
        Upkeep(database).restore(kept[-1])


def plan_restore(database: Database, source: Path, effects: StoreEffects) -> Plan:
    """What restoring this backup would do; severe, because newer rows disappear."""
    if not source.is_file():
        raise NotFound(f"there is no backup {source}", hint=f"ai store info {database.name}")
    effect = Effect(
        kind=KIND,
        target=database.name,
        before=effects.state(database.name),
        after=str(source.absolute()),
        reversal=Reversal.COMPENSABLE,
        note="the store as it is now is kept first, among its backups",
    )
    summary = f"put the backup {source.name} in the place of the store of {database.name}"
    return Plan("store", "restore", summary, (effect,), risk=Risk.SEVERE)
