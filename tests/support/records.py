"""A real record in a temporary folder, for use cases that put down what they did."""

from pathlib import Path

from quintet.platform.clock import FakeClock
from quintet.platform.record.record import Record
from quintet.platform.rng import SeededRng
from quintet.platform.store.journal import Journal


def record_in(folder: Path) -> Record:
    """Ids and times repeat from run to run."""
    journal = Journal(folder / "journal", "record")
    return Record(journal, folder / "record", clock=FakeClock(), rng=SeededRng(1))
