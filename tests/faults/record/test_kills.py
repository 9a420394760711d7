"""Actions and their undoing cut off by SIGKILL: running undo again brings everything back."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.mark.slow
@pytest.mark.demand("RECORD-10")
@pytest.mark.parametrize(
    ("sequences", "killed", "rows"), [("40", "1", "0"), ("4", "1", "1"), ("3", "0", "1")]
)
def test_random_actions_are_taken_back_to_the_last_byte_though_they_are_killed(
    tmp_path: Path, sequences: str, killed: str, rows: str
) -> None:
    script = ROOT / "benchmarks" / "record" / "undo_sequences.py"
    shares = ["--sequences", sequences, "--killed", killed, "--rows", rows]
    done = subprocess.run(
        [sys.executable, script, *shares, "--json"],
        env={"PYTHONPATH": str(ROOT / "lib"), "PATH": os.environ["PATH"], "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert (seen["not restored"], seen["failed"]) == (0, 0)
    assert (seen.get("killed acting", 0) > 0) == (killed == "1")
