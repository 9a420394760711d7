"""The keyset of one home: hands out data keys, and carries every change to disk in one step.

A change is a pure function of the open contents. It is applied under the lock, to what is on disk
at that moment, and written whole: two processes never undo each other, and a kill at any moment
leaves the keyset as it was before or as it is after.
"""

import contextlib
import threading
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from pathlib import Path

from quintet.errors import Kind, NotFound, QuintetError, UsageError
from quintet.platform.clock import Clock, SystemClock
from quintet.platform.crypto import KEY_BYTES
from quintet.platform.keys import contents as change
from quintet.platform.keys.contents import Contents, Opened
from quintet.platform.keys.creation import check_group, create_on_disk, notices
from quintet.platform.keys.document import Document, Ring, Slot, SlotName
from quintet.platform.keys.failures import KeysMissing, SlotUnavailable
from quintet.platform.keys.keyfolder import KeyFolder, Stamp
from quintet.platform.keys.slots.keyfile import KeyFile
from quintet.platform.keys.slots.keyring import Keyring
from quintet.platform.keys.slots.opener import Opener
from quintet.platform.keys.unlock import Unlocker
from quintet.platform.paths import Paths
from quintet.platform.rng import Rng, SystemRng, new_id


class LastSlot(QuintetError):
    """Without this slot nobody would ever open the data again."""

    kind = Kind.REFUSED
    code = "keys.last_slot"


class NoKeysYet(QuintetError):
    """There is no keyset, and there never was one."""

    code = "keys.none_yet"


class Keyset:
    """Implements `DataKeys`, and all that may be done to the keys; threads may share it."""

    def __init__(
        self,
        paths: Paths,
        unlocker: Unlocker | None = None,
        *,
        clock: Clock | None = None,
        rng: Rng | None = None,
        lock_timeout_s: float = 10.0,
    ) -> None:
        self.folder = KeyFolder(paths.data_dir, lock_timeout_s)
        self.unlocker = unlocker or Unlocker(paths.config_dir)
        self._clock = clock or SystemClock()
        self._rng = rng or SystemRng()
        self._guard = threading.RLock()
        self._stamp: Stamp | None = None
        self._document: Document | None = None
        self._opened: Opened | None = None

    def is_sealed(self, group: str) -> bool:
        """Whether this group has a data key; to know it takes no key."""
        document = self.document()
        return document is not None and group in document.rings

    def data_key(self, group: str) -> bytes:
        return self.candidates(group)[0]

    def candidates(self, group: str) -> list[bytes]:
        with self._guard:
            document = self.document()
            if document is None or group not in document.rings:
                raise KeysMissing(
                    f"there is no key for the data of {group}",
                    why=f"{self.folder.path} does not have one",
                    hint=f"put {self.folder.path.name} back from a backup; see: ai key status",
                )
            return self.opened(group).rings[group].candidates()

    def document(self) -> Document | None:
        """The keyset as it is on disk now, or `None` where there never was one."""
        with self._guard:
            stamp = self.folder.stamp()
            if stamp is None:
                self.folder.require_none_lost()
                self._document = self._opened = None
            elif stamp != self._stamp or self._document is None:
                document = self.folder.load()
                self._opened = self._reopened(document)
                self._document = document
            self._stamp = stamp
            return self._document

    def opened(self, group: str | None = None) -> Opened:
        """What opens this group, or with `None` everything; `KeysLocked` when nothing does."""
        with self._guard:
            document = self.document()
            if document is None:
                raise NoKeysYet(
                    "there are no keys yet",
                    why="nothing asked for encryption so far",
                    hint="ai key add recovery",
                )
            if self._opened is None or not self._opened.opens(group):
                with self.folder.naming_damage():
                    self._opened = self.unlocker.open(document, group)
            return self._opened

    def ensure(self, group: str) -> tuple[str, ...]:
        """Give this group a data key if it has none; what its owner should know about it.

        The first call of all makes the keyset, with a key file and, where a desktop's keyring
        answers, with a slot there: encryption needs no ceremony.
        """
        check_group(group)
        with self._guard:
            if self.is_sealed(group):
                return ()
            is_new = self.document() is None
            if is_new:
                self._create_unasked()
            key = self._rng.token(KEY_BYTES)
            self.apply(lambda c: c if group in c.rings else change.with_group(c, group, key))
            return notices(group, self.unlocker.key_file if is_new else None)

    def add_slot(
        self, opener: Opener, *, label: str = "", groups: Collection[str] = (), slot_id: str = ""
    ) -> Slot:
        """Add a way in: to everything, or to no more than the named groups.

        Where there is no keyset yet, one is made that this slot alone opens.
        """
        slot = self._new_slot(opener, label, groups, slot_id)
        with self._guard:
            if self.document() is None and not groups:
                created = self._create(slot, opener)
                if created is not None:
                    return created
            return self._add(slot, opener)

    def slot(self, wanted: str) -> Slot:
        """The slot that a person means by the beginning of its id, or by its kind or label."""
        document = self.document()
        slots = document.slots if document else ()
        named = slots if wanted else ()
        found = [s for s in named if wanted in (s.id, s.kind, s.label)]
        found = found or [s for s in named if s.id.startswith(wanted)]
        if len(found) == 1:
            return found[0]
        shown = ", ".join(f"{s.id[:6]} ({s.kind})" for s in found or slots)
        if found:
            raise UsageError(f"{wanted!r} may be any of {shown}", hint="name it by its id")
        raise NotFound(f"there is no slot {wanted!r}", why=f"the slots are: {shown or 'none'}")

    def remove_slot(self, slot_id: str) -> None:
        """Take a way in away, with the secret that was stored for it."""

        def step(contents: Contents) -> Contents:
            _require_way_in(opened.slot for opened in contents.slots if opened.slot.id != slot_id)
            return change.without_slot(contents, slot_id)

        with self._guard:
            slot = self.slot(slot_id)
            document = self.apply(step)
            opener = self._opener_of(slot)
            if opener is not None:
                opener.discard(SlotName(document.id, slot.id), slot.parameters)

    def warnings_without(self, slot_id: str) -> tuple[str, ...]:
        """What its owner should know before this slot is removed; `LastSlot` if it must stay."""
        document = self.document()
        left = [slot for slot in document.slots if slot.id != slot_id] if document else []
        _require_way_in(left)
        if any(slot.kind in ("recovery", "passphrase") and not slot.groups for slot in left):
            return ()
        return ("no passphrase and no recovery code is left then: ai key add recovery",)

    def rotate_master(self) -> int:
        """A new master key, wrapped for every slot anew; no slot's secret is needed for it."""
        master = self._rng.token(KEY_BYTES)
        document = self.apply(lambda c: change.with_master(c, master))
        self.unlocker.session.clear(document.id)
        return document.generation

    def begin_rotation(self, group: str) -> bytes:
        """The key that this group's data moves to; the same one until it is finished."""
        key = self._rng.token(KEY_BYTES)
        with self._guard:
            self.apply(
                lambda c: (
                    c if _ring(c, group).pending else change.with_rotation_begun(c, group, key)
                )
            )
            return self.candidates(group)[-1]

    def finish_rotation(self, group: str) -> None:
        """The data has moved: forget the old key. Harmless when it was finished before."""
        self.apply(
            lambda c: change.with_rotation_finished(c, group) if _ring(c, group).pending else c
        )

    def cancel_rotation(self, group: str) -> None:
        """The data has not moved: forget the key that it should have moved to."""
        self.apply(
            lambda c: change.with_rotation_cancelled(c, group) if _ring(c, group).pending else c
        )

    def unlock(self, duration_s: int) -> None:
        """Keep everything open for this long, for this user's other processes too."""
        contents = self._open_contents()
        self.unlocker.session.put(contents.id, contents.master, duration_s)

    def lock(self) -> None:
        """End what `unlock` began."""
        with self._guard:
            document = self.document()
            self._opened = None
            if document is not None:
                self.unlocker.session.clear(document.id)

    def open_with(self, master: bytes) -> None:
        """Open it with a master key that was come by elsewhere, or raise `KeysTampered`."""
        with self._guard:
            document = self.document()
            if document is not None:
                contents = change.open_with_master(document, master)
                self._opened = Opened("import", contents.rings, contents)

    def _create_unasked(self) -> None:
        opener = KeyFile(self.unlocker.key_file, self._rng)
        if self._create(self._new_slot(opener, "made on first use"), opener) is None:
            return
        # A server has no desktop; the key file is there.
        with contextlib.suppress(SlotUnavailable):
            self.add_slot(Keyring(self.unlocker.vault, self._rng), label="desktop keyring")

    def _new_slot(
        self, opener: Opener, label: str, groups: Collection[str] = (), slot_id: str = ""
    ) -> Slot:
        return Slot(
            id=slot_id or new_id(self._rng),
            kind=opener.kind,
            label=label,
            created_at=self._clock.now().isoformat(timespec="seconds"),
            groups=tuple(sorted(set(groups))),
        )

    def _create(self, slot: Slot, opener: Opener) -> Slot | None:
        """Make the keyset with this slot; `None` when another process was faster."""
        with self.folder.changing():
            if self.folder.stamp() is not None:
                return None
            key_file = self.unlocker.key_file
            return create_on_disk(self.folder, slot, opener, key_file=key_file, rng=self._rng)

    def _add(self, slot: Slot, opener: Opener) -> Slot:
        contents = self._open_contents()
        for group in slot.groups:
            _ring(contents, group)
        name = SlotName(contents.id, slot.id)
        slot = replace(slot, parameters=opener.prepare(name))
        try:
            secret = opener.secret(name, slot.parameters)
            self.apply(lambda c: change.with_slot(c, slot, secret))
        except BaseException:
            opener.discard(name, slot.parameters)
            raise
        return slot

    def apply(self, step: Callable[[Contents], Contents]) -> Document:
        """Make a change and write it; a step that changes nothing writes nothing."""
        with self._guard:
            while True:
                # Outside the lock, as it may ask a person, who may be away.
                self._open_contents()
                with self.folder.changing():
                    document = self.document()
                    opened = self._opened
                    if document is None or opened is None or opened.contents is None:
                        continue  # another process changed the master key meanwhile
                    after = step(opened.contents)
                    if after == opened.contents:
                        return document
                    document = change.close(after)
                    self.folder.save(document)
                    self._stamp, self._document = self.folder.stamp(), document
                    after = replace(after, revision=document.revision)
                    self._opened = Opened(opened.way, after.rings, after)
                    return document

    def _open_contents(self) -> Contents:
        contents = self.opened(None).contents
        assert contents is not None
        return contents

    def _reopened(self, document: Document) -> Opened | None:
        """What was open stays open when only the rest of the file was changed."""
        opened = self._opened
        if opened is None or opened.contents is None:
            return None
        was = opened.contents
        if (was.id, was.generation) != (document.id, document.generation):
            return None
        with self.folder.naming_damage():
            contents = change.open_with_master(document, was.master)
        return Opened(opened.way, contents.rings, contents)

    def _opener_of(self, slot: Slot) -> Opener | None:
        if slot.kind == "keyfile":
            return KeyFile(Path(str(slot.parameters.get("path", ""))), self._rng)
        return Keyring(self.unlocker.vault, self._rng) if slot.kind == "keyring" else None


def _ring(contents: Contents, group: str) -> Ring:
    if group not in contents.rings:
        raise UsageError(f"no data of {group!r} is encrypted", hint="ai key status")
    return contents.rings[group]


def _require_way_in(slots: Iterable[Slot]) -> None:
    if all(slot.groups for slot in slots):
        raise LastSlot(
            "the last slot that opens everything stays",
            why="without it nobody could ever read the data again",
            hint="add another way in first: ai key add passphrase",
        )
