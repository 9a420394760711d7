"""Says what this machine can run, and puts down every reading that the answer rests on."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from quintet.engines.edge.device import Device, Machine, MemoryProbe
from quintet.engines.edge.fit import FileFit, Row, Scales, best, fit_file, gigabytes, rows
from quintet.engines.edge.shapes import ModelHeader
from quintet.platform.record.event import Evidence

if TYPE_CHECKING:
    from quintet.platform.record.record import Action


@dataclass(frozen=True, slots=True)
class Fitting:
    """The answer: every usual size, the best of them, and the given file if there was one."""

    device: Device
    bytes_per_s: float
    context_tokens: int
    rows: tuple[Row, ...]
    best: Row | None
    file: FileFit | None


def fit_machine(
    machine: Machine,
    probe_for: Callable[[Device], MemoryProbe],
    *,
    action: "Action",
    context_tokens: int,
    header: ModelHeader | None = None,
) -> Fitting:
    """Read, measure, weigh. Nothing is loaded: the figures come from sizes alone."""
    device = machine.read()
    bytes_per_s = probe_for(device).bytes_per_s()
    scales = Scales(device, bytes_per_s, context_tokens)
    fitted = rows(scales)
    file = fit_file(header, scales) if header is not None else None
    fitting = Fitting(device, bytes_per_s, context_tokens, tuple(fitted), best(fitted), file)
    _explain(fitting, action)
    return fitting


def _explain(fitting: Fitting, action: "Action") -> None:
    measured = f"memory moves {gigabytes(fitting.bytes_per_s)}/s"
    action.because(
        "what this process may use",
        *(Evidence("value", r.source, r.item, note=r.value) for r in fitting.device.readings),
        Evidence("value", "memory probe", "bandwidth", note=f"{measured}, measured by copying"),
    )
    action.because(
        f"{measured} and every word needs all weights once, so bandwidth over weights is the "
        "most that can be expected"
    )
    if fitting.file is not None:
        verdict = fitting.file.estimate.verdict
        action.because(f"{fitting.file.header.shape.name}: {verdict}, {fitting.file.why}")
    elif fitting.best is not None and fitting.best.recommended is not None:
        chosen = fitting.best.recommended
        action.because(
            f"the best size here is {fitting.best.shape.name} at {chosen.quantisation}: "
            f"{gigabytes(chosen.total_bytes)}, {fitting.best.why}"
        )
