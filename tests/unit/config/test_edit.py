"""Changing one value in a file that a person wrote."""

import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from quintet.platform.config.edit import BadSetting, EditRefused, replace_text
from quintet.platform.config.effects import SettingEffects, plan_setting
from quintet.platform.config.exclusive import ConfigBusy, exclusive
from quintet.platform.config.toml_file import ConfigBroken
from quintet.platform.record.effects.port import WorldChanged
from support.configs import SCHEMA, ConfigHome, change


@pytest.fixture
def home(tmp_path: Path) -> ConfigHome:
    return ConfigHome(tmp_path)


def put(home: ConfigHome, key: str, text: str) -> str:
    change(home.file, key, text)
    return home.file.read_text()


def test_the_first_setting_creates_a_private_file(home: ConfigHome) -> None:
    home.file.parent.rmdir()
    assert put(home, "oven.heat", "0.25") == "[oven]\nheat = 0.25\n"
    assert home.file.stat().st_mode & 0o777 == 0o600
    assert home.file.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.demand("CONF-8")
def test_comments_order_and_blank_lines_stay(home: ConfigHome) -> None:
    before = (
        "# top\n\n[kettle] # k\nlitres = 2 # big\n\n# about ovens\n[oven]\n# hot\nheat = 0.1 # h\n"
    )
    home.user(before)
    assert put(home, "oven.heat", "0.2") == before.replace("0.1", "0.2")


def test_what_was_typed_is_kept_where_it_is_a_value(home: ConfigHome) -> None:
    text = ""
    for key, typed in {
        "bake_s": "8h",
        "tray_bytes": "2GiB",
        "price": "none",
        "shelves": "4",
        "is_hot": "on",
        "racks": "a,b",
        "colour": "blue",
        "tips.ann": "2",
    }.items():
        text = put(home, f"oven.{key}", typed)
    assert text == (
        '[oven]\nbake_s = "8h"\ntray_bytes = "2GiB"\nprice = "none"\nshelves = 4\nis_hot = true\n'
        'racks = ["a", "b"]\ncolour = "blue"\n\n[oven.tips]\nann = 2\n'
    )
    assert home.oven().bake_s == 28800
    assert home.oven().tips == {"ann": Decimal(2)}


def test_a_value_of_the_wrong_type_changes_nothing(home: ConfigHome) -> None:
    home.user("[oven]\n")
    with pytest.raises(BadSetting, match="from 1 to 9"):
        put(home, "oven.shelves", "many")
    with pytest.raises(BadSetting, match="table"):
        put(home, "oven.tips", "3")
    assert home.file.read_text() == "[oven]\n"


def test_unset_takes_the_value_and_leaves_the_rest(home: ConfigHome) -> None:
    home.user("# a\n[oven]\nheat = 0.1\n# b\nshelves = 3\n")
    assert change(home.file, "oven.heat", None)
    assert home.file.read_text() == "# a\n[oven]\n# b\nshelves = 3\n"
    assert not change(home.file, "oven.heat", None)


@pytest.mark.demand("CONF-10")
def test_taking_a_change_back_leaves_later_ones_alone(home: ConfigHome) -> None:
    before = "[oven]\nheat = 0.1 # h\nbake_s = '1h'\n"
    home.user(before)
    changes = [*change(home.file, "oven.heat", "0.2"), *change(home.file, "oven.bake_s", "2h")]
    changes += change(home.file, "oven.shelves", "3")
    for effect in changes:
        SettingEffects().revert(effect)
        SettingEffects().revert(effect)
    assert home.file.read_text() == before.replace("'1h'", '"1h"')


def test_a_change_is_refused_when_the_value_is_another_by_now(home: ConfigHome) -> None:
    home.user("[oven]\nheat = 0.1\n")
    (effect,) = plan_setting(home.file, SCHEMA.target("oven.heat"), "0.2", group="config").effects
    home.user("[oven]\nheat = 0.3\n")
    with pytest.raises(WorldChanged):
        SettingEffects().apply(effect)
    assert home.file.read_text() == "[oven]\nheat = 0.3\n"


def test_dos_lines_and_byte_order_mark_stay(home: ConfigHome) -> None:
    home.file.write_bytes(b"\xef\xbb\xbf[oven]\r\nheat = 0.1\r\n")
    change(home.file, "oven.shelves", "3")
    assert home.file.read_bytes() == b"\xef\xbb\xbf[oven]\r\nheat = 0.1\r\nshelves = 3\r\n"


def test_a_link_to_settings_kept_elsewhere_stays_a_link(home: ConfigHome, tmp_path: Path) -> None:
    kept = tmp_path / "dotfiles.toml"
    kept.write_text("[oven]\n")
    home.file.symlink_to(kept)
    put(home, "oven.heat", "0.2")
    assert home.file.is_symlink()
    assert kept.read_text() == "[oven]\nheat = 0.2\n"


def test_a_broken_file_is_not_touched(home: ConfigHome) -> None:
    home.user("[oven\n")
    with pytest.raises(ConfigBroken):
        put(home, "oven.heat", "0.2")
    assert home.file.read_text() == "[oven\n"


def test_a_value_in_the_place_of_a_section_is_refused(home: ConfigHome) -> None:
    home.user("oven = 3\n")
    with pytest.raises(EditRefused):
        put(home, "oven.heat", "0.2")
    assert home.file.read_text() == "oven = 3\n"


@pytest.mark.demand("CONF-8")
def test_a_change_that_the_editing_library_would_lose_is_refused(home: ConfigHome) -> None:
    before = "[oven.a]\n[oven.b]\n[kettle]\n[oven.c]\n"
    home.user(before)
    with pytest.raises(EditRefused) as caught:
        put(home, "oven.tips.ann", "2")
    assert caught.value.hint == "ai config edit"
    assert home.file.read_text() == before


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("oven.heat = 1\n# k\n[kettle]\n", "# k\n[kettle]\n"),
        ("[oven]\ntips.ann = 1\nheat = 1\n", "[oven]\ntips.ann = 1\n"),
        ("oven = {name = 'x', heat = 1} # k\n", "oven = {name = 'x' } # k\n"),
    ],
)
def test_dotted_and_inline_keys_can_be_unset(home: ConfigHome, before: str, after: str) -> None:
    home.user(before)
    change(home.file, "oven.heat", None)
    assert home.file.read_text() == after


def test_an_edited_text_replaces_the_file_only_if_it_is_valid_and_fresh(home: ConfigHome) -> None:
    home.user("[oven]\n")
    with pytest.raises(ConfigBroken):
        replace_text(home.file, b"[oven]\n", b"[oven")
    replace_text(home.file, b"[oven]\n", b"[oven]\nheat = 0.2\n")
    with pytest.raises(EditRefused, match="changed while"):
        replace_text(home.file, b"[oven]\n", b"[oven]\nheat = 0.3\n")
    assert home.oven().heat == 0.2


def test_whoever_does_not_let_go_is_named(home: ConfigHome) -> None:
    with (
        exclusive(home.file),
        pytest.raises(ConfigBusy),
        exclusive(home.file, patience_s=0.05),
    ):
        pass


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_explained(home: ConfigHome) -> None:
    home.file.parent.chmod(0o500)
    with pytest.raises(Exception, match="permission denied"):
        put(home, "oven.heat", "0.2")


@pytest.mark.demand("CONF-9")
def test_editors_at_the_same_time_all_keep_their_change(home: ConfigHome) -> None:
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from support.configs import change\n"
        "for i in range(5):\n"
        "    key = f'oven.tips.p{sys.argv[2]}x{i}'\n"
        "    change(Path(sys.argv[1]), key, '1')\n"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    editors = [
        subprocess.Popen([sys.executable, "-c", script, str(home.file), str(i)], env=env)
        for i in range(4)
    ]
    assert [editor.wait(60) for editor in editors] == [0] * 4
    assert len(home.oven().tips) == 20
