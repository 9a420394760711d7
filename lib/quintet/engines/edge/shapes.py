"""What decides a model's need for memory: how many weights, and how much it keeps per token."""

from dataclasses import dataclass
from typing import Protocol

_F16_BYTES = 2


@dataclass(frozen=True, slots=True)
class Quantisation:
    """A way to store weights. Bits are the mean over a whole file, as llama.cpp writes it."""

    name: str
    bits: float


QUANTISATIONS = (
    Quantisation("Q4_K_M", 4.85),
    Quantisation("Q5_K_M", 5.70),
    Quantisation("Q6_K", 6.57),
    Quantisation("Q8_0", 8.50),
    Quantisation("F16", 16.0),
)


@dataclass(frozen=True, slots=True)
class Shape:
    """A model's size. What it keeps per token depends on its attention, not on quantisation."""

    name: str
    parameters: int
    layers: int
    kv_heads: int
    head_size: int

    def weights_bytes(self, quantisation: Quantisation) -> int:
        return round(self.parameters * quantisation.bits / 8)

    def context_bytes(self, tokens: int) -> int:
        """Keys and values of a full window, in half precision."""
        return tokens * self.layers * self.kv_heads * self.head_size * 2 * _F16_BYTES


# Shapes that are usual at each size in the open models of 2024 to 2026.
SHAPES = (
    Shape("0.5B", 494_000_000, 24, 2, 64),
    Shape("1B", 1_240_000_000, 16, 8, 64),
    Shape("3B", 3_210_000_000, 28, 8, 128),
    Shape("4B", 4_020_000_000, 36, 8, 128),
    Shape("8B", 8_030_000_000, 32, 8, 128),
    Shape("14B", 14_770_000_000, 40, 8, 128),
    Shape("32B", 32_760_000_000, 64, 8, 128),
    Shape("70B", 70_550_000_000, 80, 8, 128),
)


class ModelHeader(Protocol):
    """What a model file says of itself; read from its first bytes, never by loading it."""

    @property
    def shape(self) -> Shape: ...

    @property
    def quantisation(self) -> str:
        """The name of how its weights are stored, as people write it."""
        ...

    @property
    def weights_bytes(self) -> int: ...

    @property
    def trained_tokens(self) -> int:
        """The longest context that it was trained for; 0 when it does not say."""
        ...
