"""A random key kept by the desktop's keyring, which opens when its owner logs in."""

import base64
import binascii
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from quintet.platform.crypto import KEY_BYTES
from quintet.platform.keys.document import SlotName
from quintet.platform.keys.failures import SlotUnavailable
from quintet.platform.keys.slots.vault import Vault
from quintet.platform.rng import Rng


@dataclass(frozen=True, slots=True)
class Keyring:
    """Slots whose secret is kept in a vault under the slot's name."""

    vault: Vault
    rng: Rng
    kind = "keyring"

    def prepare(self, slot: SlotName) -> dict[str, Any]:
        self.vault.put(_entry(slot), base64.b64encode(self.rng.token(KEY_BYTES)).decode())
        return {}

    def secret(self, slot: SlotName, parameters: Mapping[str, Any]) -> bytes:
        kept = self.vault.get(_entry(slot))
        if kept is None:
            raise SlotUnavailable("the desktop's keyring holds no key for this keyset")
        try:
            return base64.b64decode(kept, validate=True)
        except binascii.Error as error:
            raise SlotUnavailable("the key in the desktop's keyring was changed") from error

    def discard(self, slot: SlotName, parameters: Mapping[str, Any]) -> None:
        with contextlib.suppress(SlotUnavailable):
            self.vault.drop(_entry(slot))


def _entry(slot: SlotName) -> str:
    return f"{slot.keyset_id}/{slot.slot_id}"
