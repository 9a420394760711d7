"""The port behind which files become documents."""

from typing import Protocol

from quintet.retrieval.document import Document
from quintet.retrieval.loaders.choice import Loader


class Loading(Protocol):
    """Loads within limits, whatever the bytes are. Not for several threads at once."""

    def load(self, loader: Loader, data: bytes) -> Document:
        """The document; `Unreadable` says why there is none."""
        ...

    def close(self) -> None:
        """End what was started; a later call starts it again."""
        ...
