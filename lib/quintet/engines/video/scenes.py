"""Where one scene ends and the next begins, and why: a rule over measured steps, nothing else."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from quintet.engines.video.measure import Step
from quintet.engines.video.settings import SceneSettings

_NEIGHBOURS = 6


@dataclass(frozen=True, slots=True)
class Boundary:
    """The first frame of a scene, what kind of change leads to it, and the figures that say so."""

    frame: int
    kind: str
    score: float = 0.0
    threshold: float = 0.0
    measure: str = ""

    @property
    def why(self) -> str:
        if self.kind == "start":
            return "the clip begins"
        if self.kind == "fade":
            return f"faded to black: level {self.score:.1f}, black is below {self.threshold:.1f}"
        return (
            f"{self.measure} changed by {self.score:.1f}, the limit here was {self.threshold:.1f}"
        )


@dataclass(frozen=True, slots=True)
class Scene:
    """The frames from `first` up to, not including, `end`."""

    number: int
    first: int
    end: int
    rate: Fraction
    boundary: Boundary

    @property
    def frames(self) -> int:
        return self.end - self.first

    @property
    def start_s(self) -> float:
        return float(self.first / self.rate)

    @property
    def end_s(self) -> float:
        return float(self.end / self.rate)


def split(
    steps: Sequence[Step], returns: Mapping[int, int], rate: Fraction, settings: SceneSettings
) -> list[Scene]:
    """The scenes of a clip. `returns` names the steps that were taken back, and at which frame."""
    shortest = max(1, round(settings.shortest_scene_s * rate))
    cuts = list(_cuts(steps, returns, shortest, settings))
    fades = _fades(steps, {cut.frame for cut in cuts}, round(rate), settings)
    boundaries = _spaced([Boundary(0, "start"), *sorted([*cuts, *fades], key=_frame)], shortest)
    ends = [boundary.frame for boundary in boundaries[1:]] + [len(steps)]
    return [
        Scene(number, boundary.frame, end, rate, boundary)
        for number, (boundary, end) in enumerate(zip(boundaries, ends, strict=True), start=1)
    ]


def timecode(seconds: float) -> str:
    """`HH:MM:SS.mmm`, as players show it."""
    milliseconds = round(seconds * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02}.{rest % 1000:03}"


def _frame(boundary: Boundary) -> int:
    return boundary.frame


def _cuts(
    steps: Sequence[Step], returns: Mapping[int, int], shortest: int, settings: SceneSettings
) -> Iterator[Boundary]:
    ignored_until = 0
    for frame, step in enumerate(steps):
        if frame <= ignored_until or step.score < settings.least_change:
            continue
        threshold = _threshold(steps, frame, settings)
        if step.score < threshold:
            continue
        back = returns.get(frame, frame)
        if frame < back <= frame + shortest:
            ignored_until = back
            continue
        yield Boundary(frame, "cut", step.score, threshold, step.measure)


def _threshold(steps: Sequence[Step], frame: int, settings: SceneSettings) -> float:
    """What a change must exceed here: the mean of its neighbours follows pans, zooms and fades."""
    around = [
        *steps[max(1, frame - _NEIGHBOURS) : frame],
        *steps[frame + 1 : frame + 1 + _NEIGHBOURS],
    ]
    mean = sum(step.score for step in around) / max(1, len(around))
    return max(settings.least_change, settings.times_neighbours * mean)


def _fades(
    steps: Sequence[Step], cuts: set[int], around: int, settings: SceneSettings
) -> Iterator[Boundary]:
    """A dark stretch that was neither entered nor left by a cut, between two lit ones."""
    for start, end in _dark_stretches(steps, settings.dark_level):
        if any(frame in cuts for frame in range(start, end + 1)):
            continue
        lit = settings.dark_level + settings.least_change
        before = max((step.level for step in steps[max(0, start - around) : start]), default=0.0)
        after = max((step.level for step in steps[end : end + around]), default=0.0)
        if min(before, after) >= lit:
            darkest = min(step.level for step in steps[start:end])
            yield Boundary((start + end) // 2, "fade", darkest, settings.dark_level, "brightness")


def _dark_stretches(steps: Sequence[Step], dark_level: float) -> Iterator[tuple[int, int]]:
    start: int | None = None
    for frame, step in enumerate(steps):
        if step.level < dark_level:
            start = frame if start is None else start
        elif start is not None:
            yield start, frame
            start = None


def _spaced(boundaries: Sequence[Boundary], shortest: int) -> list[Boundary]:
    """Of boundaries closer together than the shortest scene, the strongest; the start stays."""
    kept: list[Boundary] = []
    for boundary in boundaries:
        if kept and boundary.frame - kept[-1].frame < shortest:
            if kept[-1].kind != "start" and boundary.score > kept[-1].score:
                kept[-1] = boundary
        else:
            kept.append(boundary)
    return kept
