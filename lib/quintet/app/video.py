"""The video engine put together with whoever can read the clip."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from quintet.engines.video.adapters.clip import opened, piped
from quintet.engines.video.adapters.ffmpeg import find_ffmpeg
from quintet.engines.video.find_scenes import SceneList, find_scenes
from quintet.engines.video.settings import SceneSettings

if TYPE_CHECKING:
    from quintet.app.home import App


def scenes_of(app: "App", clip: str) -> tuple[str, SceneList]:
    """The scenes of a clip, or of a plain one on standard input, as a recorded action."""
    settings = app.config.section("video", SceneSettings)
    source = piped(sys.stdin.buffer) if clip == "-" else opened(app.cwd / clip, find_ffmpeg())
    name = "standard input" if clip == "-" else Path(clip).name
    with source as frames, app.record.action("video", "scenes", f"scenes of {name}") as action:
        found = find_scenes(frames, clip, action=action, settings=settings, progress=app.progress)
    return action.id, found
