"""Which slot a key is for: a key file says so, typed words are tried where they may fit."""

from quintet.platform.keys.contents import Opened, open_slot
from quintet.platform.keys.document import Document, Slot
from quintet.platform.keys.failures import ForeignKey, WrongKey
from quintet.platform.keys.slots import passphrase, recovery
from quintet.platform.keys.slots.keyfile import KeyText

_STRETCHED = frozenset({"passphrase", "command"})
TYPED = _STRETCHED | {"recovery"}


def open_text(document: Document, text: KeyText) -> Opened:
    """What a key file opens."""
    if text.slot.keyset_id != document.id:
        raise ForeignKey(
            "the key file belongs to another keyset",
            why=f"it is for {text.slot.keyset_id}, this keyset is {document.id}",
        )
    slot = next((each for each in document.slots if each.id == text.slot.slot_id), None)
    if slot is None:
        raise WrongKey("the key is wrong", why="the slot that the key file is for was removed")
    return open_slot(document, slot, text.secret)


def open_typed(document: Document, text: str) -> Opened:
    """What a typed passphrase or recovery code opens.

    A mistyped code is named before the slow part, unless it might be somebody's passphrase.
    """
    stretched = [slot for slot in document.slots if slot.kind in _STRETCHED]
    typo: recovery.RecoveryTypo | None = None
    if any(slot.kind == "recovery" for slot in document.slots):
        try:
            return _open_recovery(document, recovery.parse(text))
        except recovery.RecoveryTypo as error:
            if not stretched:
                raise
            typo = error if recovery.looks_like_code(text) else None
    if not text.strip():
        raise passphrase.PassphraseRefused("the passphrase is empty")
    for slot in stretched:
        opened = _try(document, slot, passphrase.stretch(text, slot.parameters))
        if opened is not None:
            return opened
    raise typo or WrongKey("the passphrase is wrong", why="it opens no slot of this keyset")


def _open_recovery(document: Document, code: recovery.Recovery) -> Opened:
    for slot in document.slots:
        opened = _try(document, slot, code.code) if slot.kind == "recovery" else None
        if opened is not None:
            return opened
    raise WrongKey("the recovery code is wrong", why="it is typed well, but opens no slot here")


def _try(document: Document, slot: Slot, secret: bytes) -> Opened | None:
    try:
        return open_slot(document, slot, secret)
    except WrongKey:
        return None
