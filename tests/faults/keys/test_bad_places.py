"""Folders that cannot be written, files of the wrong type: plain words, and nothing lost."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from quintet.errors import QuintetError
from quintet.platform.keys.failures import KeysTampered
from support.full_disk import full_after
from support.keyhome import KeyHome


@pytest.fixture
def home(tmp_path: Path) -> KeyHome:
    return KeyHome(tmp_path)


def test_a_file_in_place_of_a_folder_is_named(home: KeyHome) -> None:
    home.paths.data_dir.write_text("in the way")
    for attempt in (home.keyset().ensure, home.keyset().is_sealed):
        with pytest.raises(QuintetError, match=str(home.paths.data_dir)):
            attempt("life")


def test_a_folder_in_place_of_the_keyset_is_named(home: KeyHome) -> None:
    home.path.mkdir(parents=True)
    with pytest.raises(QuintetError, match=r"keys\.json"):
        home.keyset().is_sealed("life")


def test_a_huge_keyset_is_refused_without_reading_it(home: KeyHome) -> None:
    home.keyset().ensure("life")
    with home.path.open("r+b") as stream:
        stream.truncate(1 << 40)
    with pytest.raises(QuintetError, match="larger"):
        home.keyset().data_key("life")


def test_a_damaged_keyset_without_a_copy_says_what_is_left_to_do(home: KeyHome) -> None:
    home.keyset().ensure("life")
    home.path.write_bytes(b"{}")
    home.copy.unlink()
    with pytest.raises(KeysTampered, match="format") as caught:
        home.keyset().data_key("life")
    assert "ai key import" in caught.value.hint


@pytest.mark.demand("KEY-5")
def test_a_disk_that_fills_up_at_any_write_loses_nothing(home: KeyHome) -> None:
    home.keyset().ensure("life")
    key = home.keyset().data_key("life")
    for allowed in range(8):
        with full_after(allowed):
            try:
                home.keyset().rotate_master()
            except QuintetError as error:
                assert "disk is full" in str(error)
        assert home.keyset().data_key("life") == key
    for allowed in range(3):
        fresh = KeyHome(home.paths.data_dir / str(allowed))
        with full_after(allowed), pytest.raises(QuintetError, match="disk is full"):
            fresh.keyset().ensure("life")
        fresh.keyset().ensure("life")
        fresh.keyset().data_key("life")


@pytest.mark.parametrize("closed", ["data_dir", "config_dir"])
def test_a_folder_that_may_not_be_entered_is_named(closed: str) -> None:
    # Not in pytest's own folder, which no other user may enter.
    with tempfile.TemporaryDirectory() as root:
        home = KeyHome(Path(root))
        home.keyset().ensure("life")
        for path in (Path(root), *Path(root).rglob("*")):
            path.chmod(0o777)
        folder: Path = getattr(home.paths, closed)
        folder.chmod(0)
        env = {"CREDENTIALS_DIRECTORY": str(folder)}
        said = _told_without_rights(lambda: home.keyset(env=env).ensure("code"))
        folder.chmod(0o700)
    assert str(folder) in said
    assert "permission denied" in said


def _told_without_rights(attempt: Callable[[], object]) -> str:
    """What an ordinary user is told; root gives its rights up first, in a child."""
    reading, writing = os.pipe()
    if os.fork() == 0:
        if os.geteuid() == 0:
            os.setuid(65534)
        try:
            attempt()
        except QuintetError as error:
            os.write(writing, str(error).encode())
        finally:
            os._exit(0)
    os.close(writing)
    os.wait()
    with os.fdopen(reading) as stream:
        return stream.read()
