"""What a person may tune about finding scenes."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SceneSettings:
    """Levels are steps of brightness or colour on the scale from 0 to 255."""

    least_change: float = field(
        default=12.0, metadata={"help": "a cut changes the picture by at least this many levels"}
    )
    times_neighbours: float = field(
        default=2.5, metadata={"help": "and by this many times as much as the frames around it"}
    )
    shortest_scene_s: float = field(
        default=0.3, metadata={"help": "a shorter scene is taken for a flash and joined"}
    )
    dark_level: float = field(
        default=26.0, metadata={"help": "a mean brightness below this is black (video black is 16)"}
    )
