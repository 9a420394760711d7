"""A changed keyset opens to the same keys or is refused with an error of ours: nothing between."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from quintet.errors import Kind, QuintetError
from quintet.platform.keys.document import decode, encode
from quintet.platform.keys.failures import KeysNewer, KeysTampered
from support.keyhome import KeyHome

pytestmark = pytest.mark.demand("KEY-3")


class Sealed:
    """A home with two groups, a slot for everything, a limited one, and a rotation begun."""

    def __init__(self, root: Path) -> None:
        self.home = KeyHome(root)
        keyset = self.home.keyset()
        keyset.ensure("life")
        keyset.ensure("code")
        keyset.begin_rotation("life")
        self.home.add_passphrase("right")
        cron = self.home.add_key_file(root / "cron.key", "life")
        self.limited = {"AI_KEY_FILE": str(cron)}
        self.whole = self.home.path.read_bytes()
        self.fields = json.loads(self.whole)
        keyset = self.home.keyset()
        self.keys = {group: keyset.candidates(group) for group in ("life", "code")}

    def opens_alike_or_is_refused(self) -> bool:
        """Whether it was refused; a key other than the right one fails the test."""
        refused = False
        for env, groups in (({}, ("life", "code")), (self.limited, ("life",))):
            for group in groups:
                try:
                    assert self.home.keyset(env=env).candidates(group) == self.keys[group]
                except QuintetError as error:
                    refused = True
                    assert error.kind in (Kind.INTEGRITY, Kind.NEEDS_APPROVAL, Kind.UNAVAILABLE)
        return refused


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Sealed:
    return Sealed(tmp_path_factory.mktemp("tampering"))


def test_every_truncation_is_refused(sealed: Sealed) -> None:
    for size_bytes in range(len(sealed.whole) - 1):
        with pytest.raises(KeysTampered):
            decode(sealed.whole[:size_bytes])


def test_a_truncated_file_is_told_from_a_lost_one_with_the_command_that_helps(
    sealed: Sealed,
) -> None:
    home = sealed.home
    try:
        for size_bytes in (0, 1, len(sealed.whole) // 2):
            home.path.write_bytes(sealed.whole[:size_bytes])
            with pytest.raises(KeysTampered) as caught:
                home.keyset().data_key("life")
            assert caught.value.hint == f"cp '{home.copy}' '{home.path}'"
    finally:
        home.path.write_bytes(sealed.whole)


def test_every_byte_changed_by_one_bit_opens_alike_or_is_refused(sealed: Sealed) -> None:
    right = decode(sealed.whole)
    for at, byte in enumerate(sealed.whole):
        for bit in (1, 8, 32, 128):
            data = sealed.whole[:at] + bytes([byte ^ bit]) + sealed.whole[at + 1 :]
            try:
                assert decode(data) == right
            except (KeysTampered, KeysNewer):
                continue


@settings(max_examples=60, deadline=None)
@given(at=st.integers(0, 10_000), new=st.binary(max_size=4), cut=st.integers(0, 4))
def test_any_splice_opens_alike_or_is_refused(
    sealed: Sealed, at: int, new: bytes, cut: int
) -> None:
    at %= len(sealed.whole)
    sealed.home.path.write_bytes(sealed.whole[:at] + new + sealed.whole[at + cut :])
    sealed.opens_alike_or_is_refused()


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)))
@example(b"[" * 100_000)
@example(b"9" * 10_000)
@example(b'{"format":"quintet-keyset","version":1,"checksum":NaN}')
@example(b'{"format":"quintet-keyset","version":1,"checksum":"\\ud800"}')
@example(b"null")
@example(b'{"format":"quintet-keyset","version":1,"checksum":"","x":1e999}')
def test_garbage_is_refused(data: bytes) -> None:
    with pytest.raises(KeysTampered):
        decode(data)


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    if isinstance(value, dict | list):
        members = value.items() if isinstance(value, dict) else enumerate(value)
        for key, member in members:
            yield from _places(member, (*path, key))


_VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 1 << 40),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8),
    st.lists(st.text(max_size=3), max_size=2),
    st.sampled_from(["remove", "swap", "life", "code", "*", {}]),
)


@settings(max_examples=150, deadline=None)
@given(which=st.integers(0, 10_000), value=_VALUES, other=st.integers(0, 10_000))
def test_a_change_on_purpose_with_a_new_checksum_opens_alike_or_is_refused(
    sealed: Sealed, which: int, value: Any, other: int
) -> None:
    fields = copy.deepcopy(sealed.fields)
    places = [path for path in _places(fields) if path and path != ("checksum",)]
    _change(fields, places[which % len(places)], value, places[other % len(places)])
    sealed.home.rewrite(fields)
    sealed.opens_alike_or_is_refused()


def _change(fields: Any, path: tuple[Any, ...], value: Any, other: tuple[Any, ...]) -> None:
    parent = _at(fields, path[:-1])
    if value == "remove":
        del parent[path[-1]]
    elif value == "swap":
        # What stands elsewhere in the same file is the best forgery there is.
        parent[path[-1]] = copy.deepcopy(_at(fields, other))
    else:
        parent[path[-1]] = value


def _at(fields: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        fields = fields[key]
    return fields


@pytest.mark.parametrize(
    "path",
    [
        ("revision",),
        ("generation",),
        ("groups", "life", "current"),
        ("groups", "life", "keys", "1"),
        ("slots", 0, "label"),
        ("slots", 0, "shared"),
        ("slots", 0, "wrapped"),
        ("slots", 1, "public"),
        ("mac",),
    ],
)
def test_a_change_on_purpose_is_seen_whatever_it_changes(
    sealed: Sealed, path: tuple[Any, ...]
) -> None:
    fields = copy.deepcopy(sealed.fields)
    parent = _at(fields, path[:-1])
    old = parent[path[-1]]
    parent[path[-1]] = (
        (3 - old if old in (1, 2) else old + 1)
        if isinstance(old, int)
        else (_at(fields, ("slots", 1, "public")) if path[-1] != "public" else fields["mac"])
    )
    sealed.home.rewrite(fields)
    assert sealed.opens_alike_or_is_refused()


def test_a_newer_format_is_called_newer(sealed: Sealed) -> None:
    sealed.home.rewrite({**sealed.fields, "version": 2, "more": []})
    with pytest.raises(KeysNewer, match="newer version"):
        sealed.home.keyset().data_key("life")


def test_writing_and_reading_are_inverse(sealed: Sealed) -> None:
    assert encode(decode(sealed.whole)) == sealed.whole
