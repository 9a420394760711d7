"""Which project files may set anything: those whose path and content the user has approved."""

import hashlib
import json
from pathlib import Path
from typing import Any, cast

from quintet.platform.config.exclusive import exclusive
from quintet.platform.config.toml_file import TomlFile
from quintet.platform.files import ensure_private_dir, read_bytes, write_atomic
from quintet.platform.record.effects.port import WorldChanged

_LIMIT_BYTES = 1 << 20


class Trust:
    """The approvals, kept in one private file. A changed project file is a stranger again."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def covers(self, file: TomlFile) -> bool:
        return self.approvals().get(self.place_of(file.path)) == self.digest_of(file)

    def knows(self, path: Path) -> bool:
        return self.place_of(path) in self.approvals()

    def put(self, place: str, digest: str | None, *, was: str | None) -> None:
        """Approve a content at a place, or with None nothing there; `was` must be true still."""
        ensure_private_dir(self._path.parent)
        with exclusive(self._path):
            approvals = self.approvals()
            present = approvals.pop(place, None)
            if present not in (was, digest):
                raise WorldChanged(f"the trust in {place} was changed meanwhile")
            if digest is not None:
                approvals[place] = digest
            write_atomic(self._path, json.dumps(approvals, indent=1, sort_keys=True).encode())

    def approvals(self) -> dict[str, str]:
        """Digests by path. A file that makes no sense approves nothing."""
        if not self._path.exists():
            return {}
        try:
            found: Any = json.loads(read_bytes(self._path, _LIMIT_BYTES))
        except (ValueError, RecursionError):
            return {}
        if not isinstance(found, dict):
            return {}
        pairs = cast(dict[str, Any], found).items()
        return {place: digest for place, digest in pairs if isinstance(digest, str)}

    @staticmethod
    def place_of(path: Path) -> str:
        return str(path.resolve())

    @staticmethod
    def digest_of(file: TomlFile) -> str:
        return hashlib.sha256(file.raw).hexdigest()
