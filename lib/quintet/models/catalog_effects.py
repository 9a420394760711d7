"""Adding and removing a model as effects: planned, recorded, and taken back with `ai undo`."""

from quintet.models.catalog import Catalog, Entry, entry_of, stated
from quintet.platform.policy.plan import Plan, Risk
from quintet.platform.record.effects.port import WorldChanged
from quintet.platform.record.event import Effect

EFFECT_KIND = "model"
GROUP = "models"


class ModelEffects:
    """Handles effects on the catalogue; the target is a model's name."""

    kind = EFFECT_KIND

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def state(self, target: str) -> dict[str, object] | None:
        entry = self._catalog.find(target)
        return None if entry is None else stated(entry)

    def apply(self, effect: Effect) -> None:
        self._move(effect.target, effect.before, effect.after)

    def revert(self, effect: Effect) -> None:
        self._move(effect.target, effect.after, effect.before)

    def _move(self, name: str, start: object, goal: object) -> None:
        present = self.state(name)
        if present not in (start, goal):
            raise WorldChanged(
                f"the model {name} is not what it was", why="it was changed in the meantime"
            )
        if goal is None:
            self._catalog.remove(name)
        else:
            self._catalog.put(entry_of(name, goal))


def plan_add(catalog: Catalog, entry: Entry) -> Plan:
    """Give a model a name; what had the name before is replaced."""
    before = catalog.find(entry.name)
    effect = Effect(
        EFFECT_KIND,
        entry.name,
        before=None if before is None else stated(before),
        after=stated(entry),
        note="no file is copied" if entry.is_file else "",
    )
    effects = () if before == entry else (effect,)
    return Plan(GROUP, "add", f"add the model {entry.name}", effects, risk=Risk.MILD)


def plan_remove(entry: Entry) -> Plan:
    """Forget a model; its file stays where the user has it."""
    note = f"{entry.source} stays" if entry.is_file else ""
    effect = Effect(EFFECT_KIND, entry.name, before=stated(entry), after=None, note=note)
    return Plan(GROUP, "rm", f"forget the model {entry.name}", (effect,), risk=Risk.MILD)
