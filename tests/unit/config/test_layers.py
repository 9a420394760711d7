"""Which source wins, and how a value tells where it came from."""

from decimal import Decimal
from pathlib import Path

import pytest

from quintet.platform.config.config import BadValue
from quintet.platform.config.layer import BadFlag, Source
from quintet.platform.config.load import trust_of
from quintet.platform.config.schema import UnknownKey
from quintet.platform.record.effects.port import WorldChanged
from support.configs import Colour, ConfigHome, KettleSettings, OvenSettings


@pytest.fixture
def home(tmp_path: Path) -> ConfigHome:
    return ConfigHome(tmp_path)


def test_without_any_file_every_setting_has_its_default(home: ConfigHome) -> None:
    assert home.oven() == OvenSettings()
    assert home.config().explain("oven.heat").source is Source.DEFAULT


@pytest.mark.demand("CONF-1")
def test_flag_beats_environment_beats_project_beats_user(home: ConfigHome) -> None:
    env = {"AI_OVEN__HEAT": "0.4"}
    assert home.oven().heat == 0.5
    home.user("[oven]\nheat = 0.2\n")
    assert home.oven().heat == 0.2
    home.trusted("[oven]\nheat = 0.3\n")
    assert home.oven().heat == 0.3
    assert home.oven(env=env).heat == 0.4
    assert home.oven("oven.heat=0.6", env=env).heat == 0.6


@pytest.mark.demand("CONF-2")
def test_each_value_names_its_source_down_to_the_line(home: ConfigHome) -> None:
    home.user("# mine\n[oven]\n\nname = 'x'\nshelves = 3\n")
    home.trusted("oven.heat = 0.3\n")
    config = home.config("oven.mode=grill", env={"AI_OVEN__BAKE_S": "1h"})
    places = {setting.key: (setting.source, setting.where) for setting in config.settings()}
    assert places["oven.shelves"] == (Source.USER, f"{home.file}:5")
    assert places["oven.heat"] == (Source.PROJECT, f"{home.project_file}:1")
    assert places["oven.bake_s"] == (Source.ENVIRONMENT, "AI_OVEN__BAKE_S")
    assert places["oven.mode"] == (Source.FLAG, "--config oven.mode")
    assert places["oven.colour"] == (Source.DEFAULT, "")


def test_tables_are_joined_entry_by_entry(home: ConfigHome) -> None:
    home.user("[oven.tips]\nann = 1\nbob = 2\n")
    config = home.config(env={"AI_OVEN__TIPS__BOB": "3.50"})
    tips = config.section("oven", OvenSettings).tips
    assert tips == {"ann": Decimal(1), "bob": Decimal("3.50")}
    assert config.explain("oven.tips.ann").where == f"{home.file}:2"
    assert config.explain("oven.tips.bob").source is Source.ENVIRONMENT
    assert config.explain("oven.tips.eve").value is None
    assert {setting.key for setting in config.settings()} >= {"oven.tips.ann", "oven.tips.bob"}


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("is_hot=yes", True),
        ("is_hot=0", False),
        ("shelves=9", 9),
        ("bake_s=1.5h", 5400.0),
        ("bake_s=90", 90.0),
        ("bake_s=250ms", 0.25),
        ("tray_bytes=2GiB", 2 << 30),
        ("tray_bytes=500 MB", 500_000_000),
        ("price=0.10", Decimal("0.10")),
        ("price=none", None),
        ("racks=a, b", ("a", "b")),
        ('racks=["a, b"]', ("a, b",)),
        ("racks=", ()),
        ("colour=blue", Colour.BLUE),
        ("name=a=b", "a=b"),
        ("tips.ann=1", {"ann": Decimal(1)}),
    ],
)
def test_typed_text_becomes_the_type_of_its_setting(
    home: ConfigHome, typed: str, value: object
) -> None:
    name = typed.partition("=")[0].partition(".")[0]
    assert getattr(home.oven(f"oven.{typed}"), name) == value


def test_relative_paths_start_where_they_are_written(home: ConfigHome) -> None:
    home.user("oven.door = 'front'\n")
    assert home.oven().door == home.file.parent / "front"
    assert home.oven("oven.door=back").door == home.project / "back"
    assert home.oven("oven.door=~/side").door == Path("~/side").expanduser()
    assert home.oven("oven.door=~nobody-here/x").door == home.project / "~nobody-here" / "x"


@pytest.mark.demand("CONF-3")
@pytest.mark.parametrize(
    ("line", "expects"),
    [
        ("shelves = 10", "from 1 to 9"),
        ("shelves = 1.5", "whole number"),
        ("shelves = true", "whole number"),
        ("shelves = '3'", "whole number"),
        ("heat = nan", "a number"),
        ("heat = 1e999999999", "a number"),
        ("bake_s = '8 parsecs'", "duration"),
        ("tray_bytes = '1XB'", "size"),
        ("price = 0.0000001", "dollars"),
        ("is_hot = 1", "true or false"),
        ("name = 3", "text"),
        ('name = "a\\u0000b"', "text"),
        ("door = ''", "path"),
        ("racks = 'a'", "list"),
        ("racks = [1]", "list"),
        ("colour = 'green'", "red, blue"),
        ("mode = 'boil'", "grill, fan"),
        ("tips = 1", "table"),
        ("tips = {ann = 'x'}", "dollars"),
        ("maker = 'nobody'", "a proper name"),
        ("maker = 3", "a proper name"),
    ],
)
def test_a_bad_value_names_file_line_key_and_type(
    home: ConfigHome, line: str, expects: str
) -> None:
    home.user(f"[oven]\n{line}\n")
    with pytest.raises(BadValue) as caught:
        home.oven()
    said = str(caught.value)
    assert f"oven.{line.split(maxsplit=1)[0]}" in said
    assert f"{home.file}:2" in said
    assert expects in said
    assert caught.value.hint == "ai config edit"
    assert caught.value.details["source"] == "user"


def test_a_bad_variable_says_how_to_unset_it(home: ConfigHome) -> None:
    with pytest.raises(BadValue, match="AI_OVEN__SHELVES") as caught:
        home.oven(env={"AI_OVEN__SHELVES": "many"})
    assert caught.value.hint == "unset AI_OVEN__SHELVES"


def test_a_variable_of_bytes_that_are_no_text_is_refused(home: ConfigHome) -> None:
    with pytest.raises(BadValue, match="text"):
        home.oven(env={"AI_OVEN__NAME": "\udcff"})


def test_a_bad_value_only_stops_those_who_need_its_section(home: ConfigHome) -> None:
    home.user("[oven]\nshelves = 'x'\n[kettle]\nlitres = 2\n")
    assert home.config().section("kettle", KettleSettings).litres == 2


def test_a_section_that_is_no_table_is_refused(home: ConfigHome) -> None:
    home.user("oven = 3\n")
    with pytest.raises(BadValue, match=r"table \[oven\]"):
        home.oven()


def test_every_problem_is_listed_at_once(home: ConfigHome) -> None:
    home.user("[oven]\nshelves = 'x'\nheat = 'y'\n[kettle]\nlitres = 'z'\n")
    assert len(home.config().problems()) == 3


@pytest.mark.demand("CONF-4")
def test_unknown_keys_are_named_with_the_one_that_was_meant(home: ConfigHome) -> None:
    home.user("[oven]\nshelfs = 3\n[kettel]\nlitres = 1\n")
    config = home.config(env={"AI_OVEN__PRIZE": "1"})
    config.section("oven", OvenSettings)
    notices = {notice.what: notice for notice in config.notices()}
    assert notices["there is no setting oven.shelfs: ignored"].hint == "did you mean shelves?"
    assert notices["there is no setting oven.shelfs: ignored"].where == f"{home.file}:2"
    assert notices["there is no setting [kettel]: ignored"].hint == "did you mean kettle?"
    assert notices["there is no setting oven.prize: ignored"].where == "AI_OVEN__PRIZE"


def test_other_variables_of_ours_are_no_settings(home: ConfigHome) -> None:
    env = {
        "AI_HOME": "/x",
        "AI_BUDGET_LEASE": "y",
        "PATH": "/bin",
        "AI___": "",
        "AI_A__B__C__D": "",
    }
    assert home.config(env=env).notices() == []


def test_asking_for_an_unknown_key_suggests_one(home: ConfigHome) -> None:
    for key, meant in (("oven.shelfs", "oven.shelves"), ("ovn.heat", "oven")):
        with pytest.raises(UnknownKey) as caught:
            home.config().explain(key)
        assert caught.value.details["suggestion"] == meant
    with pytest.raises(UnknownKey, match="section"):
        home.config().explain("oven")
    with pytest.raises(UnknownKey):
        home.config().explain("oven.heat.high")


def test_a_named_file_stands_in_for_the_users_own(home: ConfigHome) -> None:
    home.user("oven.heat = 0.2\noven.shelves = 3\n")
    (home.project / "other.toml").write_text("oven.heat = 0.9\n")
    settings = home.oven("other.toml")
    assert (settings.heat, settings.shelves) == (0.9, 2)
    with pytest.raises(BadFlag, match=r"missing\.toml"):
        home.oven("missing.toml")


@pytest.mark.demand("CONF-5")
def test_a_project_that_nobody_trusts_sets_nothing_and_is_named_once(home: ConfigHome) -> None:
    home.project_file.write_text("oven.heat = 0.9\n[[[ not even toml")
    config = home.config()
    assert config.section("oven", OvenSettings).heat == 0.5
    (notice,) = config.notices()
    assert notice.where == str(home.project_file)
    assert notice.hint == "ai config trust"


@pytest.mark.demand("CONF-5")
def test_a_trusted_project_is_a_stranger_again_after_any_change(home: ConfigHome) -> None:
    home.trusted("oven.heat = 0.9\n")
    assert home.oven().heat == 0.9
    home.project_file.write_text("oven.heat = 0.8\n")
    assert home.oven().heat == 0.5


@pytest.mark.demand("CONF-5")
def test_trust_belongs_to_the_place_as_well_as_the_content(home: ConfigHome) -> None:
    home.trusted("oven.heat = 0.9\n")
    elsewhere = home.project / "sub" / ".ai"
    elsewhere.mkdir(parents=True)
    (elsewhere / "config.toml").write_bytes(home.project_file.read_bytes())
    config = home.config(cwd=elsewhere.parent)
    assert config.section("oven", OvenSettings).heat == 0.5


def test_trust_can_be_taken_back(home: ConfigHome) -> None:
    home.trusted("oven.heat = 0.9\n")
    trust = trust_of(home.paths)
    place = trust.place_of(home.project_file)
    with pytest.raises(WorldChanged):
        trust.put(place, None, was="another digest")
    trust.put(place, None, was=trust.approvals()[place])
    assert home.oven().heat == 0.5


@pytest.mark.demand("CONF-6")
def test_even_a_trusted_project_sets_only_what_is_safe(home: ConfigHome) -> None:
    home.trusted("[oven]\nprice = 99\ndoor = '/etc'\nheat = 0.9\n")
    config = home.config()
    settings = config.section("oven", OvenSettings)
    assert (settings.price, settings.door, settings.heat) == (Decimal("1.50"), Path(), 0.9)
    said = [notice.what for notice in config.notices()]
    assert "a project may not set oven.price: ignored" in said
    assert "a project may not set oven.door: ignored" in said
    assert len(said) == 2


def test_the_project_is_found_from_any_folder_below_it(home: ConfigHome) -> None:
    home.trusted("oven.heat = 0.9\n")
    below = home.project / "a" / "b"
    below.mkdir(parents=True)
    assert home.config(cwd=below).section("oven", OvenSettings).heat == 0.9
