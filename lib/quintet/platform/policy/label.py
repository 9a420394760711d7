"""Labels on data: whose it is and whether to trust it. They survive derivation by joining."""

from collections.abc import Iterable
from enum import StrEnum


class Label(StrEnum):
    """`MINE` was written by the user, `PRIVATE` tells about them, `UNTRUSTED` came from outside."""

    MINE = "mine"
    PRIVATE = "private"
    UNTRUSTED = "untrusted"


Labels = frozenset[Label]


def join(*parts: Iterable[Label]) -> Labels:
    """What is made from several things carries the labels of them all."""
    return frozenset(label for part in parts for label in part)


def is_dangerous_outward(labels: Labels) -> bool:
    """Untrusted words that steer, and private words to carry away: the two never leave together."""
    return Label.UNTRUSTED in labels and Label.PRIVATE in labels
