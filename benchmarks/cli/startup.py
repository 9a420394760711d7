"""What a start costs: CPU time of small commands beside a bare Python, measured in turns.

    python benchmarks/cli/startup.py --python VENV/bin/python --llm OTHER/bin/llm --json

`--python` is the interpreter of an environment in which `ai` is installed; its console script is
what is run. CPU time (user and system, children included) is compared, because wall time on a
shared machine says more about the neighbours.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]


def cpu_ms(command: Sequence[str], env: Mapping[str, str]) -> float:
    """The CPU time of one run, and of the children that it waited for."""
    quiet = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_RDWR, 0) for fd in (0, 1, 2)]
    pid = os.posix_spawnp(command[0], command, env, file_actions=quiet)
    _, status, usage = os.wait4(pid, 0)
    if os.waitstatus_to_exitcode(status):
        sys.exit(f"failed: {' '.join(command)}")
    return 1000 * (usage.ru_utime + usage.ru_stime)


def tab(script: str, line: str) -> list[str]:
    """One TAB in a bash that has only just read the completion script, and by itself."""
    count = len(line.split())
    press = (
        f"COMP_LINE='{line}' COMP_POINT={len(line)} COMP_WORDS=({line}) COMP_CWORD={count - 1}; _ai"
    )
    return ["bash", "--norc", "--noprofile", "-c", f"{script}\n{press}"]


def commands(python: Path, llm: str) -> dict[str, list[str]]:
    ai = str(python.with_name("ai"))
    shown = subprocess.run([ai, "completion", "show", "bash"], capture_output=True, check=True)
    with tempfile.NamedTemporaryFile(suffix=".bash", delete=False) as script:
        script.write(shown.stdout)
    found = {
        "python -c pass": [str(python), "-c", "pass"],
        "ai --version": [ai, "--version"],
        "ai --help": [ai, "--help"],
        "ai edge --help": [ai, "edge", "--help"],
        "ai version": [ai, "version"],
        "bash, nothing": ["bash", "--norc", "--noprofile", "-c", ":"],
        "bash, TAB": tab(f"source {script.name}", "ai edge f"),
    }
    if llm:
        found |= {"llm --version": [llm, "--version"], "llm --help": [llm, "--help"]}
    return found


def measure(found: Mapping[str, Sequence[str]], runs: int) -> dict[str, list[float]]:
    """All commands once, then all again: what slows the machine down slows all of them down."""
    with tempfile.TemporaryDirectory() as home:
        env = {"HOME": home, "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
        taken: dict[str, list[float]] = {name: [] for name in found}
        for turn in range(runs + 2):
            for name, command in found.items():
                cost_ms = cpu_ms(command, env)
                # The first two turns warm the disk's cache and write byte code.
                if turn >= 2:
                    taken[name].append(cost_ms)
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", type=Path, default=Path(sys.executable))
    parser.add_argument("--llm", default="", help="the command `llm` of another environment")
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    taken = measure(commands(given.python, given.llm), given.runs)
    bare_ms = statistics.median(taken["python -c pass"])
    rows = [
        {
            "command": name,
            "cpu_ms_median": round(statistics.median(costs), 1),
            "cpu_ms_best": round(min(costs), 1),
            "times_bare_python": round(statistics.median(costs) / bare_ms, 2),
        }
        for name, costs in taken.items()
    ]
    if given.json:
        print(json.dumps({"runs": given.runs, "rows": rows}))
        return
    print(f"{'command':<18} {'CPU ms':>8} {'best':>8} {'× bare':>8}")
    for row in rows:
        median, best, ratio = (
            row[k] for k in ("cpu_ms_median", "cpu_ms_best", "times_bare_python")
        )
        print(f"{row['command']:<18} {median:>8} {best:>8} {ratio:>8}")


if __name__ == "__main__":
    main()
