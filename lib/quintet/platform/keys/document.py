"""`keys.json` as a value: what is written to disk, read back strictly, and never holds an open key.

The checksum finds damage before any key is at hand; the MAC, made with the master key, finds a
change that somebody made on purpose and covered by a new checksum.
"""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from quintet.platform.crypto import canonical_json, digest_hex
from quintet.platform.keys.failures import KeysNewer, KeysTampered

FORMAT = "quintet-keyset"
VERSION = 1
LIMIT_BYTES = 1 << 20

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SlotName:
    """Which slot of which keyset: what a secret is bound to."""

    keyset_id: str
    slot_id: str


@dataclass(frozen=True, slots=True)
class Ring:
    """The data keys of one group by generation: sealed inside a `Document`, open once unlocked."""

    current: int
    keys: Mapping[int, bytes] = field(repr=False)

    @property
    def pending(self) -> int | None:
        """The generation that a rotation has begun to move to."""
        return next((number for number in self.keys if number != self.current), None)

    def candidates(self) -> list[bytes]:
        """The current key, then the one that is meant to replace it."""
        following = [self.keys[self.pending]] if self.pending is not None else []
        return [self.keys[self.current], *following]


@dataclass(frozen=True, slots=True)
class Slot:
    """One way in. `groups` is empty when it opens everything, else it names all that it opens.

    The last three fields are made when the slot joins a keyset and when that is closed.
    """

    id: str
    kind: str
    label: str
    created_at: str
    groups: tuple[str, ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict[str, Any])
    public: bytes = b""
    shared: bytes = b""
    wrapped: bytes = b""


@dataclass(frozen=True, slots=True)
class Document:
    """A whole keyset, closed."""

    id: str
    revision: int
    generation: int
    rings: Mapping[str, Ring]
    slots: tuple[Slot, ...]
    mac: bytes

    def name_of(self, slot: Slot) -> SlotName:
        return SlotName(self.id, slot.id)


def authenticated_bytes(document: Document) -> bytes:
    """What the MAC covers: everything but the MAC."""
    fields = _fields_of(document)
    del fields["mac"]
    return canonical_json(fields)


def encode(document: Document) -> bytes:
    fields = _fields_of(document)
    fields["checksum"] = digest_hex(canonical_json(fields))
    return json.dumps(fields, indent=1, ensure_ascii=True).encode() + b"\n"


def decode(data: bytes) -> Document:
    """The document in these bytes, or `KeysTampered` saying what is wrong with them."""
    try:
        fields = _object(json.loads(data.decode()))
        _check_version(fields)
        checksum = _text(fields.pop("checksum"))
        if digest_hex(canonical_json(fields)) != checksum:
            raise ValueError("its checksum does not fit its content")
        return _document(fields)
    except KeyError as error:
        raise _tampered(f"the field {error} is missing") from error
    except RecursionError as error:
        raise _tampered("it is nested too deeply") from error
    except (ValueError, TypeError) as error:
        raise _tampered(str(error)) from error


def _tampered(why: str) -> KeysTampered:
    return KeysTampered("the keyset is damaged", why=why)


def _check_version(fields: Mapping[str, Any]) -> None:
    if fields["format"] != FORMAT:
        raise ValueError("it is not a keyset")
    version = _number(fields["version"])
    if version > VERSION:
        raise KeysNewer(
            "a newer version of ai wrote the keyset",
            why=f"its format is {version}, this version reads up to {VERSION}",
            hint="upgrade ai, then run it again",
        )


def _fields_of(document: Document) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "version": VERSION,
        "id": document.id,
        "revision": document.revision,
        "generation": document.generation,
        "groups": _rings_fields(document.rings),
        "slots": [_slot_fields(slot) for slot in document.slots],
        "mac": _armour(document.mac),
    }


def encode_rings(rings: Mapping[str, Ring]) -> bytes:
    """Open rings as the bytes that a slot limited to some groups wraps."""
    return canonical_json(_rings_fields(rings))


def decode_rings(data: bytes) -> dict[str, Ring]:
    return _mapping(json.loads(data), str, _ring)


def _rings_fields(rings: Mapping[str, Ring]) -> dict[str, Any]:
    return {
        group: {
            "current": ring.current,
            "keys": {str(number): _armour(key) for number, key in sorted(ring.keys.items())},
        }
        for group, ring in sorted(rings.items())
    }


def _slot_fields(slot: Slot) -> dict[str, Any]:
    return {
        "id": slot.id,
        "kind": slot.kind,
        "label": slot.label,
        "created_at": slot.created_at,
        "groups": list(slot.groups),
        "parameters": dict(slot.parameters),
        "public": _armour(slot.public),
        "shared": _armour(slot.shared),
        "wrapped": _armour(slot.wrapped),
    }


def _document(fields: Mapping[str, Any]) -> Document:
    return Document(
        id=_text(fields["id"]),
        revision=_number(fields["revision"]),
        generation=_number(fields["generation"]),
        rings=_mapping(fields["groups"], str, _ring),
        slots=tuple(_slot(each) for each in _array(fields["slots"])),
        mac=_bytes(fields["mac"]),
    )


def _ring(value: object) -> Ring:
    fields = _object(value)
    ring = Ring(_number(fields["current"]), _mapping(fields["keys"], int, _bytes))
    if ring.current not in ring.keys or len(ring.keys) > 2:
        raise ValueError("a group lacks its current data key, or has more than two")
    return ring


def _slot(value: object) -> Slot:
    fields = _object(value)
    return Slot(
        id=_text(fields["id"]),
        kind=_text(fields["kind"]),
        label=_text(fields["label"]),
        created_at=_text(fields["created_at"]),
        groups=tuple(_text(each) for each in _array(fields["groups"])),
        parameters=_object(fields["parameters"]),
        public=_bytes(fields["public"]),
        shared=_bytes(fields["shared"]),
        wrapped=_bytes(fields["wrapped"]),
    )


def _armour(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes(value: object) -> bytes:
    return base64.b64decode(_text(value), validate=True)


def _mapping(
    value: object, key: Callable[[str], Any], member: Callable[[object], T]
) -> dict[Any, T]:
    return {key(name): member(each) for name, each in _object(value).items()}


def _typed(value: object, wanted: type) -> Any:
    # `type is`, as isinstance takes True for a number.
    if type(value) is not wanted:
        raise ValueError(f"a {type(value).__name__} stands where a {wanted.__name__} belongs")
    return value


def _text(value: object) -> str:
    return _typed(value, str)


def _number(value: object) -> int:
    return _typed(value, int)


def _array(value: object) -> list[Any]:
    return _typed(value, list)


def _object(value: object) -> dict[str, Any]:
    return _typed(value, dict)
