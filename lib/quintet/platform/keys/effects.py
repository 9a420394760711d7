"""Slots as recorded effects: adding one can be undone, removing one cannot."""

from collections.abc import Collection
from typing import Any

from quintet.platform.keys.document import Slot
from quintet.platform.keys.failures import SlotUnavailable
from quintet.platform.keys.keyset import Keyset
from quintet.platform.keys.slots.opener import Opener
from quintet.platform.policy.plan import Plan, Risk
from quintet.platform.record.event import Effect, Reversal


class SlotEffects:
    """Slots of the keyset. A target is a slot's id, a state what may be told about it.

    A slot is made from a secret, and no secret is ever recorded: whoever adds one hands the opener
    over first, with `offer`.
    """

    kind = "key-slot"

    def __init__(self, keyset: Keyset) -> None:
        self._keyset = keyset
        self._offered: dict[str, tuple[Opener, str, Collection[str]]] = {}

    def offer(
        self, slot_id: str, opener: Opener, *, label: str = "", groups: Collection[str] = ()
    ) -> Effect:
        """The effect that adds this slot, in this process and no other."""
        self._offered[slot_id] = (opener, label, groups)
        return Effect(self.kind, slot_id, None, _told(opener.kind, label, groups))

    def state(self, target: str) -> Any:
        slot = self._find(target)
        return _told(slot.kind, slot.label, slot.groups) if slot else None

    def apply(self, effect: Effect) -> None:
        if effect.after is None:
            self._remove(effect.target)
        elif self._find(effect.target) is None:
            self._add(effect.target)

    def revert(self, effect: Effect) -> None:
        self.apply(effect.inverse())

    def _add(self, slot_id: str) -> None:
        if slot_id not in self._offered:
            raise SlotUnavailable(
                "a slot cannot be added again",
                why="its secret was never recorded",
                hint="ai key add --help",
            )
        opener, label, groups = self._offered[slot_id]
        self._keyset.add_slot(opener, label=label, groups=groups, slot_id=slot_id)

    def _remove(self, slot_id: str) -> None:
        if self._find(slot_id) is not None:
            self._keyset.remove_slot(slot_id)

    def _find(self, slot_id: str) -> Slot | None:
        document = self._keyset.document()
        slots = document.slots if document else ()
        return next((slot for slot in slots if slot.id == slot_id), None)


def plan_removal(keyset: Keyset, slot: Slot) -> Plan:
    """Take a way in away, shown before it is done."""
    effect = Effect(
        SlotEffects.kind,
        slot.id,
        _told(slot.kind, slot.label, slot.groups),
        None,
        Reversal.IRREVERSIBLE,
    )
    warnings = keyset.warnings_without(slot.id)
    summary = f"remove the {slot.kind} slot {slot.id[:6]}"
    return Plan("key", "remove", summary, (effect,), warnings, Risk.MODERATE)


def _told(kind: str, label: str, groups: Collection[str]) -> dict[str, Any]:
    return {"kind": kind, "label": label, "opens": sorted(groups) or "everything"}
