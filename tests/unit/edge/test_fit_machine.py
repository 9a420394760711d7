"""The answer stands in the record with every reading that it rests on."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from quintet.engines.edge.device import Device, Reading
from quintet.engines.edge.fit_machine import fit_machine
from support.histories import record_at

DEVICE = Device(
    name="laptop",
    cores=8,
    features=frozenset({"avx2", "avx_vnni"}),
    total_bytes=16 * 10**9,
    available_bytes=10 * 10**9,
    disk_free_bytes=10**11,
    readings=(Reading("/proc/meminfo", "MemAvailable", "10,000,000,000 bytes"),),
)


@dataclass(frozen=True, slots=True)
class Steady:
    """A machine and a probe that always say the same."""

    def read(self) -> Device:
        return DEVICE

    def bytes_per_s(self) -> float:
        return 40e9


@pytest.mark.demand("EDGE-1")
def test_readings_and_reasons_are_in_the_record(tmp_path: Path) -> None:
    record = record_at(tmp_path / "record")
    with record.action("edge", "fit", "test") as action:
        fitting = fit_machine(Steady(), lambda _: Steady(), action=action, context_tokens=4096)
    assert fitting.best is not None
    event = next(iter(record.history().events()))
    assert ("value", "/proc/meminfo", "MemAvailable") in {
        (evidence.kind, evidence.ref, evidence.where) for evidence in event.evidence
    }
    assert event.reasons[-1].startswith("the best size here is 8B at Q6_K")
    assert event.effects == ()
