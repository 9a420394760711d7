"""An editor of the settings that is killed at any moment leaves a whole file."""

import os
import random
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest

from support.configs import ConfigHome

EDITOR = """
import sys
from pathlib import Path
from support.configs import change
for i in range(1000):
    change(Path(sys.argv[1]), f"oven.tips.n{i}", "1")
    print(i, flush=True)
"""


@pytest.mark.slow
@pytest.mark.demand("CONF-9")
def test_what_was_acknowledged_is_there_after_a_kill(tmp_path: Path) -> None:
    chance = random.Random(4)
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    for round_number in range(6):
        home = ConfigHome(tmp_path / str(round_number))
        home.user("# mine\n[oven.tips]\n")
        process = subprocess.Popen(
            [sys.executable, "-c", EDITOR, str(home.file)],
            env=env,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout
        said = [process.stdout.readline()]
        time.sleep(chance.random() * 0.3)
        process.kill()
        said += process.stdout.readlines()
        process.wait()
        tips = tomllib.loads(home.file.read_text())["oven"]["tips"]
        acknowledged = len([line for line in said if line.strip()])
        assert acknowledged <= len(tips) <= acknowledged + 1
        assert home.file.read_text().startswith("# mine\n")
