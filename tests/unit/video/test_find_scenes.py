"""What was found stands in the record frame by frame, also when a clip breaks off."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from quintet.engines.video.find_scenes import SceneList, find_scenes
from quintet.engines.video.frames import ClipTruncated, ClipUnreadable, FrameSource, Picture
from quintet.engines.video.settings import SceneSettings
from quintet.platform.progress import SilentProgress
from quintet.platform.record.event import Event, Outcome
from quintet.platform.record.record import Record
from support.clips import RATE, Footage, Studio
from support.histories import record_at


class BrokenOff:
    """Footage whose last bytes are missing."""

    def __init__(self, footage: Footage) -> None:
        self._footage = footage
        self.rate = RATE

    def pictures(self) -> Iterator[Picture]:
        yield from self._footage.pictures()
        raise ClipTruncated("the clip breaks off in picture 60")


@pytest.fixture
def record(tmp_path: Path) -> Record:
    return record_at(tmp_path / "record")


def found_in(source: FrameSource, record: Record) -> tuple[SceneList, Event]:
    with record.action("video", "scenes", "test") as action:
        found = find_scenes(
            source,
            "/films/a.y4m",
            action=action,
            settings=SceneSettings(),
            progress=SilentProgress(),
        )
    return found, record.history().events()[-1]


@pytest.mark.demand("VIDEO-3")
def test_each_boundary_is_evidence_with_its_figures(record: Record) -> None:
    studio = Studio(1)
    found, event = found_in(Footage(studio.shot(30), studio.shot(30)), record)
    assert [scene.first for scene in found.scenes] == [0, 30]
    assert [(e.kind, e.ref, e.where) for e in event.evidence] == [
        ("frame", "/films/a.y4m", "0"),
        ("frame", "/films/a.y4m", "30"),
    ]
    assert " changed by " in event.evidence[1].note
    assert "2.5 times" in event.reasons[0]


def test_what_is_before_a_break_is_kept_and_the_break_is_told(record: Record) -> None:
    studio = Studio(2)
    found, _ = found_in(BrokenOff(Footage(studio.shot(30), studio.shot(30))), record)
    assert [scene.first for scene in found.scenes] == [0, 30]
    assert found.frames == 60
    assert "breaks off" in found.cut_short


def test_a_clip_without_a_picture_is_refused_and_the_record_says_so(record: Record) -> None:
    with pytest.raises(ClipUnreadable):
        found_in(Footage([]), record)
    assert record.history().events()[-1].outcome is Outcome.FAILED
