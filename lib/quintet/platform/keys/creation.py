"""The first use of encryption: a keyset with a key file, made so that a kill leaves no riddle.

The key file gets its final name last. A final key file without a keyset therefore always means
that the keyset was lost, and nothing new is made in its place.
"""

import contextlib
import re
from dataclasses import replace
from pathlib import Path

from quintet.errors import UsageError
from quintet.platform.crypto import KEY_BYTES
from quintet.platform.files import explained, sync_dir
from quintet.platform.keys import contents as change
from quintet.platform.keys.document import Slot, SlotName
from quintet.platform.keys.failures import KeysMissing
from quintet.platform.keys.keyfolder import KeyFolder
from quintet.platform.keys.slots.keyfile import KeyFile, read
from quintet.platform.keys.slots.opener import Opener
from quintet.platform.rng import Rng, new_id

_GROUP = re.compile(r"[a-z][a-z0-9_-]{0,39}")


def check_group(group: str) -> None:
    if not _GROUP.fullmatch(group):
        raise UsageError(f"{group!r} is not the name of a group")


def unsettled(key_file: Path) -> Path:
    """What the key file is called until its keyset is on disk."""
    return key_file.with_name(f"{key_file.name}.new")


def settle(key_file: Path, keyset_id: str) -> None:
    """Give this keyset's key file its final name, if nobody has yet."""
    fresh = unsettled(key_file)
    with explained("rename", fresh), contextlib.suppress(FileNotFoundError):
        if key_file.exists() or not fresh.exists():
            return
        if read(fresh).slot.keyset_id == keyset_id:
            fresh.rename(key_file)
            sync_dir(key_file.parent)


def create_on_disk(
    folder: KeyFolder, slot: Slot, opener: Opener, *, key_file: Path, rng: Rng
) -> Slot:
    """Make a keyset that this slot opens. The caller holds the lock."""
    _refuse_traces(folder, key_file)
    name = SlotName(new_id(rng), slot.id)
    making = opener
    if isinstance(opener, KeyFile) and opener.path == key_file:
        making = KeyFile(unsettled(key_file), rng)
        with explained("remove", making.path):
            making.path.unlink(missing_ok=True)
    parameters = making.prepare(name)
    secret = making.secret(name, parameters)
    if making is not opener:
        parameters = {"path": str(key_file)}
    slot = replace(slot, parameters=parameters)
    contents = change.create(name.keyset_id, rng.token(KEY_BYTES))
    folder.save(change.close(change.with_slot(contents, slot, secret)))
    settle(key_file, name.keyset_id)
    return slot


def _refuse_traces(folder: KeyFolder, key_file: Path) -> None:
    folder.require_none_lost()
    with explained("look for", key_file):
        is_there = key_file.exists()
    if is_there:
        raise KeysMissing(
            f"{folder.path} is missing",
            why=f"its key file {key_file} is there, so there were keys before",
            hint=f"put it back from a backup; to begin anew: mv '{key_file}' '{key_file}.old'",
        )


def notices(group: str, key_file: Path | None) -> tuple[str, ...]:
    """What somebody should know whose data was just encrypted without being asked anything."""
    encrypted = f"the data of {group} is encrypted from now on"
    if key_file is None:
        return (encrypted,)
    return (
        encrypted,
        f"the key is in {key_file}: whoever can read that file can read the data",
        "write down a recovery code: ai key add recovery",
        "to need a passphrase instead: ai key add passphrase, then ai key remove keyfile",
    )
