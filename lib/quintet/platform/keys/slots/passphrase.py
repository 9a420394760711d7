"""A passphrase that a person remembers, made slow to guess by Argon2id."""

import base64
import binascii
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from quintet.errors import UsageError
from quintet.platform.crypto import KEY_BYTES
from quintet.platform.keys.document import SlotName
from quintet.platform.keys.failures import KeysTampered, SlotUnavailable
from quintet.platform.rng import Rng

_SALT_BYTES = 16
# Parameters are read before their MAC can be checked: a changed file must not fill the memory.
_MAX_MEMORY_KIB = 1 << 20
_MAX_PASSES = 64
_MAX_LANES = 64


class PassphraseRefused(UsageError):
    """No passphrase at all."""

    code = "keys.passphrase_refused"


@dataclass(frozen=True, slots=True)
class Cost:
    """What one guess costs: by default a third of a second and 64 MiB."""

    memory_kib: int = 64 << 10
    passes: int = 3
    lanes: int = 4


DEFAULT_COST = Cost()


@dataclass(frozen=True, slots=True)
class Passphrase:
    """Slots whose secret is stretched from what a person typed."""

    text: str = field(repr=False)
    rng: Rng
    cost: Cost = DEFAULT_COST
    kind = "passphrase"

    def prepare(self, slot: SlotName) -> dict[str, Any]:
        if not self.text.strip():
            raise PassphraseRefused("the passphrase is empty", hint="choose several words")
        return cost_parameters(self.cost, self.rng)

    def secret(self, slot: SlotName, parameters: Mapping[str, Any]) -> bytes:
        return stretch(self.text, parameters)

    def discard(self, slot: SlotName, parameters: Mapping[str, Any]) -> None:
        return


def cost_parameters(cost: Cost, rng: Rng) -> dict[str, Any]:
    """What a slot remembers in order to stretch the same text to the same secret."""
    return {
        "memory_kib": cost.memory_kib,
        "passes": cost.passes,
        "lanes": cost.lanes,
        "salt": base64.b64encode(rng.token(_SALT_BYTES)).decode(),
    }


def stretch(text: str, parameters: Mapping[str, Any]) -> bytes:
    """The secret that this text gives with these parameters."""
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

    try:
        cost, salt = _checked(parameters)
        kdf = Argon2id(
            salt=salt,
            length=KEY_BYTES,
            iterations=cost.passes,
            lanes=cost.lanes,
            memory_cost=cost.memory_kib,
        )
    except (ValueError, TypeError, KeyError, binascii.Error) as error:
        raise KeysTampered(
            "the keyset was changed", why="the parameters of a passphrase slot make no sense"
        ) from error
    try:
        return kdf.derive(_normal(text))
    except MemoryError as error:
        raise SlotUnavailable(
            "a passphrase cannot be tried here", why=f"it takes {cost.memory_kib:,} KiB of memory"
        ) from error


def _normal(text: str) -> bytes:
    """The same bytes however the keyboard composed the letters."""
    return unicodedata.normalize("NFC", text).encode("utf-8", "surrogatepass")


def _checked(parameters: Mapping[str, Any]) -> tuple[Cost, bytes]:
    cost = Cost(*(parameters[name] for name in ("memory_kib", "passes", "lanes")))
    within = (
        0 < cost.memory_kib <= _MAX_MEMORY_KIB
        and 0 < cost.passes <= _MAX_PASSES
        and 0 < cost.lanes <= _MAX_LANES
    )
    if not within:
        raise ValueError(cost)
    return cost, base64.b64decode(parameters["salt"], validate=True)
