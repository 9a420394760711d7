"""Random sequences of actions on files and rows: undoing all of them has to restore every byte.

    python benchmarks/record/undo_sequences.py [--sequences 1000] [--killed 0.3] [--rows 0.1]

A share of the sequences is cut off by SIGKILL, in the middle of an action and again in the middle
of undoing; undo is then simply run again. Each sequence is told by its number, which `--only`
repeats.
"""

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from random import Random

from crash import in_child
from world import World

from quintet.platform.record.undo import Undo

_MAX_UNDO_RUNS = 6


def undo_all(world: World) -> None:
    record = world.record()
    undo = Undo(record)
    events = [e for e in record.history().standing() if e.effects and not e.undoes]
    undo.apply(undo.plan(events))


def act_all(world: World, seed: int) -> None:
    random = Random(seed)
    record = world.record()
    for _ in range(random.randint(1, 5)):
        world.act(record, random)


def play(folder: Path, number: int, *, rows: bool, killed: bool) -> Counter[str]:
    """One sequence; what happened in it, by name."""
    random = Random(number)
    world = World(folder, rows=rows)
    world.seed(random)
    before = world.fingerprint()
    seen: Counter[str] = Counter(sequences=1, with_rows=int(rows))
    if killed:
        seen["killed acting"] += not in_child(
            lambda: act_all(world, number), kill_at=random.randint(1, 300)
        )
        for _ in range(random.randint(0, _MAX_UNDO_RUNS)):
            lived = in_child(lambda: undo_all(world), kill_at=random.randint(1, 120))
            seen["killed undoing"] += not lived
    else:
        act_all(world, number)
    seen["changed"] += world.fingerprint() != before
    undo_all(world)
    seen["not restored"] += world.fingerprint() != before
    return seen


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sequences", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--killed", type=float, default=0.3)
    parser.add_argument("--rows", type=float, default=0.1)
    parser.add_argument("--only", type=int)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    numbers = range(options.first, options.first + options.sequences)
    if options.only is not None:
        numbers = range(options.only, options.only + 1)
    seen: Counter[str] = Counter()
    started = time.monotonic()
    for number in numbers:
        chance = Random(f"share {number}")
        folder = Path(tempfile.mkdtemp(prefix="undo-"))
        rows, killed = chance.random() < options.rows, chance.random() < options.killed
        try:
            one = play(folder, number, rows=rows, killed=killed)
        except Exception as error:
            one = Counter({"sequences": 1, "failed": 1})
            print(f"sequence {number}: {type(error).__name__}: {error}", file=sys.stderr)
        if one["not restored"]:
            print(f"sequence {number}: not restored", file=sys.stderr)
        seen += one
        shutil.rmtree(folder)
        if seen["sequences"] % 1000 == 0:
            print(f"{seen['sequences']:,} sequences", file=sys.stderr)
    seen["seconds"] = round(time.monotonic() - started)
    wrong = seen["not restored"] + seen["failed"]
    report = {**seen, "not restored": seen["not restored"], "failed": seen["failed"]}
    if options.json:
        print(json.dumps(report))
    else:
        print("\n".join(f"{name:>16}  {count:>8,}" for name, count in report.items()))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
