"""Machines are read as they are, containers and odd kernels included; nonsense is passed over."""

import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quintet.engines.edge.adapters.linux import LinuxMachine
from quintet.engines.edge.adapters.macos import MacMachine
from quintet.engines.edge.adapters.memory_probe import CopyProbe
from quintet.engines.edge.device import Battery, Device, MachineUnreadable

MEMINFO = "MemTotal:       16000000 kB\nMemFree: 1000 kB\nMemAvailable:   12000000 kB\n"
CPUINFO = "model name\t: Some CPU @ 3 GHz\nflags\t\t: fpu avx2 fma f16c avx_vnni\n"
TOTAL, AVAILABLE = 16_000_000 * 1024, 12_000_000 * 1024


class FakeLinux:
    """A machine made of files."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.put("proc/meminfo", MEMINFO)
        self.put("proc/cpuinfo", CPUINFO)

    def put(self, path: str, text: str | bytes) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())

    def read(self) -> Device:
        return LinuxMachine(self.root, proc=self.root / "proc", sys=self.root / "sys").read()


@pytest.fixture
def linux(tmp_path: Path) -> FakeLinux:
    return FakeLinux(tmp_path)


def test_a_plain_machine_is_read(linux: FakeLinux) -> None:
    device = linux.read()
    assert device.name == "Some CPU @ 3 GHz"
    assert (device.total_bytes, device.available_bytes) == (TOTAL, AVAILABLE)
    assert device.features == {"avx2", "fma", "f16c", "avx_vnni"}
    assert device.year == 2021
    assert device.disk_free_bytes > 0
    assert device.battery is None
    assert device.gpus == ()
    assert {reading.item for reading in device.readings} >= {"MemAvailable", "features"}


@pytest.mark.demand("EDGE-2")
def test_the_limit_of_a_container_counts_not_the_memory_of_its_host(linux: FakeLinux) -> None:
    linux.put("proc/self/cgroup", "0::/\n")
    linux.put("sys/fs/cgroup/memory.max", "2000000000\n")
    linux.put("sys/fs/cgroup/memory.current", "900000000\n")
    linux.put("sys/fs/cgroup/memory.stat", "anon 1\ninactive_file 400000000\n")
    device = linux.read()
    assert device.total_bytes == 2_000_000_000
    assert device.available_bytes == 2_000_000_000 - 500_000_000


@pytest.mark.demand("EDGE-2")
def test_the_tightest_limit_on_the_way_up_rules(linux: FakeLinux) -> None:
    linux.put("proc/self/cgroup", "0::/user/app\n")
    linux.put("sys/fs/cgroup/user/app/memory.max", "max\n")
    linux.put("sys/fs/cgroup/user/memory.max", "3000000000\n")
    assert linux.read().total_bytes == 3_000_000_000


@pytest.mark.demand("EDGE-2")
def test_the_older_layout_of_control_groups_is_read_too(linux: FakeLinux) -> None:
    linux.put("proc/self/cgroup", "9:cpu,cpuacct:/box\n4:memory:/box\n")
    linux.put("sys/fs/cgroup/memory/box/memory.limit_in_bytes", "1000000000\n")
    linux.put("sys/fs/cgroup/memory/box/memory.usage_in_bytes", "250000000\n")
    linux.put("sys/fs/cgroup/cpu/box/cpu.cfs_quota_us", "50000\n")
    linux.put("sys/fs/cgroup/cpu/box/cpu.cfs_period_us", "100000\n")
    device = linux.read()
    assert device.available_bytes == 750_000_000
    assert device.cores == 1


def test_a_limit_that_limits_nothing_is_ignored(linux: FakeLinux) -> None:
    linux.put("proc/self/cgroup", "4:memory:/\n")
    linux.put("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n")
    assert linux.read().total_bytes == TOTAL


def test_a_group_path_never_leads_out_of_the_file_system_of_groups(linux: FakeLinux) -> None:
    linux.put("proc/self/cgroup", "0::/../../../evil\n")
    linux.put("evil/memory.max", "1\n")
    assert linux.read().total_bytes == TOTAL


def test_an_old_kernel_without_the_available_figure_counts_what_is_free(linux: FakeLinux) -> None:
    linux.put("proc/meminfo", "MemTotal: 2000000 kB\nMemFree: 500000 kB\n")
    assert linux.read().available_bytes == 500_000 * 1024


def test_a_battery_of_a_mouse_is_not_the_machines(linux: FakeLinux) -> None:
    for name, scope, percent in (("hid", "Device", "10"), ("BAT0", "System", "80")):
        folder = f"sys/class/power_supply/{name}"
        linux.put(f"{folder}/type", "Battery\n")
        linux.put(f"{folder}/scope", scope)
        linux.put(f"{folder}/capacity", percent)
        linux.put(f"{folder}/status", "Discharging\n")
    linux.put("sys/class/power_supply/AC/type", "Mains\n")
    assert linux.read().battery == Battery(80, is_discharging=True)


def test_graphics_cards_are_named_without_starting_their_driver(linux: FakeLinux) -> None:
    linux.put("proc/driver/nvidia/gpus/0000:01:00.0/information", "Model: \t NVIDIA RTX 9000\n")
    linux.put("sys/class/drm/card0/device/vendor", "0x10de\n")
    linux.put("sys/class/drm/card1/device/vendor", "0x1002\n")
    linux.put("sys/class/drm/card1/device/mem_info_vram_total", "17163091968\n")
    assert linux.read().gpus == ("NVIDIA RTX 9000", "AMD with 17.2 GB")


def test_a_board_names_itself(linux: FakeLinux) -> None:
    linux.put("proc/cpuinfo", "Features\t: fp asimd asimddp\n")
    linux.put("proc/device-tree/model", b"Raspberry Pi 5 Model B\0")
    device = linux.read()
    assert device.name == "Raspberry Pi 5 Model B"
    assert device.weakness == "it is from about 2018"


def test_firmware_dates_an_old_machine(linux: FakeLinux) -> None:
    linux.put("proc/cpuinfo", "flags : avx2\n")
    linux.put("sys/class/dmi/id/bios_date", "03/14/2015\n")
    assert linux.read().year == 2015


@pytest.mark.parametrize("text", ["", "garbage", "MemTotal: many kB", b"\xff\xfe\x00"])
def test_without_any_figure_for_memory_it_is_said(linux: FakeLinux, text: str | bytes) -> None:
    linux.put("proc/meminfo", text)
    with pytest.raises(MachineUnreadable):
        linux.read()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    st.sampled_from(
        [
            "proc/cpuinfo",
            "proc/self/cgroup",
            "sys/class/dmi/id/bios_date",
            "sys/fs/cgroup/memory.max",
            "sys/fs/cgroup/cpu.max",
            "sys/class/power_supply/B/capacity",
        ]
    ),
    st.binary(max_size=60),
)
def test_nonsense_in_any_file_is_passed_over(linux: FakeLinux, path: str, data: bytes) -> None:
    linux.put("proc/self/cgroup", "0::/\n")
    linux.put("sys/class/power_supply/B/type", "Battery")
    linux.put(path, data)
    device = linux.read()
    assert device.cores >= 1
    assert 0 <= device.available_bytes <= TOTAL


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_this_very_machine_can_be_read(tmp_path: Path) -> None:
    device = LinuxMachine(tmp_path / "not" / "there").read()
    assert 0 < device.available_bytes <= device.total_bytes
    assert device.cores >= 1
    assert device.disk_free_bytes > 0


class FakeMac:
    """Answers as the programs of a Mac do."""

    ANSWERS = {  # noqa: RUF012 - a table, never changed
        "hw.memsize": "17179869184\n",
        "machdep.cpu.brand_string": "Apple M3\n",
        "hw.ncpu": "8\n",
        "hw.optional.neon": "1\n",
        "hw.optional.arm.FEAT_I8MM": "1\n",
        "vm_stat": (
            "Mach Virtual Memory Statistics: (page size of 16384 bytes)\n"
            "Pages free:                               100000.\n"
            "Pages active:                             400000.\n"
            "Pages inactive:                           200000.\n"
        ),
        "batt": "Now drawing from 'Battery Power'\n -InternalBattery-0 (id=1)\t73%; discharging;\n",
    }

    def __call__(self, command: Sequence[str]) -> str:
        return self.ANSWERS.get(command[-1], "")


def test_a_mac_is_read_through_its_own_programs(tmp_path: Path) -> None:
    device = MacMachine(tmp_path, FakeMac()).read()
    assert device.name == "Apple M3"
    assert device.total_bytes == 17_179_869_184
    assert device.available_bytes == 300_000 * 16384
    assert device.battery == Battery(73, is_discharging=True)
    assert device.weakness == ""


def test_a_mac_that_says_nothing_is_named_so(tmp_path: Path) -> None:
    with pytest.raises(MachineUnreadable):
        MacMachine(tmp_path, lambda _: "").read()


@pytest.mark.parametrize("available_bytes", [0, 10_000_000, 10**10])
def test_the_probe_measures_something_within_a_second(available_bytes: int) -> None:
    assert CopyProbe(2, available_bytes).bytes_per_s() > 1e8
