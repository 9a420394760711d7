"""The edge engine put together with this machine."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from quintet.engines.edge.fit_machine import Fitting, fit_machine
from quintet.engines.edge.shapes import Shape
from quintet.models.gguf import GgufHeader, open_header

if TYPE_CHECKING:
    from quintet.app.home import App
    from quintet.engines.edge.device import Device, Machine, MemoryProbe


@dataclass(frozen=True, slots=True)
class GgufModel:
    """A GGUF file's header in the words of the edge engine."""

    name: str
    header: GgufHeader

    @property
    def shape(self) -> Shape:
        header = self.header
        heads = header.of_architecture("attention.head_count", 1)
        head_size = header.of_architecture(
            "attention.key_length", header.of_architecture("embedding_length") // max(1, heads)
        )
        return Shape(
            name=header.name or self.name,
            parameters=header.parameters,
            layers=header.of_architecture("block_count"),
            kv_heads=header.of_architecture("attention.head_count_kv", heads),
            head_size=head_size,
        )

    @property
    def quantisation(self) -> str:
        return self.header.quantisation

    @property
    def weights_bytes(self) -> int:
        return self.header.weights_bytes

    @property
    def trained_tokens(self) -> int:
        return self.header.context_length


def fit(app: "App", model: Path | None, context_tokens: int) -> tuple[str, Fitting]:
    """What this machine can run, as a recorded action; its id comes first."""
    header = GgufModel(model.stem, open_header(app.cwd / model)) if model else None
    summary = f"what can run: {model.name}" if model else "what this machine can run"
    with app.record.action("edge", "fit", summary) as action:
        fitting = fit_machine(
            _machine(app), _probe, action=action, context_tokens=context_tokens, header=header
        )
    return action.id, fitting


def _machine(app: "App") -> "Machine":
    from quintet.engines.edge.adapters.linux import LinuxMachine
    from quintet.engines.edge.adapters.macos import MacMachine

    return MacMachine(app.data_dir) if sys.platform == "darwin" else LinuxMachine(app.data_dir)


def _probe(device: "Device") -> "MemoryProbe":
    from quintet.engines.edge.adapters.memory_probe import CopyProbe

    return CopyProbe(device.cores, device.available_bytes)
