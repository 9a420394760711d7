"""Whether the machine runs on its battery, as the kernel tells; a machine without one does not."""

import contextlib
from pathlib import Path

_SUPPLIES = Path("/sys/class/power_supply")


def on_battery(supplies: Path = _SUPPLIES) -> bool:
    """A battery that discharges, and no mains that is plugged in."""
    kinds = {_word(supply / "type"): supply for supply in _listed(supplies)}
    if any(
        _word(supply / "type") in ("Mains", "USB") and _word(supply / "online") == "1"
        for supply in _listed(supplies)
    ):
        return False
    return "Battery" in kinds and any(
        _word(supply / "status") == "Discharging" for supply in _listed(supplies)
    )


def _listed(supplies: Path) -> list[Path]:
    with contextlib.suppress(OSError):
        return sorted(supplies.iterdir())
    return []


def _word(path: Path) -> str:
    with contextlib.suppress(OSError):
        return path.read_text("ascii", "replace").strip()
    return ""
