"""Scenes end where the picture cuts or fades, and nowhere else."""

import pytest

from quintet.engines.video.measure import Watcher
from quintet.engines.video.scenes import Scene, split, timecode
from quintet.engines.video.settings import SceneSettings
from support.clips import Footage, Studio, faded, lit

SETTINGS = SceneSettings()


def scenes_of(footage: Footage, settings: SceneSettings = SETTINGS) -> list[Scene]:
    watcher = Watcher(round(settings.shortest_scene_s * footage.rate), settings.least_change)
    for picture in footage.pictures():
        watcher.see(picture)
    return split(watcher.steps, watcher.returns, footage.rate, settings)


def found_cuts(footage: Footage) -> list[int]:
    return [scene.first for scene in scenes_of(footage)[1:]]


@pytest.mark.demand("VIDEO-1")
@pytest.mark.parametrize("seed", range(12))
def test_every_clean_cut_is_found_and_nothing_else(seed: int) -> None:
    studio = Studio(seed, noise=seed % 4 * 4.0)
    footage = Footage(*(studio.shot(12 + seed + i, pan=i % 3 * 0.5) for i in range(6)))
    assert found_cuts(footage) == footage.cuts


@pytest.mark.demand("VIDEO-1")
@pytest.mark.parametrize("pan", [0.5, 2.0, 6.0])
def test_a_pan_is_not_a_cut(pan: float) -> None:
    assert found_cuts(Footage(Studio(1).shot(80, pan=pan))) == []


@pytest.mark.demand("VIDEO-1")
def test_a_pan_that_begins_midway_is_not_a_cut() -> None:
    studio = Studio(2)
    moving = studio.shot(40, pan=3)
    assert found_cuts(Footage([moving[0]] * 30 + moving)) == []


@pytest.mark.demand("VIDEO-1")
@pytest.mark.parametrize("frames", [1, 2, 5])
def test_a_flash_is_not_a_cut(frames: int) -> None:
    shot = Studio(3).shot(60, pan=0.5)
    for i in range(frames):
        shot[30 + i] = lit(shot[30 + i], 4.0)
    assert found_cuts(Footage(shot)) == []


@pytest.mark.demand("VIDEO-1")
def test_heavy_noise_is_not_a_cut() -> None:
    assert found_cuts(Footage(Studio(4).shot(60, noise=40))) == []


def test_a_cut_right_after_a_flash_is_still_found() -> None:
    studio = Studio(5)
    first, second = studio.shot(40), studio.shot(40)
    first[36] = lit(first[36], 4.0)
    assert found_cuts(Footage(first, second)) == [40]


def test_a_fade_through_black_is_one_boundary_in_the_dark() -> None:
    studio = Studio(6)
    footage = Footage(faded(studio.shot(50), out=15), faded(studio.shot(50), into=15))
    start, fade = scenes_of(footage)
    assert start.boundary.kind == "start"
    assert fade.boundary.kind == "fade"
    assert 48 <= fade.first <= 52
    assert fade.boundary.why.startswith("faded to black: level 1")


def test_black_entered_by_a_cut_is_a_scene_of_its_own() -> None:
    studio = Studio(7)
    footage = Footage(studio.shot(40), studio.black(20), studio.shot(40))
    assert found_cuts(footage) == [40, 60]
    assert all(scene.boundary.kind != "fade" for scene in scenes_of(footage))


def test_black_at_either_end_is_no_boundary() -> None:
    studio = Studio(8)
    shot = faded(studio.shot(60), out=15, into=15)
    assert found_cuts(Footage(studio.black(10), shot, studio.black(10))) == []


def test_a_dark_film_is_not_full_of_fades() -> None:
    shot = [lit(picture, 0.08 + 0.01 * (i % 7)) for i, picture in enumerate(Studio(9).shot(90))]
    assert found_cuts(Footage(shot)) == []


def test_a_grey_clip_is_cut_by_brightness_and_layout_alone() -> None:
    studio = Studio(10)
    grey = [[type(p)(p.luma) for p in studio.shot(30)] for _ in range(3)]
    assert found_cuts(Footage(*grey)) == [30, 60]


def test_a_change_of_colour_alone_is_a_cut_and_says_so() -> None:
    shot = Studio(11).shot(40)
    red = [type(p)(p.luma, tuple(255 - plane for plane in p.chroma or ())) for p in shot]  # type: ignore[arg-type]
    cut = scenes_of(Footage(shot, red))[1]
    assert cut.first == 40
    assert cut.boundary.why.startswith("colour changed by ")


def test_scenes_tile_the_clip_without_gap() -> None:
    studio = Studio(12)
    scenes = scenes_of(Footage(*(studio.shot(20) for _ in range(5))))
    assert [scene.number for scene in scenes] == [1, 2, 3, 4, 5]
    assert [scene.end for scene in scenes[:-1]] == [scene.first for scene in scenes[1:]]
    assert (scenes[0].first, scenes[-1].end) == (0, 100)
    assert scenes[1].start_s == 0.8
    assert scenes[1].frames == 20


def test_a_single_picture_is_a_scene() -> None:
    (only,) = scenes_of(Footage(Studio(13).shot(1)))
    assert (only.first, only.end) == (0, 1)


def test_pictures_smaller_than_the_grid_are_compared_all_the_same() -> None:
    studio = Studio(14)
    tiny = [[type(p)(p.luma[::36, ::48], None) for p in studio.shot(20, noise=0)] for _ in range(2)]
    tiny[1] = [type(p)(255 - p.luma) for p in tiny[0]]
    assert found_cuts(Footage(*tiny)) == [20]


def test_timecodes_are_rounded_to_milliseconds_once() -> None:
    assert timecode(0) == "00:00:00.000"
    assert timecode(59.9996) == "00:01:00.000"
    assert timecode(3725.5) == "01:02:05.500"
