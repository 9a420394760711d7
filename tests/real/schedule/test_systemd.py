"""Unit files as systemd reads them, and jobs run by a service manager of our own."""

import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quintet.errors import QuintetError
from quintet.platform.schedule.calling import Calling
from quintet.platform.schedule.cron import parse_cron
from quintet.platform.schedule.job import Job
from quintet.platform.schedule.slots import next_slots
from quintet.platform.schedule.systemd import calendars, units
from quintet.platform.schedule.when import parse_when
from support.process import environment, run_ai
from support.schedulers import in_own_namespace

pytestmark = [pytest.mark.real, pytest.mark.slow, pytest.mark.timeout(200)]

AI = Path(sys.executable).with_name("ai")
ANALYZE = shutil.which("systemd-analyze") or ""
_ITERATIONS = 6


def _require_analyze() -> None:
    if not ANALYZE:
        pytest.skip("systemd-analyze is not installed")


RULES = (
    "* * * * *",
    "*/15 1-3 * jan-mar *",
    "0 9 13 * fri",
    "0 0 29 2 *",
    "5 7 1,15 * *",
    "@weekly",
)


@pytest.mark.demand("SCHEDULE-11")
def test_systemd_accepts_the_units(tmp_path: Path) -> None:
    _require_analyze()
    env = {"PATH": "/usr/bin:/50%", "AI_X": "a \"b\" \\ $c ${d} %h 'e' é;#", "HOME": str(tmp_path)}
    calling = Calling((sys.executable, "-P", "-m", "quintet_cli"), env, "ai-123456")
    jobs = [
        Job(f"j{n}", parse_when(rule), ("log",), jitter_s=n * 30.5, only_on_power=True)
        for n, rule in enumerate(RULES)
    ]
    for name, text in units(jobs, calling).items():
        (tmp_path / name).write_text(text)
    names = sorted(str(path) for path in tmp_path.iterdir())
    assert len(names) == 2 * len(jobs) + 2
    verified = subprocess.run(
        [ANALYZE, "verify", "--user", *names],
        env={"PATH": os.environ["PATH"], "XDG_RUNTIME_DIR": str(tmp_path), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (verified.returncode, verified.stderr) == (0, "")


def _systemds_own(calendar: str, after: datetime) -> list[datetime]:
    told = subprocess.run(
        [
            *(ANALYZE, "calendar", f"--iterations={_ITERATIONS}"),
            *(f"--base-time={after:%Y-%m-%d %H:%M:%S} UTC", f"{calendar} UTC"),
        ],
        env={"PATH": os.environ["PATH"], "TZ": "UTC", "LC_ALL": "C"},
        capture_output=True,
        text=True,
        check=True,
    )
    moments: list[datetime] = []
    for line in told.stdout.splitlines():
        lead, _, at = line.strip().partition(": ")
        if lead.startswith(("Next elapse", "Iter")) and at.strip() != "never":
            _, day, time, _ = at.split()
            moments.append(datetime.fromisoformat(f"{day} {time}+00:00"))
    return moments


FIELD = st.sampled_from(["*", "0", "7", "1-5", "1,3,6", "2-6/2"])


@given(
    st.tuples(FIELD, FIELD, st.sampled_from(["*", "1", "13,29"]), FIELD, FIELD).map(" ".join),
    st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1)),
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_systemd_means_the_same_times(rule: str, after: datetime) -> None:
    _require_analyze()
    try:
        cron = parse_cron(rule)
    except QuintetError:
        return
    after = after.replace(microsecond=0, tzinfo=UTC)
    found = sorted({at for one in calendars(cron) for at in _systemds_own(one, after)})
    assert found[:_ITERATIONS] == next_slots(cron, after, UTC, _ITERATIONS)


_MANAGER = """
mount -t tmpfs tmpfs /run
mkdir -p /run/systemd/system /run/user/0
chmod 700 /run/user/0
for one in systemd unified .; do
    if [ -e /sys/fs/cgroup/$one/cgroup.procs ]; then
        mkdir -p /sys/fs/cgroup/$one/ai-test/init
        echo $$ > /sys/fs/cgroup/$one/ai-test/init/cgroup.procs || true
    fi
done
for systemd in /lib/systemd/systemd /usr/lib/systemd/systemd; do [ -x $systemd ] && break; done
$systemd --user >/dev/null 2>&1 &
for i in $(seq 50); do [ -S /run/user/0/systemd/private ] && break; sleep 0.2; done
[ -S /run/user/0/systemd/private ] || { echo unreachable; exit 0; }
"$AI" schedule install --yes --quiet
systemctl --user list-timers --all --no-legend | grep -c ai-job
for i in $(seq 90); do
    sleep 1
    if [ "$("$AI" schedule list --json | grep -o '"outcome": "done"' | wc -l)" = 2 ]; then break; fi
done
systemctl --user show -p Result ai-job-tick.service ai-job-proven.service
"$AI" schedule uninstall --yes --quiet
systemctl --user list-timers --all --no-legend | grep -c ai-job || true
"$AI" undo --yes --quiet
systemctl --user list-timers --all --no-legend | grep -c ai-job
"""


@pytest.mark.demand("SCHEDULE-11")
def test_a_service_manager_runs_jobs_under_our_hardening(tmp_path: Path) -> None:
    if not AI.is_file() or not shutil.which("systemctl"):
        pytest.skip("there is no program ai beside this Python, or no systemd")
    home = tmp_path / "home 50%"
    home.mkdir()
    env = {"HOME": str(home), "AI": str(AI), "PATH": os.environ["PATH"]}
    env["XDG_RUNTIME_DIR"] = "/run/user/0"
    for name, words in {
        "tick": ("life", "brief"),
        "proven": ("prove", "offline", "--", str(AI), "version"),
    }.items():
        add = ("schedule", "add", name, "* * * * *", "--yes", "--", *words)
        assert run_ai(add, environment(home), cwd=home).status == 0
    run_ai(("life", "add", "dentist tomorrow 15:00"), environment(home), cwd=home)
    told = in_own_namespace(_MANAGER, env, 180).split()
    if told == ["unreachable"]:
        pytest.skip("a service manager of our own cannot be started here")
    assert told == ["2", "Result=success", "Result=success", "0", "2"]
    shown = run_ai(("schedule", "status", "tick", "--json"), environment(home), cwd=home)
    job = shown.json()[0]["jobs"][0]
    assert "dentist" in job["output"]
    assert "systemd" in job["runs"][0]["why"]
