"""Feeds every parser of foreign or damaged bytes with hostile input, and counts what gets out.

    python benchmarks/fuzz/run.py --inputs 1000000
    python benchmarks/fuzz/run.py --only gguf --inputs 20000 --seed 7

A parser may return a value or raise a `QuintetError`; anything else is a finding, and so is an
input that takes longer than five seconds. Each finding is kept so that it can be replayed.
"""

import argparse
import json
import multiprocessing
import random
import signal
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import FrameType

sys.path[:0] = [
    str(Path(__file__).parents[2] / part) for part in ("cli", "lib", "tests", "benchmarks")
]

from fuzz.mutate import mutate
from fuzz.targets import TARGETS, Target
from quintet.errors import QuintetError

_HANG_S = 5.0
_SCRATCH = Path(__file__).parent / "scratch"


class Hang(BaseException):
    """An input took too long. Not an `Exception`, so that no parser can swallow it."""


@dataclass
class Tally:
    """What one target did with its inputs."""

    target: str
    inputs: int = 0
    accepted: int = 0
    refused: int = 0
    hangs: int = 0
    duration_s: float = 0.0
    tracebacks: dict[str, str] = field(default_factory=dict)


def _alarm(_signal: int, _frame: FrameType | None) -> None:
    raise Hang


def _place_of(error: BaseException) -> str:
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    where = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "?"
    return f"{type(error).__name__} at {where}"


def _try(target: Target, data: bytes, tally: Tally) -> None:
    tally.inputs += 1
    signal.setitimer(signal.ITIMER_REAL, _HANG_S)
    try:
        target.parse(data)
        tally.accepted += 1
    except QuintetError:
        tally.refused += 1
    except Hang:
        tally.hangs += 1
        _keep(target, data, "hang")
    except BaseException as error:
        place = _place_of(error)
        if place not in tally.tracebacks:
            tally.tracebacks[place] = str(_keep(target, data, str(len(tally.tracebacks))))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _keep(target: Target, data: bytes, name: str) -> Path:
    _SCRATCH.mkdir(exist_ok=True)
    place = _SCRATCH / f"{target.name}-{name}.bin"
    place.write_bytes(data)
    return place


def fuzz(name: str, inputs: int, seed: int) -> Tally:
    """Run one target in this process."""
    signal.signal(signal.SIGALRM, _alarm)
    target, chance, tally = TARGETS[name](), random.Random(seed), Tally(name)
    began_s = time.perf_counter()
    for seed_document in target.seeds:
        # A target that refuses its own valid seeds would test nothing but its first check.
        target.parse(seed_document)
    while tally.inputs < inputs:
        document, other = chance.choice(target.seeds), chance.choice(target.seeds)
        _try(target, mutate(document, other, chance), tally)
    tally.duration_s = time.perf_counter() - began_s
    return tally


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--inputs", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=sorted(TARGETS), action="append")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    names = options.only or sorted(TARGETS)
    with multiprocessing.get_context("spawn").Pool(options.processes, maxtasksperchild=1) as pool:
        work = [(name, options.inputs, options.seed) for name in names]
        tallies = pool.starmap(fuzz, work, chunksize=1)
    if options.json:
        print(json.dumps([asdict(tally) for tally in tallies], indent=2))
    else:
        _print(tallies)
    return int(any(tally.tracebacks or tally.hangs for tally in tallies))


def _print(tallies: list[Tally]) -> None:
    print(
        f"{'target':<18}{'inputs':>10}{'accepted':>10}{'refused':>10}{'hangs':>7}{'traces':>8}{'s':>8}"
    )
    for tally in tallies:
        print(
            f"{tally.target:<18}{tally.inputs:>10}{tally.accepted:>10}{tally.refused:>10}"
            f"{tally.hangs:>7}{len(tally.tracebacks):>8}{tally.duration_s:>8.1f}"
        )
        for place, kept in tally.tracebacks.items():
            print(f"    {place}\n      {kept}")


if __name__ == "__main__":
    sys.exit(main())
