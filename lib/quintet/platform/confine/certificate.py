"""What was proven about one run of one command, and what was not."""

from dataclasses import asdict, dataclass
from typing import Any

SCHEMA = "offline-certificate/1"

# Ways by which something can leave that no denied socket stops. They are part of every certificate.
ALWAYS_OPEN = (
    "files and shared memory: what the command writes, other programs may read and send",
    "output: whoever reads it may send it, and your terminal obeys what is printed",
    "devices: what this user may open below /dev can be used",
    "timing and load can be observed by other programs on this machine",
)


@dataclass(frozen=True, slots=True)
class Refused:
    """System calls that were refused alike. `reaching` ones tried to get at somebody outside."""

    call: str
    family: str
    destination: str
    process: str
    reaching: bool
    first_at_unix_s: float
    count: int


@dataclass(frozen=True, slots=True)
class Probe:
    """One way out, tried by us: outside the seal, where it should work, and inside of it.

    `outside` and `inside` say how it went, `is_noticed` whether the supervisor saw it inside.
    """

    name: str
    outside: str
    inside: str
    is_noticed: bool
    is_refused: bool


@dataclass(frozen=True, slots=True)
class Mechanism:
    """One part of the kernel that keeps the command from the network."""

    name: str
    is_active: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Certificate:
    """The proof of one run. It holds for the time between `started_at` and `ended_at`."""

    command: tuple[str, ...]
    started_at: str
    ended_at: str
    exit_status: int
    reaching: int
    refused: tuple[Refused, ...]
    unlisted: int
    probes: tuple[Probe, ...]
    mechanisms: tuple[Mechanism, ...]
    filter_sha256: str
    kernel: str
    user: str
    ended_processes: int
    limits: tuple[str, ...]

    @property
    def is_offline(self) -> bool:
        """Whether the command never even tried to reach anybody."""
        return self.reaching == 0

    def as_json(self) -> dict[str, Any]:
        """For scripts and files; the schema's name comes with it."""
        return {"schema": f"ai.{SCHEMA}", "is_offline": self.is_offline, **asdict(self)}


def certificate_lines(certificate: Certificate) -> list[str]:
    """The certificate for people. Text from outside is in it as it came: show it safely."""
    c = certificate
    verdict = (
        "it reached nobody and tried to reach nobody"
        if c.is_offline
        else f"it tried to reach somebody {_times(c.reaching)}, and reached nobody"
    )
    lines = [
        f"offline certificate: {verdict}",
        f"  command     {' '.join(c.command)}",
        f"  exit        {c.exit_status}",
        f"  time        {c.started_at} to {c.ended_at}",
        f"  machine     {c.kernel}, as {c.user}",
        f"  filter      sha256 {c.filter_sha256}",
    ]
    for mechanism in c.mechanisms:
        mark = "on " if mechanism.is_active else "off"
        lines.append(f"  {mark}         {mechanism.name}: {mechanism.detail}")
    lines += [
        f"  probe       {probe.name}: outside {probe.outside}, inside {probe.inside}"
        for probe in c.probes
    ]
    lines += [f"  {_lead(entry)} {_described(entry)}" for entry in c.refused]
    if c.unlisted:
        lines.append(f"  tried       and {c.unlisted} more calls of other kinds")
    if c.ended_processes:
        what = "a process" if c.ended_processes == 1 else f"{c.ended_processes} processes"
        lines.append(f"  ended       {what} that the command had left running")
    return lines + [f"  not proven  {limit}" for limit in c.limits]


def _lead(entry: Refused) -> str:
    return "tried      " if entry.reaching else "also denied"


def _described(entry: Refused) -> str:
    words = [entry.call, entry.family, entry.destination, f"by {entry.process}"]
    times = f", {_times(entry.count)}" if entry.count > 1 else ""
    return " ".join(filter(None, words)) + times


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"
