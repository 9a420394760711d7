"""What protects the data, put together for a person: which slots, which groups, what is missing."""

from collections.abc import Iterator
from dataclasses import dataclass

from quintet.platform.keys.document import Document
from quintet.platform.keys.keyset import Keyset

_WITH_LOGIN = "keyring"


@dataclass(frozen=True, slots=True)
class SlotStatus:
    """One way in; `opens` is empty when it opens everything."""

    id: str
    kind: str
    label: str
    created_at: str
    opens: tuple[str, ...]
    place: str


@dataclass(frozen=True, slots=True)
class GroupStatus:
    """One group's data key; it rotates while a rotation was begun and not finished."""

    name: str
    generation: int
    is_rotating: bool


@dataclass(frozen=True, slots=True)
class KeyStatus:
    """`unattended` names the groups that open with nobody there, `by` what opens them."""

    path: str
    exists: bool
    id: str = ""
    master_generation: int = 0
    groups: tuple[GroupStatus, ...] = ()
    slots: tuple[SlotStatus, ...] = ()
    has_recovery: bool = False
    is_unlocked: bool = False
    unattended: tuple[str, ...] = ()
    by: str = ""
    advice: tuple[str, ...] = ()


def status_of(keyset: Keyset) -> KeyStatus:
    document = keyset.document()
    if document is None:
        return KeyStatus(str(keyset.folder.path), exists=False)
    opened = keyset.unlocker.open_unattended(document)
    return KeyStatus(
        path=str(keyset.folder.path),
        exists=True,
        id=document.id,
        master_generation=document.generation,
        groups=tuple(
            GroupStatus(name, ring.current, ring.pending is not None)
            for name, ring in sorted(document.rings.items())
        ),
        slots=tuple(
            SlotStatus(
                slot.id,
                slot.kind,
                slot.label,
                slot.created_at,
                slot.groups,
                str(slot.parameters.get("path", "")),
            )
            for slot in document.slots
        ),
        has_recovery=bool(_kinds(document) & {"recovery", "passphrase"}),
        is_unlocked=keyset.unlocker.session.get(document.id) is not None,
        unattended=tuple(sorted(opened.rings)) if opened else (),
        by=opened.way if opened else "",
        advice=tuple(_advice(document, opened.way if opened else "")),
    )


def _kinds(document: Document) -> set[str]:
    return {slot.kind for slot in document.slots if not slot.groups}


def _advice(document: Document, way: str) -> Iterator[str]:
    kinds = _kinds(document)
    if not kinds & {"recovery", "passphrase"}:
        yield "if the key file is lost, the data is lost: ai key add recovery"
    if "keyfile" in kinds and kinds - {"keyfile"}:
        yield "whoever can read the key file can read the data: ai key remove keyfile"
    elif "keyfile" in kinds:
        yield "whoever can read the key file can read the data: ai key add passphrase"
    if way == _WITH_LOGIN:
        yield "jobs at night need a key of their own: ai key add keyfile --only GROUP --to FILE"
    for group, ring in sorted(document.rings.items()):
        if ring.pending is not None:
            yield f"a rotation was cut short, finish it: ai key rotate --data {group}"
