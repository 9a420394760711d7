"""What the machine tells: its zone, its power, and whether services go on without a login."""

import zoneinfo
from datetime import UTC, datetime
from pathlib import Path

import pytest

from quintet.platform.schedule.power import on_battery
from quintet.platform.schedule.services import Systemd
from quintet.platform.schedule.zone import machine_zone, system_zone, zone_name
from support.jobs import Jobs


def _supply(place: Path, name: str, **words: str) -> None:
    (place / name).mkdir()
    for key, word in words.items():
        (place / name / key).write_text(f"{word}\n")


def test_a_machine_is_on_battery_when_it_discharges_and_nothing_is_plugged_in(
    tmp_path: Path,
) -> None:
    assert not on_battery(tmp_path / "nothing")
    assert not on_battery(tmp_path)
    _supply(tmp_path, "BAT0", type="Battery", status="Discharging")
    assert on_battery(tmp_path)
    _supply(tmp_path, "AC", type="Mains", online="1")
    assert not on_battery(tmp_path)
    (tmp_path / "AC/online").write_text("0\n")
    assert on_battery(tmp_path)
    (tmp_path / "BAT0/status").write_text("Full\n")
    assert not on_battery(tmp_path)


def test_the_zone_is_that_of_tz_else_of_the_machine(tmp_path: Path) -> None:
    root = next(path for path in map(Path, zoneinfo.TZPATH) if (path / "Europe/Berlin").exists())
    localtime = tmp_path / "localtime"
    assert machine_zone({}, localtime) is UTC
    localtime.symlink_to(root / "Europe/Berlin")
    assert zone_name(machine_zone({}, localtime)) == "Europe/Berlin"
    assert zone_name(machine_zone({"TZ": ":Asia/Kathmandu"}, localtime)) == "Asia/Kathmandu"
    assert zone_name(machine_zone({"TZ": "Nowhere/../x"}, localtime)) == "Europe/Berlin"


@pytest.mark.parametrize("named", [True, False])
def test_a_copy_of_the_zone_in_place_of_a_link_will_do(tmp_path: Path, named: bool) -> None:
    root = next(path for path in map(Path, zoneinfo.TZPATH) if (path / "Europe/Berlin").exists())
    localtime = tmp_path / "localtime"
    localtime.write_bytes((root / "Europe/Berlin").read_bytes())
    if named:
        (tmp_path / "timezone").write_text("Europe/Berlin\n")
    zone = system_zone(localtime)
    assert zone is not None
    assert datetime(2026, 7, 1, 12, tzinfo=UTC).astimezone(zone).hour == 14
    assert zone_name(zone) == ("Europe/Berlin" if named else "the machine's zone")
    localtime.write_bytes(b"TZif nonsense")
    assert system_zone(localtime) is None


def test_where_tz_differs_from_the_machine_it_is_said(tmp_path: Path) -> None:
    told = Jobs(tmp_path, env={"TZ": "Asia/Kathmandu"}).schedule().zone_trouble()
    assert "Asia/Kathmandu" in told


def test_whether_services_linger_is_seen_where_it_can_be(tmp_path: Path) -> None:
    manager = Systemd({}, tmp_path / "systemd" / "linger")
    assert manager.lingers("me") is None
    manager.linger_dir.mkdir(parents=True)
    assert manager.lingers("me") is False
    (manager.linger_dir / "me").touch()
    assert manager.lingers("me") is True
