"""Changes of files described as effects, before any of them happens.

Here the world is looked at once: links in the way are followed, missing folders are found, and a
file too large to be kept makes its effect irreversible while there is still time to say no.
"""

import errno
import os
from dataclasses import replace
from pathlib import Path

from quintet.errors import UsageError
from quintet.platform.crypto import digest_hex
from quintet.platform.files import FileFailure, failure_of
from quintet.platform.record.effects.file import FileHandler, State, is_file
from quintet.platform.record.effects.move import move_of
from quintet.platform.record.effects.place import folder_of, settled
from quintet.platform.record.event import Effect, Reversal
from quintet.platform.record.shelf import Shelf


class FileChanges:
    """Describes changes of files in one group."""

    def __init__(self, handler: FileHandler, shelf: Shelf) -> None:
        self._handler = handler
        self._shelf = shelf

    def writing(self, path: Path, data: bytes, mode: int | None = None) -> list[Effect]:
        """A file's new content; first the folders that it needs. A link is followed, once, now."""
        target = settled(path, follow_last=True)
        before = self._handler.state(target)
        if before is not None and before["type"] != "file":
            is_blocked = before["type"] == "blocked"
            why = "a part of its path is a file" if is_blocked else "it is not a file"
            raise FileFailure(f"could not write {path}", why=why)
        kept_mode = before["mode"] if before else 0o666 & ~_umask()
        after: State = {
            "type": "file",
            "sha256": digest_hex(data),
            "size": len(data),
            "mode": kept_mode if mode is None else mode,
        }
        folders = self._missing_folders(target) if before is None else []
        return [*folders, self._described(target, before, after)]

    def deleting(self, path: Path) -> Effect:
        """A file or link that goes. A folder has to be empty, and goes by `removing_folder`."""
        target = settled(path, follow_last=False)
        before = self._present(target, "delete")
        if before["type"] == "dir":
            raise failure_of(IsADirectoryError(errno.EISDIR, ""), "delete", path)
        return self._described(target, before, None)

    def making_folder(self, path: Path, mode: int | None = None) -> list[Effect]:
        """A new folder, and those above it that are missing."""
        target = settled(path, follow_last=False)
        if (before := self._handler.state(target)) is not None:
            if before["type"] == "dir":
                return []
            raise FileFailure(f"could not create the folder {path}", why="something is there")
        after: State = {"type": "dir", "mode": _folder_mode() if mode is None else mode}
        return [*self._missing_folders(target), Effect(FileHandler.kind, target, None, after)]

    def removing_folder(self, path: Path) -> Effect:
        target = settled(path, follow_last=False)
        before = self._present(target, "remove")
        if before["type"] != "dir":
            raise failure_of(NotADirectoryError(errno.ENOTDIR, ""), "remove the folder", path)
        return Effect(FileHandler.kind, target, before, None)

    def setting_mode(self, path: Path, mode: int) -> Effect:
        target = settled(path, follow_last=True)
        before = self._present(target, "change the mode of")
        needed = 0o700 if before["type"] == "dir" else 0o400
        if mode & needed != needed:
            raise FileFailure(
                f"could not change the mode of {path}",
                why=f"with mode {mode:o} its owner could not look at it again to undo this",
            )
        return Effect(FileHandler.kind, target, before, {**before, "mode": mode})

    def linking(self, path: Path, points_to: str) -> list[Effect]:
        """A symbolic link, in place of the link or file that is there."""
        target = settled(path, follow_last=False)
        before = self._handler.state(target)
        if before is not None and before["type"] not in ("file", "link"):
            raise FileFailure(f"could not link {path}", why="something else is there")
        after: State = {"type": "link", "to": points_to}
        folders = self._missing_folders(target) if before is None else []
        return [*folders, self._described(target, before, after)]

    def moving(self, source: Path, target: Path) -> list[Effect]:
        """A file, link or folder gets another name; a file that has the name now is deleted."""
        old = settled(source, follow_last=False)
        new = settled(target, follow_last=False)
        moved = self._present(old, "move")
        if old == new:
            return []
        if new.startswith(old + "/"):
            raise UsageError(f"cannot move {source} into itself")
        effects = self._missing_folders(new)
        if self._handler.state(new) is not None:
            effects.append(self.deleting(target))
        return [*effects, move_of(old, new, moved)]

    def _described(self, target: str, before: State | None, after: State | None) -> Effect:
        effect = Effect(FileHandler.kind, target, before, after)
        if before is not None and is_file(before) and not self._shelf.has(before["sha256"]):
            reason = self._shelf.refusal(target, before["size"])
            if reason:
                return replace(effect, reversal=Reversal.IRREVERSIBLE, note=reason)
        return effect

    def _missing_folders(self, target: str) -> list[Effect]:
        missing: list[str] = []
        folder = folder_of(target)
        while (found := self._handler.state(folder)) is None:
            missing.append(folder)
            folder = folder_of(folder)
        if found["type"] != "dir":
            raise failure_of(NotADirectoryError(errno.ENOTDIR, ""), "create a folder in", folder)
        return [removed_folder(path).inverse() for path in reversed(missing)]

    def _present(self, target: str, doing: str) -> State:
        before = self._handler.state(target)
        if before is None:
            raise failure_of(FileNotFoundError(errno.ENOENT, ""), doing, target)
        if before["type"] in ("other", "blocked"):
            raise FileFailure(f"could not {doing} {target}", why="it is not a file or a folder")
        return before


def removed_folder(path: str) -> Effect:
    """The removal whose inverse makes a folder such as a program makes by default."""
    return Effect(FileHandler.kind, path, {"type": "dir", "mode": _folder_mode()}, None)


def _umask() -> int:
    # There is no way to read it but to set it; the strict value in between errs on the safe side.
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _folder_mode() -> int:
    return 0o777 & ~_umask()
