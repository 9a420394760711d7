"""Killed at any line that touches the disk: as before or as after, and the next try ends it."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from quintet.platform.keys.keyset import Keyset
from support.keyhome import KeyHome
from support.killing import killed_at_every_line

pytestmark = [pytest.mark.demand("KEY-5"), pytest.mark.slow]
ON_DISK = ("platform/files.py", "keys/keyfolder.py", "keys/creation.py")


@pytest.fixture
def home(tmp_path: Path) -> KeyHome:
    # Loaded before the forks, or every child would spend its time importing.
    KeyHome(tmp_path / "warm").keyset().ensure("life")
    return KeyHome(tmp_path / "home")


def _kills(
    home: KeyHome, before: Path, work: Callable[[Keyset], object]
) -> tuple[Iterator[int], Callable[[], None]]:
    """`work` killed one line later each time, and the way back to where it started from."""

    def start() -> None:
        shutil.rmtree(home.paths.data_dir.parent, ignore_errors=True)
        if before.exists():
            shutil.copytree(before, home.paths.data_dir.parent)

    start()
    return killed_at_every_line(lambda: work(home.keyset()), ON_DISK), start


def test_a_first_use_that_was_killed_is_done_by_the_next(home: KeyHome, tmp_path: Path) -> None:
    kills, start = _kills(home, tmp_path / "nothing", lambda keyset: keyset.ensure("life"))
    count = 0
    for _ in kills:
        count += 1
        home.keyset().ensure("life")
        key = home.keyset().data_key("life")
        assert home.keyset(env={"AI_KEY_FILE": str(home.key_file)}).data_key("life") == key
        start()
    assert count > 50


@pytest.mark.parametrize("step", ["begin", "finish", "cancel", "master", "remove"])
def test_a_change_that_was_killed_is_whole_or_not_there(
    home: KeyHome, tmp_path: Path, step: str
) -> None:
    home.keyset().ensure("life")
    old = home.keyset().data_key("life")
    home.add_key_file(home.paths.config_dir / "usb.key")
    new = home.keyset().begin_rotation("life") if step in ("finish", "cancel") else None
    before = tmp_path / "before"
    shutil.copytree(home.paths.data_dir.parent, before)
    work: dict[str, Callable[[Keyset], object]] = {
        "begin": lambda keyset: keyset.begin_rotation("life"),
        "finish": lambda keyset: keyset.finish_rotation("life"),
        "cancel": lambda keyset: keyset.cancel_rotation("life"),
        "master": lambda keyset: keyset.rotate_master(),
        "remove": lambda keyset: keyset.remove_slot(keyset.slot("made on first use").id),
    }
    kills, start = _kills(home, before, work[step])
    seen: set[int] = set()
    for _ in kills:
        env = {"AI_KEY_FILE": str(home.paths.config_dir / "usb.key")}
        keys = home.keyset(env=env).candidates("life")
        seen.add(len(keys))
        assert keys[0] in (old, new)
        if step == "finish":
            assert keys[-1] == new
        else:
            assert keys[0] == old
        work[step](home.keyset(env=env)) if step != "remove" else None
        start()
    assert seen == ({1} if step in ("master", "remove") else {1, 2})


def test_a_killed_writer_leaves_no_old_keyset_behind(home: KeyHome, tmp_path: Path) -> None:
    home.keyset().ensure("life")
    before = tmp_path / "before"
    shutil.copytree(home.paths.data_dir.parent, before)
    kills, start = _kills(home, before, lambda keyset: keyset.rotate_master())
    left_over = 0
    for _ in kills:
        left_over += len(list(home.paths.data_dir.glob(".*.tmp")))
        home.keyset().rotate_master()
        assert not list(home.paths.data_dir.glob(".*.tmp"))
        start()
    assert left_over > 0
