"""How different two pictures look: in brightness, in colour, and in where things are.

Distributions are compared by how far they would have to be shifted (the earth mover's distance), so
that a slow fade gives small numbers and a cut large ones; the layout is a coarse thumbnail, which
noise and slow pans hardly move. All three are in levels from 0 to 255.
"""

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from quintet.engines.video.frames import Picture, Plane

_COLUMNS, _ROWS = 16, 9
_SAMPLED_SIDE = 320
_BINS = 64
_LEVELS_PER_BIN = 256 // _BINS
# After a flash the picture is as before, but for what moved meanwhile.
_SAME_AS_BEFORE = 1 / 3


class Step(NamedTuple):
    """What changed from the picture before to this one, and how bright this one is."""

    brightness: float
    colour: float
    layout: float
    level: float

    @property
    def score(self) -> float:
        return max(self.brightness, self.colour, self.layout)

    @property
    def measure(self) -> str:
        """The name of what changed most."""
        return max(("layout", "colour", "brightness"), key=lambda name: getattr(self, name))


@dataclass(frozen=True, slots=True)
class Look:
    """What is kept of a picture to compare it with others."""

    thumbnail: "NDArray[np.float32]"
    brightness: "NDArray[np.float32]"
    colours: "tuple[NDArray[np.float32], ...]"
    level: float


class Watcher:
    """Sees pictures in order and notes each step, and each step that was soon taken back."""

    def __init__(self, memory_frames: int, least_change: float) -> None:
        self.steps: list[Step] = []
        self.returns: dict[int, int] = {}
        self._least_change = least_change
        self._looks: deque[Look] = deque(maxlen=memory_frames + 1)

    def see(self, picture: "Picture") -> None:
        look = look_at(picture)
        if self._looks:
            self.steps.append(difference(self._looks[-1], look))
        else:
            self.steps.append(Step(0.0, 0.0, 0.0, look.level))
        self._note_returns(look)
        self._looks.append(look)

    def _note_returns(self, look: Look) -> None:
        """A step is taken back when the picture is again what it was before the step."""
        now = len(self.steps) - 1
        for back in range(2, len(self._looks) + 1):
            step = now - back + 1
            change = self.steps[step].score
            if change < self._least_change or step in self.returns:
                continue
            if difference(self._looks[-back], look).score < change * _SAME_AS_BEFORE:
                self.returns[step] = now


def look_at(picture: "Picture") -> Look:
    luma = _sampled(picture.luma)
    return Look(
        thumbnail=_thumbnail(luma),
        brightness=_cumulative(luma),
        colours=tuple(_cumulative(_sampled(plane)) for plane in picture.chroma or ()),
        level=float(luma.mean()),
    )


def difference(before: Look, after: Look) -> Step:
    import numpy as np

    def levels(a: "NDArray[np.float32]", b: "NDArray[np.float32]") -> float:
        return float(np.abs(a - b).mean())

    return Step(
        brightness=levels(before.brightness, after.brightness) * 256,
        colour=max(
            (levels(a, b) * 256 for a, b in zip(before.colours, after.colours, strict=True)),
            default=0.0,
        ),
        layout=levels(before.thumbnail, after.thumbnail),
        level=after.level,
    )


def _sampled(plane: "Plane") -> "Plane":
    stride = max(1, max(plane.shape) // _SAMPLED_SIDE)
    return plane[::stride, ::stride]


def _thumbnail(luma: "Plane") -> "NDArray[np.float32]":
    """Mean brightness of a grid of cells; a picture smaller than the grid is its own thumbnail."""
    import numpy as np

    height, width = luma.shape
    rows = np.unique(np.linspace(0, height, _ROWS, endpoint=False, dtype=int))
    columns = np.unique(np.linspace(0, width, _COLUMNS, endpoint=False, dtype=int))
    sums = np.add.reduceat(np.add.reduceat(luma.astype(np.float32), rows, 0), columns, 1)
    areas = np.outer(np.diff(np.append(rows, height)), np.diff(np.append(columns, width)))
    return (sums / areas).astype(np.float32)


def _cumulative(plane: "Plane") -> "NDArray[np.float32]":
    """The share of pixels at or below each level."""
    import numpy as np

    counts = np.bincount(plane.ravel() // _LEVELS_PER_BIN, minlength=_BINS)
    return (np.cumsum(counts) / plane.size).astype(np.float32)
