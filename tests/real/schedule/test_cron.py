"""Jobs run by crons of other people: they read our lines, and start what we meant."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from support.process import environment, run_ai
from support.schedulers import in_own_namespace

pytestmark = [pytest.mark.real, pytest.mark.slow, pytest.mark.timeout(200)]

AI = Path(sys.executable).with_name("ai")
PATIENCE_S = 90.0
WORDS = ("schedule", "add", "tick", "* * * * *", "--", "life", "brief", "--json")
# As docs/keys.md has it for jobs at night: a key that opens no more than what the job needs.
KEYS = (
    ("life", "add", "dentist tomorrow 15:00"),
    ("key", "add", "recovery"),
    ("key", "add", "keyfile", "--only", "life", "--to", "cron.key"),
)

_DEBIAN = """
mount -t tmpfs tmpfs /var/spool/cron
mkdir -m 1730 /var/spool/cron/crontabs
chgrp crontab /var/spool/cron/crontabs
mount -t tmpfs tmpfs /run
printf '# mine\\n5 5 5 5 * echo \\377\\n' | crontab -
"$AI" schedule install --with cron --yes --quiet
crontab -l | head -2 | od -An -c
cron
for i in $(seq 80); do
    sleep 1
    if "$AI" schedule list --json | grep -q '"outcome": "done"'; then break; fi
done
"$AI" schedule uninstall --yes --quiet
crontab -l | wc -l
"""


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    if not AI.is_file():
        pytest.skip("there is no program ai beside this Python for a cron to call")
    # A name with a space and a percent sign, which crons read in ways of their own.
    home = tmp_path / "home 50%"
    home.mkdir()
    found = {"HOME": str(home), "AI": str(AI), "PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin"}
    for words in (*KEYS, WORDS):
        made = run_ai(words, {**environment(home), **found}, cwd=home)
        assert made.status == 0, made.err
    (home / ".config/ai/ai.key").unlink()
    return {**found, "AI_KEY_FILE": str(home / "cron.key")}


def _ran(env: dict[str, str]) -> list[dict[str, object]]:
    home = Path(env["HOME"])
    shown = run_ai(["schedule", "status", "tick", "--json"], {**environment(home), **env}, cwd=home)
    job = shown.json()[0]["jobs"][0]
    assert all(run["outcome"] == "done" for run in job["runs"])
    assert not job["runs"] or "dentist" in job["output"]
    return job["runs"]


@pytest.mark.demand("SCHEDULE-11")
def test_the_cron_of_debian_runs_a_job(env: dict[str, str]) -> None:
    if not shutil.which("cron", path=env["PATH"]) or not shutil.which("crontab", path=env["PATH"]):
        pytest.skip("there is no cron here")
    told = in_own_namespace(_DEBIAN, env, 150)
    assert "377" in told
    assert told.split()[-1] == "2"
    runs = _ran(env)
    assert runs
    assert len({run["slot"] for run in runs}) == len(runs)
    assert all("cron" in str(run["why"]) for run in runs)


@pytest.mark.demand("SCHEDULE-11")
def test_the_cron_of_busybox_runs_a_job(env: dict[str, str], tmp_path: Path) -> None:
    busybox = shutil.which("busybox")
    if not busybox or os.geteuid() != 0:
        pytest.skip("only root can start a crond of busybox, and there must be one")
    applets = subprocess.run([busybox, "--list"], capture_output=True, text=True, check=True)
    if not {"crond", "crontab"} <= set(applets.stdout.split()):
        pytest.skip("this busybox was built without a crond")
    spool = tmp_path / "spool"
    spool.mkdir()
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "crontab").write_text(f'#!/bin/sh\nexec {busybox} crontab -c {spool} "$@"\n')
    (programs / "crontab").chmod(0o755)
    env = {**env, "PATH": f"{programs}:{env['PATH']}"}
    home = Path(env["HOME"])
    installed = run_ai(
        ["schedule", "install", "--with", "cron", "--yes"], {**environment(home), **env}, cwd=home
    )
    assert installed.status == 0, installed.err
    crond = subprocess.Popen([busybox, "crond", "-f", "-c", str(spool), "-L", "/dev/null"])
    try:
        deadline = time.monotonic() + PATIENCE_S
        while not _ran(env):
            assert time.monotonic() < deadline, "it was never run"
            time.sleep(1)
    finally:
        crond.terminate()
        crond.wait()
    gone = run_ai(["schedule", "uninstall", "--yes"], {**environment(home), **env}, cwd=home)
    assert gone.status == 0, gone.err
