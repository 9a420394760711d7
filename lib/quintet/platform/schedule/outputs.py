"""The last outputs of each job: a few, bounded, private; sealed where the job's group is."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from quintet.errors import QuintetError
from quintet.platform.crypto import Tampered, seal, unseal
from quintet.platform.files import ensure_private_dir, explained, read_bytes, write_atomic
from quintet.platform.keys.port import DataKeys

_KEPT = 5
_LIMIT_BYTES = 1 << 20
_PLAIN, _SEALED = ".txt", ".sealed"


@dataclass(frozen=True, slots=True)
class Outputs:
    """A folder a job, a file a run, named after the run's action."""

    directory: Path
    keys: DataKeys

    def keep(self, job: str, group: str, run: str, output: bytes) -> None:
        """Keep an output, and let the oldest go. One that cannot be sealed is not kept."""
        folder = ensure_private_dir(self.directory / f"{job}.out")
        if self.keys.is_sealed(group):
            sealed = seal(self.keys.data_key(group), output, _context(run))
            write_atomic(folder / f"{run}{_SEALED}", sealed)
        else:
            write_atomic(folder / f"{run}{_PLAIN}", output)
        self._let_go(folder)

    def of(self, job: str, group: str, run: str) -> bytes | None:
        """The output of a run, if it is still kept and can be opened."""
        path = self.directory / f"{job}.out" / f"{run}{_PLAIN}"
        if path.exists():
            return read_bytes(path, _LIMIT_BYTES)
        path = path.with_suffix(_SEALED)
        if not path.exists():
            return None
        sealed = read_bytes(path, _LIMIT_BYTES)
        for key in self.keys.candidates(group):
            with contextlib.suppress(Tampered):
                return unseal(key, sealed, _context(run))
        raise Tampered("the output of this run does not open", why="its key is not among yours")

    def _let_go(self, folder: Path) -> None:
        with explained("tidy up", folder), contextlib.suppress(QuintetError):
            for path in list(_newest_first(folder))[_KEPT:]:
                path.unlink(missing_ok=True)


def _newest_first(folder: Path) -> Iterator[Path]:
    files = [path for path in folder.iterdir() if path.suffix in (_PLAIN, _SEALED)]
    yield from sorted(files, key=lambda path: path.stat().st_mtime_ns, reverse=True)


def _context(run: str) -> bytes:
    return f"schedule-output:{run}".encode()
