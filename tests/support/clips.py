"""Synthetic footage with known cuts: textured shots that pan, shake, flash, flicker and fade."""

from collections.abc import Iterator
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from quintet.engines.video.frames import Picture

RATE = Fraction(25)
WIDTH, HEIGHT = 96, 72
Image = NDArray[np.uint8]


class Studio:
    """Shoots pictures from a seed; each shot is a world of its own with light and colour."""

    def __init__(self, seed: int, *, noise: float = 2.0) -> None:
        self._random = np.random.default_rng(seed)
        self._noise = noise

    def shot(self, frames: int, *, pan: float = 0.0, noise: float | None = None) -> list[Picture]:
        """One take; `pan` is in pixels a frame."""
        world = self._world(WIDTH + int(abs(pan) * frames) + 1)
        colour = self._random.integers(60, 196, 2)
        return [
            self._picture(world[:, int(pan * i) :][:, :WIDTH], colour, noise) for i in range(frames)
        ]

    def black(self, frames: int) -> list[Picture]:
        dark = np.full((HEIGHT, WIDTH), 16.0)
        return [self._picture(dark, np.array([128, 128]), 0.5) for _ in range(frames)]

    def _world(self, width: int) -> NDArray[np.float64]:
        coarse = self._random.uniform(40, 220, (HEIGHT // 12, width // 12 + 2))
        return np.kron(coarse, np.ones((12, 12)))[:HEIGHT, :width]

    def _picture(
        self, luma: NDArray[np.float64], colour: NDArray[np.int64], noise: float | None
    ) -> Picture:
        deviation = self._noise if noise is None else noise
        grain = self._random.normal(0, deviation, luma.shape)
        plane = np.clip(luma + grain, 0, 255).astype(np.uint8)
        u, v = (np.full((HEIGHT // 2, WIDTH // 2), level, np.uint8) for level in colour)
        return Picture(plane, (u, v))


def lit(picture: Picture, share: float) -> Picture:
    """The picture with its light turned down towards black, or up beyond what it was."""
    u, v = (_scaled(plane, 128, min(share, 1.0)) for plane in picture.chroma or ())
    return Picture(_scaled(picture.luma, 16, share), (u, v))


def _scaled(plane: Image, origin: int, share: float) -> Image:
    return np.clip(origin + (plane.astype(float) - origin) * share, 0, 255).astype(np.uint8)


def faded(pictures: list[Picture], *, out: int = 0, into: int = 0) -> list[Picture]:
    """The shot with its last `out` pictures going to black, its first `into` coming from it."""
    last = len(pictures) - 1
    return [
        lit(picture, min(1.0, i / into if into else 1.0, (last - i) / out if out else 1.0))
        for i, picture in enumerate(pictures)
    ]


class Footage:
    """A clip that is already in memory, as a source of frames."""

    def __init__(self, *shots: list[Picture], rate: Fraction = RATE) -> None:
        self._shots = shots
        self.rate = rate

    @property
    def cuts(self) -> list[int]:
        """The first frame of each shot but the first."""
        lengths = [len(shot) for shot in self._shots[:-1]]
        return [sum(lengths[: i + 1]) for i in range(len(lengths))]

    def pictures(self) -> Iterator[Picture]:
        for shot in self._shots:
            yield from shot
