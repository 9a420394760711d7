"""Each version of Landlock is asked for what it knows, and for nothing that hinders honest work."""

import struct

import pytest

from quintet.platform.confine.landlock import ruleset


@pytest.mark.parametrize(
    ("version", "words"),
    [(2, (1 << 9 | 1 << 13,)), (3, (1 << 9 | 1 << 13,)), (4, (0, 3)), (5, (0, 3)), (7, (0, 3, 3))],
)
def test_a_ruleset_is_as_long_as_its_version_knows(version: int, words: tuple[int, ...]) -> None:
    assert struct.unpack(f"<{len(words)}Q", ruleset(version)) == words
