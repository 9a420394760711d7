"""Checks of the machine: interpreter, clock, disk, folders, the kernel's means of confinement."""

import os
import platform
import shutil
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from quintet.app.doctor.finding import Finding, State
from quintet.platform.clock import Clock
from quintet.platform.paths import Paths

_LOW_DISK_BYTES = 1 << 30
_EARLIEST_CLOCK = datetime(2026, 1, 1, tzinfo=UTC)


def check_python() -> Iterator[Finding]:
    """The interpreter that runs us."""
    yield Finding("python", State.GOOD, f"{platform.python_version()} on {platform.platform()}")


def check_clock(clock: Clock) -> Iterator[Finding]:
    """A clock before this program existed puts the record and the budget on wrong days."""
    now = clock.now()
    if now < _EARLIEST_CLOCK:
        yield Finding("clock", State.BROKEN, f"it says {now:%Y-%m-%d}", "timedatectl set-ntp true")
    else:
        yield Finding("clock", State.GOOD, f"{now:%Y-%m-%d %H:%M} UTC")


def check_folders(paths: Paths) -> Iterator[Finding]:
    """The folders that we write to: there, ours, closed to others, with room left."""
    for name in ("config_dir", "data_dir", "state_dir", "cache_dir"):
        yield _folder(name.removesuffix("_dir"), getattr(paths, name))


def _folder(name: str, path: Path) -> Finding:
    label = f"folder {name}"
    existing = next(parent for parent in (path, *path.parents) if parent.exists())
    if not os.access(existing, os.W_OK):
        return Finding(
            label, State.BROKEN, f"{existing} cannot be written", "AI_HOME=~/ai-data ai …"
        )
    free_bytes = shutil.disk_usage(existing).free
    if free_bytes < _LOW_DISK_BYTES:
        what = f"{path}: only {free_bytes >> 20} MB free"
        return Finding(label, State.LACKING, what, f"df -h {existing}")
    if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077 and name in ("data", "config"):
        return Finding(
            label,
            State.LACKING,
            f"{path} can be read by others",
            f"chmod 700 {path}",
            repair=lambda: path.chmod(0o700),
        )
    return Finding(label, State.GOOD, str(path) if path.exists() else f"{path} (not yet needed)")
