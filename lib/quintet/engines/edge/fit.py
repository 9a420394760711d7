"""Which models fit a machine, at which quantisation, and how fast they could speak at best."""

from dataclasses import dataclass
from enum import StrEnum

from quintet.engines.edge.device import Device
from quintet.engines.edge.shapes import QUANTISATIONS, SHAPES, ModelHeader, Quantisation, Shape

# Of the memory that is available now: what a model may take without a squeeze, and at all.
_COMFORTABLE = 0.75
_BEARABLE = 0.95
# Working buffers of the runtime: measured runs stay below this.
_OVERHEAD_BYTES = 96 << 20
_OVERHEAD_SHARE = 0.03
# Slower than this, waiting for the answer is slower than reading it.
_READABLE_TOKENS_PER_S = 4.0
_FOUR_BIT, _EIGHT_BIT = QUANTISATIONS[0], QUANTISATIONS[3]


class Verdict(StrEnum):
    """Whether a model can run here."""

    FITS = "fits"
    TIGHT = "tight"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Estimate:
    """What one model would take and give. The speed is a ceiling, never a promise."""

    quantisation: str
    weights_bytes: int
    context_bytes: int
    overhead_bytes: int
    verdict: Verdict
    tokens_per_s_at_most: float

    @property
    def total_bytes(self) -> int:
        return self.weights_bytes + self.context_bytes + self.overhead_bytes


@dataclass(frozen=True, slots=True)
class Row:
    """One size of model at every quantisation, and the one to take."""

    shape: Shape
    estimates: tuple[Estimate, ...]
    recommended: Estimate | None
    why: str


@dataclass(frozen=True, slots=True)
class FileFit:
    """One model file on this machine. `longest_tokens` is the widest window that still fits."""

    header: ModelHeader
    estimate: Estimate
    longest_tokens: int
    why: str


@dataclass(frozen=True, slots=True)
class Scales:
    """What everything is weighed with: the machine, its measured speed, the wanted window."""

    device: Device
    bytes_per_s: float
    context_tokens: int

    def estimate(self, shape: Shape, weights_bytes: int, quantisation: str) -> Estimate:
        context_bytes = shape.context_bytes(self.context_tokens)
        overhead_bytes = overhead_of(weights_bytes)
        return Estimate(
            quantisation,
            weights_bytes,
            context_bytes,
            overhead_bytes,
            self._verdict(weights_bytes + context_bytes + overhead_bytes),
            self.bytes_per_s / weights_bytes,
        )

    def _verdict(self, total_bytes: int) -> Verdict:
        if total_bytes <= self.device.available_bytes * _COMFORTABLE:
            return Verdict.FITS
        if total_bytes <= self.device.available_bytes * _BEARABLE:
            return Verdict.TIGHT
        return Verdict.NO


def overhead_of(weights_bytes: int) -> int:
    return _OVERHEAD_BYTES + round(weights_bytes * _OVERHEAD_SHARE)


def rows(scales: Scales) -> list[Row]:
    """Every usual size on this machine, smallest first."""
    return [_row(shape, scales) for shape in SHAPES]


def best(fitted: list[Row]) -> Row | None:
    """The largest model that fits and can be read along with; else the smallest that runs."""
    running = [row for row in fitted if row.recommended is not None]
    pleasant = [
        row
        for row in running
        if row.recommended is not None
        and row.recommended.verdict is Verdict.FITS
        and row.recommended.tokens_per_s_at_most >= _READABLE_TOKENS_PER_S
    ]
    return pleasant[-1] if pleasant else next(iter(running), None)


def fit_file(header: ModelHeader, scales: Scales) -> FileFit:
    """A given file: it is as it is, so what may give way is the window."""
    shape = header.shape
    estimate = scales.estimate(shape, header.weights_bytes, header.quantisation)
    room = scales.device.available_bytes * _COMFORTABLE
    room -= header.weights_bytes + estimate.overhead_bytes
    per_token = max(1, shape.context_bytes(1))
    longest = max(0, int(room / per_token))
    if header.trained_tokens:
        longest = min(longest, header.trained_tokens)
    return FileFit(header, estimate, longest, _why_file(estimate, longest, scales, header))


def _row(shape: Shape, scales: Scales) -> Row:
    estimates = tuple(
        scales.estimate(shape, shape.weights_bytes(quantisation), quantisation.name)
        for quantisation in QUANTISATIONS
    )
    wanted, reason = _preference(scales.device)
    candidates = [
        estimate
        for estimate, quantisation in reversed(list(zip(estimates, QUANTISATIONS, strict=True)))
        if quantisation.bits <= wanted.bits and estimate.verdict is not Verdict.NO
    ]
    fitting = [estimate for estimate in candidates if estimate.verdict is Verdict.FITS]
    chosen = fitting[0] if fitting else next(reversed(candidates), None)
    if chosen is None:
        needed = estimates[0].total_bytes
        return Row(shape, estimates, None, f"{gigabytes(needed)} needed even at {_FOUR_BIT.name}")
    if chosen.quantisation != wanted.name:
        reason = f"{wanted.name} is too large for the memory that is free"
    return Row(shape, estimates, chosen, reason)


def _preference(device: Device) -> tuple[Quantisation, str]:
    """The rule before memory is asked: four bits on old and weak machines, eight on others."""
    if device.weakness:
        return _FOUR_BIT, f"4-bit, since {device.weakness}"
    return _EIGHT_BIT, "8-bit, the machine is strong enough for it"


def _why_file(estimate: Estimate, longest: int, scales: Scales, header: ModelHeader) -> str:
    available = gigabytes(scales.device.available_bytes)
    need = (
        f"{gigabytes(estimate.weights_bytes)} weights + {gigabytes(estimate.context_bytes)} for "
        f"{scales.context_tokens:,} tokens + {gigabytes(estimate.overhead_bytes)} buffers, "
        f"of {available} available"
    )
    if estimate.verdict is not Verdict.NO:
        return need
    if longest > 0:
        return f"{need}; a window of {longest:,} tokens would fit"
    smaller = [
        quantisation.name
        for quantisation in QUANTISATIONS
        if scales.estimate(
            header.shape, header.shape.weights_bytes(quantisation), quantisation.name
        ).verdict
        is Verdict.FITS
        and header.shape.weights_bytes(quantisation) < header.weights_bytes
    ]
    return f"{need}; it would fit as {smaller[-1]}" if smaller else need


def gigabytes(size_bytes: float) -> str:
    """In units of 10⁹ bytes below which people buy memory, small sizes in millions."""
    if size_bytes < 1e9:
        return f"{size_bytes / 1e6:.0f} MB"
    return f"{size_bytes / 1e9:.1f} GB"
