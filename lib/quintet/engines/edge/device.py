"""A machine as far as running models on it goes, and what a rule may ask of whoever reads it."""

from dataclasses import dataclass
from typing import Protocol

from quintet.errors import Kind, QuintetError

# The year from which machines whose processor has this feature were usual.
_FEATURE_YEARS = {
    "avx2": 2013,
    "avx512f": 2017,
    "asimddp": 2018,
    "vaes": 2020,
    "avx512_vnni": 2019,
    "i8mm": 2020,
    "sve": 2020,
    "avx_vnni": 2021,
    "amx_int8": 2023,
}
FEATURES = frozenset({*_FEATURE_YEARS, "f16c", "fma", "asimd", "neon"})
_NEW_SINCE = 2020
_FEW_CORES = 4


class MachineUnreadable(QuintetError):
    """The system does not tell how much memory there is."""

    kind = Kind.UNAVAILABLE
    code = "edge.machine_unreadable"


@dataclass(frozen=True, slots=True)
class Reading:
    """One thing that was read: from where, and what it said."""

    source: str
    item: str
    value: str


@dataclass(frozen=True, slots=True)
class Battery:
    """How full it is, and whether the machine runs on it now."""

    percent: int
    is_discharging: bool


@dataclass(frozen=True, slots=True)
class Device:
    """What this process may use of the machine, limits of its container included."""

    name: str
    cores: int
    features: frozenset[str]
    total_bytes: int
    available_bytes: int
    disk_free_bytes: int
    gpus: tuple[str, ...] = ()
    battery: Battery | None = None
    firmware_year: int | None = None
    readings: tuple[Reading, ...] = ()

    @property
    def year(self) -> int | None:
        """A guess: the firmware's date, yet not before the processor's newest feature existed."""
        years = [_FEATURE_YEARS[feature] for feature in self.features & _FEATURE_YEARS.keys()]
        years += [self.firmware_year] if self.firmware_year else []
        return max(years, default=None)

    @property
    def weakness(self) -> str:
        """Why small numbers should be preferred on this machine, or nothing."""
        if self.year is not None and self.year < _NEW_SINCE:
            return f"it is from about {self.year}"
        if self.cores < _FEW_CORES:
            return f"it has {self.cores} cores for this process"
        if not self.features & {"avx2", "asimd", "neon"}:
            return "its processor has no wide vector instructions"
        return ""


class Machine(Protocol):
    """Reads the machine that this process runs on; cheap, changes nothing, starts no driver."""

    def read(self) -> Device: ...


class MemoryProbe(Protocol):
    """Measures how fast memory moves, since that bounds how fast a model can speak."""

    def bytes_per_s(self) -> float: ...
