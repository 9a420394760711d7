"""Settings files that are anything but what they should be."""

import os
from pathlib import Path

import pytest

from quintet.errors import QuintetError
from quintet.platform.config.load import trust_of
from quintet.platform.config.toml_file import LIMIT_BYTES, ConfigBroken
from support.configs import ConfigHome

pytestmark = pytest.mark.demand("CONF-7")


@pytest.fixture
def home(tmp_path: Path) -> ConfigHome:
    return ConfigHome(tmp_path)


@pytest.mark.parametrize(
    ("content", "place", "reason"),
    [
        (b"[oven]\nheat = \n", ":2:8", "invalid value"),
        (b"[oven]\nheat = 1\nheat = 2\n", ":3:9", "cannot overwrite"),
        (b"[oven\n", ":1:6", "expected"),
        (b"[oven]\nname = '\xff'\n", ":2", "not UTF-8"),
        ("[oven]\n".encode("utf-16"), ":1", "not UTF-8"),
        (b"\0\0\0", ":1:1", "invalid"),
        (b"x = " + b"[" * 50_000, "", "nested too deeply"),
        (b"x = " + b"9" * 10_000, "", "exceeds the limit"),
        (b"#" * (LIMIT_BYTES + 1), "", "larger than"),
    ],
)
def test_a_broken_file_is_named_with_line_column_and_reason(
    home: ConfigHome, content: bytes, place: str, reason: str
) -> None:
    home.file.write_bytes(content)
    with pytest.raises(ConfigBroken) as caught:
        home.oven()
    assert caught.value.what.endswith(f"{home.file}{place}")
    assert reason in caught.value.why
    assert caught.value.hint in ("ai config edit", "ai config path")


def test_a_sparse_file_of_a_gigabyte_is_refused_at_once(home: ConfigHome) -> None:
    with home.file.open("wb") as stream:
        stream.truncate(1 << 30)
    with pytest.raises(ConfigBroken, match="larger than"):
        home.oven()


def test_byte_order_mark_and_dos_lines_are_read(home: ConfigHome) -> None:
    home.file.write_bytes(b"\xef\xbb\xbf# x\r\n[oven]\r\nheat = 0.2\r\nname = '''a\r\nb'''\r\n")
    settings = home.oven()
    assert (settings.heat, settings.name) == (0.2, "a\nb")
    assert home.config().explain("oven.name").where == f"{home.file}:4"


def test_a_folder_in_place_of_the_file(home: ConfigHome) -> None:
    home.file.mkdir()
    with pytest.raises(ConfigBroken, match="folder"):
        home.oven()


def test_a_pipe_in_place_of_the_file_does_not_hang(home: ConfigHome) -> None:
    os.mkfifo(home.file)
    with pytest.raises(ConfigBroken, match="pipe"):
        home.oven()


def test_a_link_is_followed_and_a_dangling_one_is_no_file(home: ConfigHome) -> None:
    kept = home.file.parent / "dotfiles.toml"
    home.file.symlink_to(kept)
    assert home.oven().heat == 0.5
    kept.write_text("oven.heat = 0.2")
    assert home.oven().heat == 0.2


def test_a_link_to_itself_is_explained(home: ConfigHome) -> None:
    home.file.symlink_to(home.file)
    with pytest.raises(QuintetError, match="loop"):
        home.oven()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_explained(home: ConfigHome) -> None:
    home.user("")
    home.file.chmod(0)
    with pytest.raises(QuintetError, match="permission denied"):
        home.oven()


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo, lambda path: path.symlink_to(path)])
def test_a_stranger_project_cannot_stop_a_command(home: ConfigHome, make: object) -> None:
    assert callable(make)
    make(home.project_file)
    assert home.oven().heat == 0.5


@pytest.mark.parametrize("content", [b"", b"nonsense", b"[]", b'{"x": 1}', b"[" * 100_000, b"\xff"])
def test_a_damaged_list_of_trusted_projects_trusts_nothing(
    home: ConfigHome, content: bytes
) -> None:
    home.trusted("oven.heat = 0.9\n")
    (home.paths.data_dir / "trusted-projects.json").write_bytes(content)
    assert home.oven().heat == 0.5
    home.trusted("oven.heat = 0.9\n")
    assert home.oven().heat == 0.9


def test_a_trusted_project_that_breaks_is_named(home: ConfigHome) -> None:
    home.trusted("oven.heat = \n")
    assert trust_of(home.paths).knows(home.project_file)
    with pytest.raises(ConfigBroken, match=r"project/\.ai/config\.toml:1:13"):
        home.oven()
