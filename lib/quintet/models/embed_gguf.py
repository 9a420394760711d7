"""Embeds with a GGUF model that the user has, such as MiniLM or bge, by the same child process."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from quintet.models.dig import dig_list
from quintet.models.gguf import open_header
from quintet.models.local_start import Room, file_of, room_of, start_worker, tokens_within
from quintet.models.port import ContextExceeded, ModelFailed
from quintet.models.registry import Services
from quintet.models.worker_process import WorkerProcess
from quintet.platform.files import digest_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Raise it when texts are cut or combined differently: vectors made before no longer compare.
_METHOD = 1
_BATCH = 32
# About what fits; a part with more tokens than that is halved until it does.
_BYTES_PER_TOKEN = 4


def open_embedder(rest: str, services: Services) -> GgufEmbedder:
    return GgufEmbedder(f"gguf:{rest}", file_of(rest, services), room_of(services.settings))


class GgufEmbedder:
    """Starts its process with the first call, and keeps it until `close`.

    A text that is longer than the model reads at once is embedded in parts, and its vector is their
    mean by length: nothing of it is left out.
    """

    def __init__(self, name: str, path: Path, room: Room) -> None:
        self._name = name
        self._path = path
        self._room = room
        self._digest = ""
        self._worker: WorkerProcess | None = None

    @property
    def name(self) -> str:
        return self._name

    @property
    def dimensions(self) -> int:
        return open_header(self._path).of_architecture("embedding_length")

    @property
    def digest(self) -> str:
        self._digest = self._digest or f"{digest_of(self._path)[:16]}.{_METHOD}"
        return self._digest

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        import numpy as np

        limit = tokens_within(open_header(self._path), self._room) * _BYTES_PER_TOKEN
        parts = [(row, part) for row, text in enumerate(texts) for part in parts_of(text, limit)]
        rows = np.zeros((len(texts), self.dimensions), np.float32)
        for start in range(0, len(parts), _BATCH):
            batch = parts[start : start + _BATCH]
            vectors = self._of_parts([part for _, part in batch])
            for (row, part), vector in zip(batch, vectors, strict=True):
                rows[row] += vector * len(part)
        return _of_length_one(rows)

    def close(self) -> None:
        if self._worker is not None:
            self._worker.close()
            self._worker = None

    def _of_parts(self, parts: list[str]) -> NDArray[np.float32]:
        """Vectors of length one; parts that turn out too long are looked at one by one."""
        import numpy as np

        try:
            return _of_length_one(self._vectors(parts))
        except ContextExceeded:
            if len(parts) > 1:
                return np.concatenate([self._of_parts([part]) for part in parts])
            halves = parts_of(parts[0], max(1, len(parts[0].encode()) // 2))
            if len(halves) < 2:
                raise
            lengths = np.asarray([[len(half)] for half in halves], np.float32)
            mean = (self._of_parts(halves) * lengths).sum(axis=0, keepdims=True)
            return _of_length_one(mean.astype(np.float32))

    def _vectors(self, texts: list[str]) -> NDArray[np.float32]:
        import numpy as np

        if self._worker and not self._worker.is_alive:
            self.close()
        worker = self._worker = self._worker or start_worker(
            self._name, self._path, self._room, embeds=True
        )
        try:
            worker.order("embed", texts=texts)
            rows = dig_list(worker.expect("vectors", self._room.timeout_s), "rows")
            vectors = np.asarray(rows, np.float32)
        except (ValueError, TypeError) as error:
            raise ModelFailed(f"{self._name} gave no usable vectors", why=str(error)) from error
        finally:
            if not worker.settle():
                self._worker = None
        if vectors.shape != (len(texts), self.dimensions) or not np.isfinite(vectors).all():
            raise ModelFailed(f"{self._name} gave no usable vectors", why="they make no sense")
        return vectors


def _of_length_one(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    import numpy as np

    lengths = np.linalg.norm(rows, axis=1, keepdims=True).astype(np.float32)
    lengths[lengths == 0] = 1
    return rows / lengths


def parts_of(text: str, limit_bytes: int) -> list[str]:
    """The text in parts of at most so many bytes, cut between words where there are some."""
    whole = text.encode("utf-8", "replace").strip()
    found: list[str] = []
    while whole:
        end = limit_bytes if len(whole) > limit_bytes else len(whole)
        if end < len(whole):
            space = whole.rfind(b" ", 1, end)
            end = space if space > end // 2 else end
            while end > 1 and whole[end] & 0xC0 == 0x80:
                end -= 1
        found.append(whole[:end].decode("utf-8", "ignore"))
        whole = whole[end:].lstrip()
    return [part for part in found if part.strip()]
