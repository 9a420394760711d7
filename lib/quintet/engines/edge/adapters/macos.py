"""Reads a Mac through the small programs that every Mac has."""

import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from quintet.engines.edge.device import Battery, Device, MachineUnreadable, Reading

Ask = Callable[[Sequence[str]], str]
_TIMEOUT_S = 5.0
_FEATURES = {
    "hw.optional.avx2_0": "avx2",
    "hw.optional.neon": "neon",
    "hw.optional.arm.FEAT_DotProd": "asimddp",
    "hw.optional.arm.FEAT_I8MM": "i8mm",
}
_FIRST_APPLE_SILICON = 2020
_AVAILABLE_PAGES = ("free", "inactive", "speculative", "purgeable")


def ask(command: Sequence[str]) -> str:
    """What a program prints, or nothing when it is missing, slow or fails."""
    try:
        done = subprocess.run(command, capture_output=True, timeout=_TIMEOUT_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else ""


class MacMachine:
    """`ask` runs a program and gives back what it printed; `disk` is where models would be kept."""

    def __init__(self, disk: Path, ask: Ask = ask) -> None:
        self._disk = disk
        self._ask = ask

    def read(self) -> Device:
        total = self._number("hw.memsize")
        available = self._available()
        if not total or not available:
            raise MachineUnreadable(
                "the system does not say how much memory it has",
                why="sysctl or vm_stat fails",
            )
        name = self._ask(("sysctl", "-n", "machdep.cpu.brand_string")).strip() or "Mac"
        features = frozenset(word for key, word in _FEATURES.items() if self._number(key) == 1)
        cores = self._number("hw.ncpu") or 1
        return Device(
            name=name,
            cores=cores,
            features=features,
            total_bytes=total,
            available_bytes=min(available, total),
            disk_free_bytes=shutil.disk_usage(self._disk if self._disk.exists() else "/").free,
            gpus=(name,) if name.startswith("Apple") else (),
            battery=self._battery(),
            firmware_year=_FIRST_APPLE_SILICON if name.startswith("Apple") else None,
            readings=(
                Reading("sysctl", "hw.memsize", f"{total:,} bytes"),
                Reading("vm_stat", "available", f"{available:,} bytes"),
                Reading("sysctl", "hw.ncpu", str(cores)),
                Reading("sysctl", "features", " ".join(sorted(features)) or "none known"),
            ),
        )

    def _number(self, key: str) -> int:
        text = self._ask(("sysctl", "-n", key)).strip()
        return int(text) if re.fullmatch(r"[0-9]{1,20}", text) else 0

    def _available(self) -> int:
        text = self._ask(("vm_stat",))
        size = re.search(r"page size of (\d{1,9}) bytes", text)
        pages = [
            int(match[1])
            for kind in _AVAILABLE_PAGES
            if (match := re.search(rf"^Pages {kind}:\s+(\d{{1,15}})\.$", text, re.MULTILINE))
        ]
        return int(size[1]) * sum(pages) if size else 0

    def _battery(self) -> Battery | None:
        text = self._ask(("pmset", "-g", "batt"))
        match = re.search(r"(\d{1,3})%; (\w+)", text)
        return Battery(min(int(match[1]), 100), match[2] == "discharging") if match else None
