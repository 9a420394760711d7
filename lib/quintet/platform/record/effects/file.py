"""Effects on files, links and folders of the user, wherever they lie and whatever their names.

A state says what is at a path: kind, mode, and the digest of a file's content, which the vault
holds. Links are changed as links. Ownership, ACLs and extended attributes are not described.
"""

import contextlib
import errno
import hashlib
import os
import stat
from dataclasses import replace
from typing import Any

from quintet.platform.crypto import canonical_json, digest_hex
from quintet.platform.files import FileFailure, explained, write_all
from quintet.platform.record.effects.place import Place, reached
from quintet.platform.record.effects.port import WorldChanged
from quintet.platform.record.event import Effect, Reversal
from quintet.platform.record.shelf import Shelf, TooLarge, copy_content

State = dict[str, Any]
_CHUNK_BYTES = 1 << 20
_BLOCKED: State = {"type": "blocked"}


class FileHandler:
    """Makes described changes of files and takes them back."""

    kind = "file"

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def state(self, target: str) -> Any:
        with explained("look at", target):
            try:
                with reached(target) as place:
                    return _state_at(place)
            except FileNotFoundError:
                return None
            except NotADirectoryError:
                return _BLOCKED

    def keep(self, effect: Effect) -> Effect:
        """Put the content that will be replaced into the vault."""
        before = effect.before
        if effect.reversal is not Reversal.REVERSIBLE or not is_file(before):
            return effect
        if is_file(effect.after) and effect.after["sha256"] == before["sha256"]:
            return effect
        if self._shelf.renew(before["sha256"]):
            return effect
        try:
            with explained("keep the content of", effect.target), reached(effect.target) as place:
                fd = place.open(os.O_RDONLY | os.O_NONBLOCK)
                try:
                    digest = self._shelf.keep(fd)
                finally:
                    os.close(fd)
        except TooLarge as error:
            return replace(effect, reversal=Reversal.IRREVERSIBLE, note=error.why)
        if digest != before["sha256"]:
            raise changed(effect.target)
        return effect

    def hindrance(self, effect: Effect) -> str:
        before, after = effect.before, effect.after
        if not is_file(before) or (is_file(after) and after["sha256"] == before["sha256"]):
            return ""
        return "" if self._shelf.has(before["sha256"]) else "its old content is no longer kept"

    def clear(self, effect: Effect) -> None:
        clear_temporary(effect, effect.target)

    def apply(self, effect: Effect, content: bytes | None = None) -> None:
        """Make the world `after`; new content comes from the caller or else from the vault."""
        with explained("change", effect.target), reached(effect.target) as place:
            temporary = place.beside(temporary_name(effect))
            temporary.unlink(missing_ok=True)
            present = _state_at(place)
            if present == effect.after:
                return
            if present != effect.before:
                raise changed(effect.target)
            self._change(place, temporary, effect, content)
            place.sync_folder()

    def revert(self, effect: Effect) -> None:
        try:
            self.apply(effect.inverse())
        except FileFailure as failure:
            if not _is_moot(effect, failure.__cause__):
                raise

    def _change(
        self, place: Place, temporary: Place, effect: Effect, content: bytes | None
    ) -> None:
        before, after = effect.before, effect.after
        if after is None:
            _remove(place, before)
        elif after["type"] == "dir":
            if before is None:
                os.mkdir(place.name, after["mode"], dir_fd=place.folder_fd)
            _set_mode(place, after["mode"])
        elif after["type"] == "link":
            os.symlink(after["to"], temporary.name, dir_fd=place.folder_fd)
            place.replace_by(temporary)
        elif is_file(before) and before["sha256"] == after["sha256"]:
            _set_mode(place, after["mode"])
        else:
            self._write(place, temporary, after, content)

    def _write(self, place: Place, temporary: Place, after: State, content: bytes | None) -> None:
        fd = temporary.open(os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            try:
                if content is None:
                    self._shelf.copy_to(after["sha256"], fd)
                else:
                    write_all(fd, content)
                _keep_owner(place, fd)
                os.fchmod(fd, after["mode"])
                os.fsync(fd)
            finally:
                os.close(fd)
            place.replace_by(temporary)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


def _state_at(place: Place) -> State | None:
    try:
        info = place.stat()
    except FileNotFoundError:
        return None
    mode = stat.S_IMODE(info.st_mode)
    if stat.S_ISLNK(info.st_mode):
        return {"type": "link", "to": place.read_link()}
    if stat.S_ISDIR(info.st_mode):
        return {"type": "dir", "mode": mode}
    if stat.S_ISREG(info.st_mode):
        return _file_state(place, mode)
    return {"type": "other", "mode": mode}


def _file_state(place: Place, mode: int) -> State:
    digest, size = hashlib.sha256(), 0
    fd = place.open(os.O_RDONLY | os.O_NONBLOCK)
    try:
        while chunk := os.read(fd, _CHUNK_BYTES):
            digest.update(chunk)
            size += len(chunk)
    finally:
        os.close(fd)
    return {"type": "file", "sha256": digest.hexdigest(), "size": size, "mode": mode}


def is_file(state: Any) -> bool:
    return state is not None and state["type"] == "file"


def _remove(place: Place, before: State | None) -> None:
    if before is not None and before["type"] == "dir":
        os.rmdir(place.name, dir_fd=place.folder_fd)
    else:
        place.unlink()


def _is_moot(effect: Effect, cause: BaseException | None) -> bool:
    """Nothing is left to revert: what was made is gone, or the made folder is in others' use."""
    if effect.before is not None or not isinstance(cause, OSError):
        return False
    in_use = cause.errno == errno.ENOTEMPTY and effect.after["type"] == "dir"
    return in_use or cause.errno == errno.ENOENT


def _set_mode(place: Place, mode: int) -> None:
    fd = place.open(os.O_RDONLY | os.O_NONBLOCK)
    try:
        os.fchmod(fd, mode)
    finally:
        os.close(fd)


def copy_across(source: Place, target: Place, temporary: Place, state: State) -> None:
    """Make the same file or link on another disk; the source is left for the caller to remove."""
    temporary.unlink(missing_ok=True)
    if state["type"] == "link":
        os.symlink(state["to"], temporary.name, dir_fd=temporary.folder_fd)
    else:
        _copy_file(source, temporary, state["mode"])
    target.replace_by(temporary)


def _copy_file(source: Place, target: Place, mode: int) -> None:
    source_fd = source.open(os.O_RDONLY | os.O_NONBLOCK)
    try:
        target_fd = target.open(os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            copy_content(source_fd, target_fd)
            os.fchmod(target_fd, mode)
            os.fsync(target_fd)
        finally:
            os.close(target_fd)
    finally:
        os.close(source_fd)


def _keep_owner(place: Place, fd: int) -> None:
    """A file that root rewrites stays its owner's."""
    if os.geteuid() != 0:
        return
    try:
        info = place.stat()
    except FileNotFoundError:
        return
    os.fchown(fd, info.st_uid, info.st_gid)


def clear_temporary(effect: Effect, path: str) -> None:
    with (
        explained("tidy up beside", path),
        contextlib.suppress(FileNotFoundError, NotADirectoryError),
        reached(path) as place,
    ):
        place.beside(temporary_name(effect)).unlink(missing_ok=True)


def temporary_name(effect: Effect) -> str:
    """The same for an effect and its inverse, so that a later try finds what a kill left behind."""
    states = sorted([canonical_json(effect.before), canonical_json(effect.after)])
    return f".ai-{digest_hex(b' '.join([*states, os.fsencode(effect.target)]))[:16]}.tmp"


def changed(target: str) -> WorldChanged:
    shown = target.encode("utf-8", "replace").decode()
    return WorldChanged(
        f"{shown} was changed in the meantime",
        why="it is not in the state that this change starts from",
        hint="look at it, then run the command again",
    )
