"""`ai video scenes`: where scenes begin and end."""

from typing import Annotated

import typer

from quintet.app.video import scenes_of
from quintet.engines.video.scenes import Scene, timecode
from quintet.errors import Kind
from quintet_cli import exits
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb

_SCENE = {
    "number": int,
    "start_s": float,
    "end_s": float,
    "first_frame": int,
    "frames": int,
    "kind": str,
    "why": str,
}


@verb(
    does=Does.READS,
    results={
        "video.scenes/1": {"action": str, "frames": int, "cut_short": str, "scenes": [_SCENE]}
    },
    examples=(
        "ai video scenes clip.mp4",
        "ffmpeg -i clip.mov -f yuv4mpegpipe - | ai video scenes - --json",
    ),
)
def scenes(
    session: Session,
    clip: Annotated[str, typer.Argument(metavar="FILE", help="A clip; - reads plain video.")],
) -> int:
    """Where the scenes of a clip begin and end, each with its reason.

    Plain .y4m clips are read by ai itself, every other format by ffmpeg. Ends with 3 when the clip
    broke off before its end.
    """
    action, found = scenes_of(session.app, clip)
    shown = {
        "action": action,
        "frames": found.frames,
        "cut_short": found.cut_short,
        "scenes": [_json(scene) for scene in found.scenes],
    }
    rows = [_row(scene) for scene in found.scenes]
    columns = ("scene", "start", "end", "frames", "why it begins here")
    session.show("video.scenes/1", shown, session.table(columns, rows))
    session.console.detail(f"why: ai why {action[:6]}")
    if found.cut_short:
        session.console.note(f"the clip breaks off: {found.cut_short}")
        return exits.STATUS[Kind.PARTIAL]
    return exits.OK


def _row(scene: Scene) -> tuple[object, ...]:
    start, end = timecode(scene.start_s), timecode(scene.end_s)
    return scene.number, start, end, scene.frames, scene.boundary.why


def _json(scene: Scene) -> dict[str, object]:
    return {
        "number": scene.number,
        "start_s": round(scene.start_s, 6),
        "end_s": round(scene.end_s, 6),
        "first_frame": scene.first,
        "frames": scene.frames,
        "kind": scene.boundary.kind,
        "why": scene.boundary.why,
    }
