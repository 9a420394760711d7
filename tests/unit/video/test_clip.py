"""A clip is read by whoever can, a decoder never outlives its reader, and failures are named."""

import io
import os
import time
from pathlib import Path

import pytest

from quintet.engines.video.adapters.clip import NoReader, opened, piped
from quintet.engines.video.adapters.ffmpeg import ClipStalled, decoded, find_ffmpeg
from quintet.engines.video.adapters.y4m import Header, write_y4m
from quintet.engines.video.frames import ClipTruncated, ClipUnreadable
from quintet.errors import Kind
from quintet.platform.files import FileFailure
from support.clips import HEIGHT, RATE, WIDTH, Studio


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    clip = tmp_path / "plain.y4m"
    with clip.open("wb") as stream:
        write_y4m(stream, Header(WIDTH, HEIGHT, RATE), Studio(1).shot(5))
    return clip


@pytest.fixture
def compressed(tmp_path: Path) -> Path:
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(b"\x00\x00\x00\x18ftypmp42")
    return clip


def program(tmp_path: Path, script: str) -> Path:
    """A decoder that does what the script says."""
    path = tmp_path / "ffmpeg"
    path.write_text(f"#!/bin/sh\necho $$ > {tmp_path}/pid\n{script}\n")
    path.chmod(0o755)
    return path


def is_running(tmp_path: Path) -> bool:
    try:
        os.kill(int((tmp_path / "pid").read_text()), 0)
    except ProcessLookupError:
        return False
    return True


def test_a_plain_clip_needs_no_decoder(plain: Path) -> None:
    with opened(plain, None) as source:
        assert len(list(source.pictures())) == 5


def test_a_plain_clip_may_come_through_a_pipe(plain: Path) -> None:
    with piped(io.BytesIO(plain.read_bytes())) as source:
        assert len(list(source.pictures())) == 5


@pytest.mark.demand("VIDEO-2")
def test_a_compressed_clip_without_a_decoder_names_what_to_install(compressed: Path) -> None:
    with pytest.raises(NoReader) as caught, opened(compressed, None):
        pass
    assert caught.value.kind is Kind.UNAVAILABLE
    assert caught.value.hint == "ai setup video"


@pytest.mark.parametrize("name", ["missing.y4m", "."])
def test_what_is_no_file_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(FileFailure, match="could not read"), opened(tmp_path / name, None):
        pass


def test_pictures_come_from_the_decoder(tmp_path: Path, plain: Path, compressed: Path) -> None:
    decoder = program(tmp_path, f"cat '{plain}'")
    with opened(compressed, decoder) as source:
        assert source.rate == RATE
        assert len(list(source.pictures())) == 5


def test_the_decoders_own_words_say_why_it_failed(tmp_path: Path, compressed: Path) -> None:
    decoder = program(tmp_path, "echo 'moov atom not found' >&2; exit 1")
    with pytest.raises(ClipUnreadable) as caught, decoded(decoder, compressed):
        pass
    assert caught.value.why == "moov atom not found"


def test_a_decoder_that_complains_without_end_is_no_obstacle(
    tmp_path: Path, plain: Path, compressed: Path
) -> None:
    decoder = program(tmp_path, f"yes complaint | head -c 3000000 >&2; cat '{plain}'")
    with decoded(decoder, compressed) as source:
        assert len(list(source.pictures())) == 5


def test_a_decoder_that_hangs_is_given_up_and_killed(tmp_path: Path, compressed: Path) -> None:
    decoder = program(tmp_path, "sleep 60")
    with pytest.raises(ClipStalled), decoded(decoder, compressed, stall_s=0.2):
        pass
    assert not is_running(tmp_path)


def test_a_decoder_dies_with_the_block_that_used_it(
    tmp_path: Path, plain: Path, compressed: Path
) -> None:
    decoder = program(tmp_path, f"cat '{plain}'; sleep 60 & wait")
    began_s = time.monotonic()
    with decoded(decoder, compressed) as source:
        next(iter(source.pictures()))
    assert not is_running(tmp_path)
    assert time.monotonic() - began_s < 10


def test_a_decoder_that_dies_midway_leaves_a_truncated_clip(
    tmp_path: Path, plain: Path, compressed: Path
) -> None:
    decoder = program(tmp_path, f"head -c 20000 '{plain}'")
    with pytest.raises(ClipTruncated), decoded(decoder, compressed) as source:
        list(source.pictures())


@pytest.mark.real
def test_real_ffmpeg_decodes_what_it_encoded(tmp_path: Path) -> None:
    import subprocess

    ffmpeg = find_ffmpeg()
    if ffmpeg is None:
        pytest.skip("ffmpeg is not installed: ai setup video")
    plain, clip = tmp_path / "plain.y4m", tmp_path / "clip -é\n.avi"
    studio = Studio(3)
    with plain.open("wb") as stream:
        shots = [studio.shot(20), studio.shot(30)]
        write_y4m(stream, Header(WIDTH, HEIGHT, RATE), [p for shot in shots for p in shot])
    subprocess.run(
        [ffmpeg, "-v", "error", "-i", plain, "-c:v", "mpeg4", "-q:v", "3", clip], check=True
    )
    with opened(clip, ffmpeg) as source:
        pictures = list(source.pictures())
    assert source.rate == RATE
    assert len(pictures) == 50


@pytest.mark.real
def test_real_ffmpeg_does_not_follow_a_playlist_to_the_network(tmp_path: Path) -> None:
    ffmpeg = find_ffmpeg()
    if ffmpeg is None:
        pytest.skip("ffmpeg is not installed: ai setup video")
    clip = tmp_path / "clip.m3u8"
    clip.write_text("#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n")
    with pytest.raises(ClipUnreadable), opened(clip, ffmpeg):
        pass
