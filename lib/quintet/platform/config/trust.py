"""Which project files may set anything: those whose path and content the user has approved."""

import hashlib
import json
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from quintet.platform.config.exclusive import exclusive
from quintet.platform.config.toml_file import TomlFile
from quintet.platform.files import ensure_private_dir, read_bytes, write_atomic

_LIMIT_BYTES = 1 << 20


class Trust:
    """The approvals, kept in one private file. A changed project file is a stranger again."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def covers(self, file: TomlFile) -> bool:
        return self.approvals().get(_place(file.path)) == _digest(file)

    def grant(self, file: TomlFile) -> None:
        with self._changing() as approvals:
            approvals[_place(file.path)] = _digest(file)

    def revoke(self, path: Path) -> bool:
        with self._changing() as approvals:
            return approvals.pop(_place(path), None) is not None

    def knows(self, path: Path) -> bool:
        return _place(path) in self.approvals()

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

    @contextmanager
    def _changing(self) -> Generator[dict[str, str]]:
        ensure_private_dir(self._path.parent)
        with exclusive(self._path):
            approvals = self.approvals()
            yield approvals
            write_atomic(self._path, json.dumps(approvals, indent=1, sort_keys=True).encode())


def _place(path: Path) -> str:
    return str(path.resolve())


def _digest(file: TomlFile) -> str:
    return hashlib.sha256(file.raw).hexdigest()
