"""Reads a Linux machine from /proc and /sys, limits of its container included.

Nothing is imported, started or written. A file that is missing or says nonsense is skipped: only
without any figure for memory is there nothing to go on.
"""

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from quintet.engines.edge.device import FEATURES, Battery, Device, MachineUnreadable, Reading

_READ_LIMIT = 1 << 20
_VENDORS = {"0x10de": "NVIDIA", "0x1002": "AMD", "0x8086": "Intel"}


@dataclass(slots=True)
class _Notes:
    """Reads small files and remembers what they said."""

    readings: list[Reading] = field(default_factory=list[Reading])

    def text(self, path: Path) -> str:
        try:
            with path.open("rb") as stream:
                return stream.read(_READ_LIMIT).decode("utf-8", "replace").strip("\0\n ")
        except OSError:
            return ""

    def number(self, path: Path) -> int | None:
        return _whole(self.text(path))

    def note(self, source: Path, item: str, value: object) -> None:
        self.readings.append(Reading(str(source), item, str(value)))


class LinuxMachine:
    """`proc` and `sys` can be other folders, `disk` is where models would be kept."""

    def __init__(self, disk: Path, *, proc: Path = Path("/proc"), sys: Path = Path("/sys")) -> None:
        self._disk = disk
        self._proc = proc
        self._sys = sys

    def read(self) -> Device:
        notes = _Notes()
        cpu = notes.text(self._proc / "cpuinfo")
        total, available = self._memory(notes)
        features = frozenset(_words(cpu, "flags", "Features")) & FEATURES
        notes.note(self._proc / "cpuinfo", "features", " ".join(sorted(features)) or "none known")
        return Device(
            name=self._name(notes, cpu),
            cores=self._cores(notes),
            features=features,
            total_bytes=total,
            available_bytes=available,
            disk_free_bytes=self._disk_free(notes),
            gpus=tuple(self._gpus(notes)),
            battery=self._battery(notes),
            firmware_year=self._firmware_year(notes),
            readings=tuple(notes.readings),
        )

    def _name(self, notes: _Notes, cpu: str) -> str:
        board = notes.text(self._proc / "device-tree" / "model")
        match = re.search(r"^model name\s*:\s*(.+)$", cpu, re.MULTILINE)
        return board or (match[1] if match else "unknown processor")

    def _memory(self, notes: _Notes) -> tuple[int, int]:
        source = self._proc / "meminfo"
        text = notes.text(source)
        total, available = _kilobytes(text, "MemTotal"), _kilobytes(text, "MemAvailable")
        # Kernels before 3.14 do not say what is available.
        available = available or _kilobytes(text, "MemFree")
        if not total or not available:
            raise MachineUnreadable(
                "the system does not say how much memory it has", why=f"{source} has no MemTotal"
            )
        notes.note(source, "MemTotal", f"{total:,} bytes")
        notes.note(source, "MemAvailable", f"{available:,} bytes")
        for folder, limit, used in self._memory_limits(notes):
            if limit < total:
                notes.note(folder, "memory limit", f"{limit:,} bytes, {used:,} in use")
                total, available = limit, min(available, max(0, limit - used))
        return total, available

    def _memory_limits(self, notes: _Notes) -> Iterator[tuple[Path, int, int]]:
        """Each limit on the way up: the smallest rules. The page cache can be given back."""
        for folder in self._groups(notes, "memory"):
            is_old = folder.is_relative_to(self._sys / "fs" / "cgroup" / "memory")
            names = (
                ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
                if is_old
                else ("memory.max", "memory.current", "inactive_file")
            )
            limit, used = notes.number(folder / names[0]), notes.number(folder / names[1])
            if limit is None:
                continue
            stat = re.search(rf"^{names[2]} (\d+)$", notes.text(folder / "memory.stat"), re.M)
            yield folder, limit, max(0, (used or 0) - (int(stat[1]) if stat else 0))

    def _groups(self, notes: _Notes, controller: str) -> Iterator[Path]:
        """The control groups that this process is in, innermost first, in either layout."""
        base = self._sys / "fs" / "cgroup"
        for line in notes.text(self._proc / "self" / "cgroup").splitlines():
            number, _, rest = line.partition(":")
            controllers, _, path = rest.partition(":")
            if number == "0" and not controllers:
                root = base
            elif controller in controllers.split(","):
                root = base / controller
            else:
                continue
            folder = root / path.strip("/")
            # Inside a container the path may be that of the host, where only the root is seen.
            for group in (folder, *folder.parents):
                if group.is_relative_to(root) and ".." not in group.parts:
                    yield group

    def _cores(self, notes: _Notes) -> int:
        cores = len(os.sched_getaffinity(0))
        for folder in self._groups(notes, "cpu"):
            quota, _, period = notes.text(folder / "cpu.max").partition(" ")
            allowed = _whole(quota) or notes.number(folder / "cpu.cfs_quota_us")
            span = _whole(period) or notes.number(folder / "cpu.cfs_period_us")
            if allowed and span:
                cores = min(cores, max(1, -(-allowed // span)))
                notes.note(folder, "cpu limit", f"{allowed} of {span} µs")
        notes.note(self._proc / "self", "cores for this process", cores)
        return cores

    def _gpus(self, notes: _Notes) -> Iterator[str]:
        for information in sorted((self._proc / "driver/nvidia/gpus").glob("*/information")):
            match = re.search(r"^Model:\s*(.+)$", notes.text(information), re.MULTILINE)
            notes.note(information, "gpu", match[1] if match else "NVIDIA")
            yield match[1] if match else "NVIDIA"
        for card in sorted((self._sys / "class/drm").glob("card[0-9]*/device/vendor")):
            vendor = _VENDORS.get(notes.text(card))
            if vendor is None or (vendor == "NVIDIA" and (self._proc / "driver/nvidia").exists()):
                continue
            size = notes.number(card.with_name("mem_info_vram_total"))
            name = f"{vendor} with {size / 1e9:.1f} GB" if size else vendor
            notes.note(card, "gpu", name)
            yield name

    def _battery(self, notes: _Notes) -> Battery | None:
        for folder in sorted((self._sys / "class/power_supply").glob("*")):
            is_system = notes.text(folder / "scope") != "Device"
            percent = notes.number(folder / "capacity")
            if notes.text(folder / "type") == "Battery" and is_system and percent is not None:
                status = notes.text(folder / "status")
                notes.note(folder, "battery", f"{percent} %, {status or 'unknown'}")
                return Battery(min(percent, 100), status == "Discharging")
        return None

    def _firmware_year(self, notes: _Notes) -> int | None:
        source = self._sys / "class/dmi/id/bios_date"
        match = re.fullmatch(r"\d\d/\d\d/((?:19|20)\d\d)", notes.text(source))
        if match is None:
            return None
        notes.note(source, "firmware year", match[1])
        return int(match[1])

    def _disk_free(self, notes: _Notes) -> int:
        folder = self._disk
        while not folder.exists() and folder != folder.parent:
            folder = folder.parent
        try:
            free = shutil.disk_usage(folder).free
        except OSError:
            return 0
        notes.note(folder, "disk free", f"{free:,} bytes")
        return free


def _words(text: str, *names: str) -> list[str]:
    match = re.search(rf"^(?:{'|'.join(names)})\s*:(.*)$", text, re.MULTILINE)
    return match[1].split() if match else []


def _kilobytes(text: str, name: str) -> int:
    match = re.search(rf"^{name}:\s+(\d{{1,15}}) kB$", text, re.MULTILINE)
    return int(match[1]) * 1024 if match else 0


def _whole(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[0-9]{1,20}", text) else None
