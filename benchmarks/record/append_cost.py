"""What recording costs: one action of a few kinds, beside the bare write that it records.

python benchmarks/record/append_cost.py [--actions 300] [--json]
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from quintet.platform.files import write_atomic
from quintet.platform.record.event import Evidence
from quintet.platform.record.record import Record
from quintet.platform.store.journal import Journal


def bare_sync(folder: Path) -> Callable[[int], None]:
    fd = os.open(folder / "bare", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def once(number: int) -> None:
        os.write(fd, b"x" * 300)
        os.fdatasync(fd)

    return once


def bare_write(folder: Path) -> Callable[[int], None]:
    return lambda number: write_atomic(folder / "file", b"%d" % number)


def recorded(folder: Path, change: str) -> Callable[[int], None]:
    place = folder / change
    record = Record(Journal(place / "journal", "record"), place)
    target = place / "work" / "file"

    def once(number: int) -> None:
        with record.action("code", "fix", "a change") as action:
            action.because("asked", Evidence("line", "a.py", "3", "ab" * 32))
            if change == "nothing changed":
                return
            path = target.with_name(f"{number}") if change == "a new file" else target
            action.write_file(path, b"%d" % number)

    once(0)
    return once


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--actions", type=int, default=300)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rows: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as name:
        folder = Path(name)
        trials = {
            "write + fdatasync, nothing else": bare_sync(folder),
            "atomic write of a file, nothing else": bare_write(folder),
            "recorded action, nothing changed": recorded(folder, "nothing changed"),
            "recorded action, a new file": recorded(folder, "a new file"),
            "recorded action, a file overwritten": recorded(folder, "overwritten"),
        }
        for title, once in trials.items():
            took: list[float] = []
            for number in range(1, options.actions + 1):
                started = time.perf_counter()
                once(number)
                took.append((time.perf_counter() - started) * 1000)
            took.sort()
            p50, p99 = took[len(took) // 2], took[len(took) * 99 // 100]
            rows[title] = {"p50_ms": round(p50, 2), "p99_ms": round(p99, 2)}
    if options.json:
        print(json.dumps(rows))
    else:
        for title, row in rows.items():
            print(f"{title:>38}  p50 {row['p50_ms']:>6} ms  p99 {row['p99_ms']:>6} ms")
    return 0


if __name__ == "__main__":
    sys.exit(main())
