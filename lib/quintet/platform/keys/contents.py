"""An open keyset and every change to it, as pure functions from one value to the next.

Closing seals everything anew, so a change never patches sealed bytes, and whatever is written
stands under one MAC.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from quintet.platform.crypto import Tampered, seal, unseal
from quintet.platform.keys.document import (
    Document,
    Ring,
    Slot,
    SlotName,
    authenticated_bytes,
    decode_rings,
    encode_rings,
)
from quintet.platform.keys.failures import KeysTampered, WrongKey
from quintet.platform.keys.wrapping import derive, slot_keys, unwrap, wrap

ANYTHING = "*"


@dataclass(frozen=True, slots=True)
class OpenSlot:
    """A slot with the shared key that is needed to wrap for it again."""

    slot: Slot
    shared: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Contents:
    """A keyset whose master key is known."""

    id: str
    revision: int
    generation: int
    master: bytes = field(repr=False)
    rings: Mapping[str, Ring]
    slots: tuple[OpenSlot, ...]


@dataclass(frozen=True, slots=True)
class Opened:
    """What a key opened: all (`contents`), or no more than the rings of some groups."""

    way: str
    rings: Mapping[str, Ring]
    contents: Contents | None = None

    def opens(self, group: str | None) -> bool:
        """Whether it opens this group; `None` asks for all, `ANYTHING` for whatever it is."""
        if group == ANYTHING:
            return True
        return group in self.rings if group is not None else self.contents is not None


def create(keyset_id: str, master: bytes) -> Contents:
    return Contents(keyset_id, revision=0, generation=1, master=master, rings={}, slots=())


def with_group(contents: Contents, group: str, key: bytes) -> Contents:
    return with_ring(contents, group, Ring(1, {1: key}))


def with_slot(contents: Contents, slot: Slot, secret: bytes) -> Contents:
    """Add a slot; its sealed fields are filled in when the keyset is closed."""
    keys = slot_keys(secret, SlotName(contents.id, slot.id))
    opened = OpenSlot(replace(slot, public=keys.public), keys.shared)
    return replace(contents, slots=(*contents.slots, opened))


def without_slot(contents: Contents, slot_id: str) -> Contents:
    return replace(contents, slots=tuple(s for s in contents.slots if s.slot.id != slot_id))


def with_rotation_begun(contents: Contents, group: str, key: bytes) -> Contents:
    ring = contents.rings[group]
    keys = {ring.current: ring.keys[ring.current], ring.current + 1: key}
    return with_ring(contents, group, Ring(ring.current, keys))


def with_rotation_finished(contents: Contents, group: str) -> Contents:
    """The pending key becomes the only one; without a pending key nothing changes."""
    ring = contents.rings[group]
    return _with_only(contents, group, ring.pending or ring.current)


def with_rotation_cancelled(contents: Contents, group: str) -> Contents:
    return _with_only(contents, group, contents.rings[group].current)


def with_master(contents: Contents, master: bytes) -> Contents:
    return replace(contents, master=master, generation=contents.generation + 1)


def _with_only(contents: Contents, group: str, generation: int) -> Contents:
    ring = contents.rings[group]
    return with_ring(contents, group, Ring(generation, {generation: ring.keys[generation]}))


def with_ring(contents: Contents, group: str, ring: Ring) -> Contents:
    return replace(contents, rings={**contents.rings, group: ring})


def close(contents: Contents) -> Document:
    """The next revision of the document, everything sealed anew."""
    document = Document(
        id=contents.id,
        revision=contents.revision + 1,
        generation=contents.generation,
        rings={group: _sealed(contents, group, ring) for group, ring in contents.rings.items()},
        slots=tuple(_closed(contents, opened) for opened in contents.slots),
        mac=b"",
    )
    return replace(document, mac=_mac(document, contents.master))


def open_with_master(document: Document, master: bytes) -> Contents:
    """The contents, or `KeysTampered` when anything was not written by a holder of this key."""
    if not hmac.compare_digest(document.mac, _mac(document, master)):
        raise KeysTampered(
            "the keyset was changed", why="it does not carry the mark of its own master key"
        )
    try:
        return Contents(
            id=document.id,
            revision=document.revision,
            generation=document.generation,
            master=master,
            rings={
                group: Ring(
                    ring.current,
                    {
                        number: unseal(master, sealed, _ring_context(document.id, group, number))
                        for number, sealed in ring.keys.items()
                    },
                )
                for group, ring in document.rings.items()
            },
            slots=tuple(
                OpenSlot(slot, unseal(master, slot.shared, _shared_context(document, slot)))
                for slot in document.slots
            ),
        )
    except Tampered as error:
        raise KeysTampered("the keyset was changed", why="a sealed key does not open") from error


def open_slot(document: Document, slot: Slot, secret: bytes) -> Opened:
    """What this secret opens; `WrongKey` when it is not the secret of this slot."""
    keys = slot_keys(secret, document.name_of(slot))
    if not hmac.compare_digest(keys.public, slot.public):
        raise WrongKey("the key is wrong", why=f"it is not the one of the {slot.kind} slot")
    payload = unwrap(slot.wrapped, keys, _wrapped_context(document, slot))
    if slot.groups:
        return Opened(slot.kind, decode_rings(payload))
    contents = open_with_master(document, payload)
    return Opened(slot.kind, contents.rings, contents)


def _sealed(contents: Contents, group: str, ring: Ring) -> Ring:
    keys = {
        number: seal(contents.master, key, _ring_context(contents.id, group, number))
        for number, key in ring.keys.items()
    }
    return Ring(ring.current, keys)


def _closed(contents: Contents, opened: OpenSlot) -> Slot:
    slot = opened.slot
    rings = {group: contents.rings[group] for group in slot.groups}
    wrapped = wrap(
        encode_rings(rings) if slot.groups else contents.master,
        public=slot.public,
        shared=opened.shared,
        context=_wrapped_context(contents, slot),
    )
    shared = seal(contents.master, opened.shared, _shared_context(contents, slot))
    return replace(slot, shared=shared, wrapped=wrapped)


def _mac(document: Document, master: bytes) -> bytes:
    key = derive(master, f"mac {document.id}")
    return hmac.digest(key, authenticated_bytes(document), "sha256")


def _ring_context(keyset_id: str, group: str, number: int) -> bytes:
    return f"quintet data key {keyset_id}/{group}/{number}".encode()


def _shared_context(keyset: Document | Contents, slot: Slot) -> bytes:
    return f"quintet slot key {keyset.id}/{slot.id}/{keyset.generation}".encode()


def _wrapped_context(keyset: Document | Contents, slot: Slot) -> bytes:
    opens = ",".join(slot.groups) or "*"
    return f"quintet slot {keyset.id}/{slot.id}/{keyset.generation}/{opens}".encode()
