"""A keyset in one file that a passphrase opens: for a safe place, or for another machine.

An export is a `keys.json` with a single slot, so that it can also be used by hand, without us.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from quintet.errors import Kind, QuintetError
from quintet.platform.keys import contents as change
from quintet.platform.keys.contents import Contents, OpenSlot
from quintet.platform.keys.document import Document, Slot, SlotName, decode, encode
from quintet.platform.keys.failures import KeysTampered, WrongKey
from quintet.platform.keys.keyset import Keyset
from quintet.platform.keys.opening import open_typed
from quintet.platform.keys.slots.passphrase import Passphrase
from quintet.platform.rng import Rng, new_id


class KeysConflict(QuintetError):
    """Both keysets have a key for the same group, and only one of them can be used."""

    kind = Kind.REFUSED
    code = "keys.conflict"


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import changed: a whole keyset, a way in, or keys for more groups."""

    is_new: bool
    slots: tuple[str, ...]
    groups: tuple[str, ...]


def export(keyset: Keyset, opener: Passphrase, *, rng: Rng, created_at: datetime) -> bytes:
    """The keyset with every key in it, opened by this passphrase and nothing else."""
    contents = keyset.opened(None).contents
    assert contents is not None
    name = SlotName(contents.id, new_id(rng))
    slot = Slot(
        id=name.slot_id,
        kind=opener.kind,
        label="export",
        created_at=created_at.isoformat(timespec="seconds"),
        parameters=opener.prepare(name),
    )
    secret = opener.secret(name, slot.parameters)
    return encode(change.close(change.with_slot(replace(contents, slots=()), slot, secret)))


def take_in(keyset: Keyset, data: bytes, passphrase: str) -> Imported:
    """Import an export: as the keyset where there is none, as a way in, or for its data keys."""
    exported = open_typed(_decoded(data), passphrase).contents
    if exported is None:
        raise WrongKey("that passphrase opens only a part of the file")
    current = _current(keyset)
    if current is None:
        return _install(keyset, exported)
    if current.id == exported.id:
        return _add_way_in(keyset, exported)
    return _add_rings(keyset, exported)


def _decoded(data: bytes) -> Document:
    try:
        return decode(data)
    except KeysTampered as error:
        raise KeysTampered(
            "that is not an export, or it was damaged",
            why=error.why,
            hint="ai key export --help",
        ) from error


def _current(keyset: Keyset) -> Document | None:
    """The keyset here. One that is beyond repair is set aside, never removed."""
    try:
        return keyset.document()
    except KeysTampered:
        if keyset.folder.has_whole_copy():
            raise
        keyset.folder.set_aside()
        return None


def _install(keyset: Keyset, exported: Contents) -> Imported:
    with keyset.folder.changing():
        keyset.folder.save(change.close(exported))
    slots = tuple(opened.slot.id for opened in exported.slots)
    return Imported(is_new=True, slots=slots, groups=tuple(sorted(exported.rings)))


def _add_way_in(keyset: Keyset, exported: Contents) -> Imported:
    try:
        keyset.open_with(exported.master)
    except KeysTampered as error:
        raise WrongKey(
            "the export does not open this keyset",
            why="its master key was changed after the export was made",
            hint="open it in another way, then make a new export: ai key export FILE",
        ) from error
    added: list[OpenSlot] = []

    def step(contents: Contents) -> Contents:
        here = {opened.slot.id for opened in contents.slots}
        added[:] = [opened for opened in exported.slots if opened.slot.id not in here]
        return replace(contents, slots=(*contents.slots, *added))

    keyset.apply(step)
    return Imported(is_new=False, slots=tuple(opened.slot.id for opened in added), groups=())


def _add_rings(keyset: Keyset, exported: Contents) -> Imported:
    added: list[str] = []

    def step(contents: Contents) -> Contents:
        clash = [g for g, ring in exported.rings.items() if contents.rings.get(g, ring) != ring]
        if clash:
            raise KeysConflict(
                f"both keysets have a key for {', '.join(sorted(clash))}",
                why="data that was written here would no longer open",
                hint="import it into a home of its own: AI_HOME=/path/to/folder ai key import …",
            )
        added[:] = sorted(set(exported.rings) - set(contents.rings))
        return replace(contents, rings={**exported.rings, **contents.rings})

    keyset.apply(step)
    return Imported(is_new=False, slots=(), groups=tuple(added))
