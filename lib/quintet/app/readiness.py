"""What works on this machine now, and what one command would add."""

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from quintet.platform.extras import EXTRAS

if TYPE_CHECKING:
    from quintet.app.home import App


@dataclass(frozen=True, slots=True)
class Ready:
    """A group, the command to try first, and what would make it better."""

    group: str
    try_first: str
    does: str
    better: str = ""


@dataclass(frozen=True, slots=True)
class Readiness:
    """The state of the installation at a glance."""

    data_dir: str
    is_empty: bool
    groups: tuple[Ready, ...]


def readiness(app: "App") -> Readiness:
    """A glance that reads no data and starts nothing."""
    has_runtime = EXTRAS["llm"].is_installed or EXTRAS["native"].is_installed
    has_ffmpeg = bool(shutil.which("ffmpeg")) or EXTRAS["video"].is_installed
    groups = (
        Ready(
            "edge",
            "ai edge fit",
            "which models this machine can run",
            "" if has_runtime else "run them here: ai setup llm",
        ),
        Ready("code", "ai code locate .", "the lines behind failing tests"),
        Ready(
            "video",
            "ai video scenes clip.y4m",
            "the scenes of a clip, and why",
            "" if has_ffmpeg else "every format: ai setup video",
        ),
        Ready("life", "ai life add calendar.ics", "what today brings: ai life brief"),
        Ready("ops", "ai ops trigger --help", "a workflow from an event, audited"),
    )
    data_dir = app.paths.data_dir
    return Readiness(str(data_dir), not data_dir.exists(), groups)
