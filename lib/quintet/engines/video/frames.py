"""What the scene finder asks of a clip: its rate, and its pictures one after the other."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Protocol, TypeAlias

from quintet.errors import Kind, QuintetError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Plane: TypeAlias = NDArray[np.uint8]


class ClipUnreadable(QuintetError):
    """The bytes are no clip, or one in a form that this reader does not know."""

    code = "video.unreadable"


class ClipTruncated(QuintetError):
    """The clip stops in the middle of a picture; everything before it was read."""

    kind = Kind.PARTIAL
    code = "video.truncated"


@dataclass(frozen=True, slots=True)
class Picture:
    """One frame: brightness per pixel and, unless the clip is grey, two planes of colour."""

    luma: "Plane"
    chroma: "tuple[Plane, Plane] | None" = None


class FrameSource(Protocol):
    """A clip that can be watched once, from its first picture to its last.

    All pictures have one size. A clip that breaks off raises `ClipTruncated` after its last whole
    picture. Closing the generator releases whatever the source holds, a child process included.
    """

    @property
    def rate(self) -> Fraction:
        """Pictures per second; known before the first picture is asked for."""
        ...

    def pictures(self) -> Iterator[Picture]: ...
