"""Finds the scenes of a clip, and puts down where each was found and why."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from quintet.engines.video.frames import ClipTruncated, ClipUnreadable, FrameSource
from quintet.engines.video.measure import Watcher
from quintet.engines.video.scenes import Scene, split, timecode
from quintet.engines.video.settings import SceneSettings
from quintet.platform.progress import Progress
from quintet.platform.record.event import Evidence

if TYPE_CHECKING:
    from quintet.platform.record.record import Action

_REPORT_EVERY_FRAMES = 100
# The record explains, it does not archive: a film of a thousand scenes keeps its first ones.
_EVIDENCE_LIMIT = 200


@dataclass(frozen=True, slots=True)
class SceneList:
    """The scenes in order; `cut_short` says where a clip broke off, else it is empty."""

    scenes: tuple[Scene, ...]
    frames: int
    cut_short: str = ""


def find_scenes(
    source: FrameSource,
    clip: str,
    *,
    action: "Action",
    settings: SceneSettings,
    progress: Progress,
) -> SceneList:
    """Watch the clip once. What is before a break is kept; a clip without a picture is refused.

    `clip` is where the record finds the frames again.
    """
    shortest = max(1, round(settings.shortest_scene_s * source.rate))
    watcher = Watcher(shortest, settings.least_change)
    cut_short = ""
    try:
        for number, picture in enumerate(source.pictures()):
            watcher.see(picture)
            if number % _REPORT_EVERY_FRAMES == 0:
                progress.report(f"watching {timecode(float(number / source.rate))}")
    except ClipTruncated as error:
        cut_short = str(error)
    if not watcher.steps:
        raise ClipUnreadable("the clip holds no picture", why=cut_short)
    scenes = split(watcher.steps, watcher.returns, source.rate, settings)
    _explain(scenes, clip, settings, action)
    return SceneList(tuple(scenes), len(watcher.steps), cut_short)


def _explain(scenes: list[Scene], clip: str, settings: SceneSettings, action: "Action") -> None:
    action.because(
        f"a cut changes the picture by {settings.least_change:g} levels of 255 or more, and by "
        f"{settings.times_neighbours:g} times as much as the frames around it; a fade goes "
        f"through a brightness below {settings.dark_level:g}",
        *(
            Evidence("frame", clip, str(scene.first), note=scene.boundary.why)
            for scene in scenes[:_EVIDENCE_LIMIT]
        ),
    )
