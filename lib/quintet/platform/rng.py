"""Randomness as a value that is handed in, and the identifiers that are made from it."""

import hashlib
import secrets
from typing import Protocol

# No vowels and no look-alikes: an id is read aloud, and never spells a word or a number.
ALPHABET = "bcdfghjkmnpqrstvwxz23456789"
ID_LENGTH = 14
SHORT_ID_LENGTH = 6


class Rng(Protocol):
    """A source of random bytes."""

    def token(self, size_bytes: int) -> bytes: ...


class SystemRng:
    """The operating system's generator, fit for keys."""

    def token(self, size_bytes: int) -> bytes:
        return secrets.token_bytes(size_bytes)


class SeededRng:
    """A generator that repeats itself, for tests and simulations; never for keys."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._drawn = 0

    def token(self, size_bytes: int) -> bytes:
        self._drawn += 1
        return hashlib.shake_256(f"{self._seed}:{self._drawn}".encode()).digest(size_bytes)


def new_id(rng: Rng) -> str:
    """A random identifier that stays unique when cut to a short prefix, as in git."""
    number = int.from_bytes(rng.token(12), "big")
    letters: list[str] = []
    for _ in range(ID_LENGTH):
        number, index = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[index])
    return "".join(letters)
