"""A recovery code: written down on paper once, typed back on the worst day.

Eight groups of five letters: four carry 160 bits in all, the fifth is a check over GF(32) that
also knows the group's place. One wrong letter, two letters swapped, or two groups swapped are
always noticed, and the group is named.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from quintet.errors import UsageError
from quintet.platform.keys.document import SlotName
from quintet.platform.rng import Rng

# Crockford's alphabet: what looks alike is read as the same letter.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ALIKE = str.maketrans("ILO", "110")
_GROUPS = 8
_LETTERS = 4
_CODE_BYTES = _GROUPS * _LETTERS * 5 // 8


class RecoveryTypo(UsageError):
    """The recovery code was not typed as it was printed."""

    code = "keys.recovery_typo"


@dataclass(frozen=True, slots=True)
class Recovery:
    """Slots whose secret is a printed code."""

    code: bytes = field(repr=False)
    kind = "recovery"

    @classmethod
    def new(cls, rng: Rng) -> "Recovery":
        return cls(rng.token(_CODE_BYTES))

    def prepare(self, slot: SlotName) -> dict[str, Any]:
        return {}

    def secret(self, slot: SlotName, parameters: Mapping[str, Any]) -> bytes:
        return self.code

    def discard(self, slot: SlotName, parameters: Mapping[str, Any]) -> None:
        return

    def printed(self) -> str:
        number = int.from_bytes(self.code, "big")
        values = [number >> shift & 31 for shift in range(len(self.code) * 8 - 5, -1, -5)]
        groups = [values[at : at + _LETTERS] for at in range(0, len(values), _LETTERS)]
        return "-".join(_print_group(place, group) for place, group in enumerate(groups))


def looks_like_code(text: str) -> bool:
    """Whether somebody meant to type a recovery code, typos allowed."""
    groups = re.findall(r"[^\s-]+", text)
    return _GROUPS - 1 <= len(groups) <= _GROUPS + 1 and all(4 <= len(g) <= 6 for g in groups)


def parse(text: str) -> Recovery:
    """The code, or `RecoveryTypo` naming the group that is wrong."""
    letters = re.sub(r"[\s-]", "", text)
    groups = re.findall(r"[^\s-]+", text)
    if len(groups) == 1 and len(letters) == _GROUPS * (_LETTERS + 1):
        groups = re.findall(".....", letters)
    if len(groups) != _GROUPS:
        raise RecoveryTypo(
            "the recovery code is incomplete",
            why=f"it has {len(groups)} groups of letters instead of {_GROUPS}",
        )
    number = 0
    for place, group in enumerate(groups):
        for value in _read_group(place, group):
            number = number << 5 | value
    return Recovery(number.to_bytes(_CODE_BYTES, "big"))


def _print_group(place: int, values: list[int]) -> str:
    return "".join(ALPHABET[value] for value in [*values, _check(place, values)])


def _read_group(place: int, group: str) -> list[int]:
    upper = group.upper().translate(_ALIKE)
    strange = next((letter for letter in upper if letter not in ALPHABET), None)
    if strange is not None:
        raise _typo(place, group, f"the letter {strange!r} does not occur in codes")
    if len(upper) != _LETTERS + 1:
        raise _typo(place, group, f"it has {len(upper)} letters instead of {_LETTERS + 1}")
    *values, check = (ALPHABET.index(letter) for letter in upper)
    if check != _check(place, values):
        raise _typo(place, group, "a letter is wrong, or letters or groups are swapped")
    return values


def _typo(place: int, group: str, why: str) -> RecoveryTypo:
    return RecoveryTypo(
        f"group {place + 1} of the recovery code is mistyped",
        why=why,
        hint="compare it with the paper and type it again",
        details={"group": place + 1},
    )


def _check(place: int, values: list[int]) -> int:
    """Horner's rule over GF(32): each place has another weight, so no exchange goes unseen."""
    total = place
    for value in [*values, 0]:
        total = (total << 1 ^ (0x25 if total & 16 else 0)) ^ value
    return total
