"""Random spends from many processes at once, killed at random, against limits that are always hit.

    python benchmarks/budget/spends.py --spends 1000000 --processes 8 --kills 400
    python benchmarks/budget/spends.py --spends 20000 --kills 10 --json

Each round is a day with limits for the day, for a group and for each run that are smaller than what
is wanted. Afterwards what the processes wrote down is recounted: `overshoot` is the most that was
billed beyond any limit, `astray` counts accounts on which the budget's own figure is outside the
range of the recount. Both must be 0.
"""

import argparse
import json
import multiprocessing
import os
import random
import resource
import signal
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2] / "lib"), str(Path(__file__).parents[1])]

from budget.recount import BILL, CALL, INTEND, REFUSED, SETTLED, Account, Line, recount, spends
from quintet.platform.budget.amount import Amount
from quintet.platform.budget.budget import Budget
from quintet.platform.budget.limits import limits_of
from quintet.platform.budget.refusal import BudgetSpent
from quintet.platform.budget.settings import BudgetSettings
from quintet.platform.clock import FakeClock

GROUPS = ("edge", "code", "video", "life", "ops")
RUNS = 8
MOST = Amount(2_000, 4_000, 3.0)


def budget_of(folder: Path, day: int, spends: int) -> Budget:
    """Limits that leave about two thirds of what is wanted."""
    tokens = spends * MOST.tokens // 4
    settings = BudgetSettings(
        day_usd=Decimal(spends * MOST.money_micros // 100) / 1_000_000,
        day_tokens=tokens * 2 // 3,
        run_tokens=tokens // RUNS,
        group_day_tokens={"life": tokens // 12},
        day_s=spends * MOST.duration_s / 6,
    )
    clock = FakeClock(datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=day))
    return Budget(folder / "budget", limits_of(settings), clock=clock)


def spend(budget: Budget, chance: random.Random, log: int, day: int) -> None:
    """One spend, each step written down before it is done."""
    group, run = chance.randrange(len(GROUPS)), day * RUNS + chance.randrange(RUNS)
    money = chance.randrange(MOST.money_micros) if chance.random() < 0.05 else 0
    amount = Amount(money, chance.randrange(MOST.tokens), chance.random() * MOST.duration_s)
    os.write(log, Line(INTEND, group, run, *amount.units).packed())
    try:
        reservation = budget.reserve(amount, group=GROUPS[group], run=f"r{run}")
    except BudgetSpent:
        os.write(log, Line(REFUSED, group, run, *amount.units).packed())
        return
    os.write(log, Line(CALL, group, run, *amount.units).packed())
    share = chance.random()
    used = Amount(int(money * share), int(amount.tokens * share), amount.duration_s * share)
    os.write(log, Line(BILL, group, run, *used.units).packed())
    reservation.settle(used)
    os.write(log, Line(SETTLED, group, run, *used.units).packed())


def work(folder: Path, day: int, sizes: tuple[int, int], log_path: Path, seed: int) -> None:
    """The spends of one process of one day, as many as are left of its share."""
    spends_of_day, mine = sizes
    chance = random.Random(seed)
    budget = budget_of(folder, day, spends_of_day)
    log = os.open(log_path, os.O_WRONLY | os.O_APPEND)
    for _ in range(mine):
        spend(budget, chance, log, day)


def run_day(folder: Path, day: int, wanted: int, processes: int, kills: int) -> list[bytes]:
    """Start the processes, kill some of them midway and start others in their place."""
    fork = multiprocessing.get_context("fork")
    chance = random.Random(day)
    share = wanted // processes
    logs: list[Path] = []

    def begin(mine: int) -> multiprocessing.process.BaseProcess:
        logs.append(folder / f"log-{day}-{len(logs)}")
        logs[-1].touch()
        arguments = (folder, day, (wanted, mine), logs[-1], day << 16 | len(logs))
        process = fork.Process(target=work, args=arguments, daemon=True)
        process.start()
        return process

    running = [(begin(share), share, logs[-1]) for _ in range(processes)]
    while running:
        if kills and (alive := [entry for entry in running if entry[0].is_alive()]):
            time.sleep(chance.random() * 0.2)
            victim = chance.choice(alive)
            os.kill(victim[0].pid or 0, signal.SIGKILL)
            victim[0].join()
            running.remove(victim)
            kills -= 1
            left = victim[1] - sum(1 for _ in spends(victim[2].read_bytes()))
            if left > 0:
                running.append((begin(left), left, logs[-1]))
            continue
        for entry in running:
            entry[0].join()
        running = []
    return [path.read_bytes() for path in logs]


def account_name(kind: str, number: int) -> str:
    if kind == "group":
        return f"day/{GROUPS[number]}"
    return f"run/r{number}" if kind == "run" else "day"


def judge(account: Account, folder: Path, day: int, wanted: int) -> tuple[int, int]:
    """The largest overshoot of any limit, and how many accounts are outside their range."""
    budget = budget_of(folder, day, wanted)
    standing = budget.standing()
    assert not standing.held, "a dead process still holds something"
    found = {use.account: use.spent.units for use in standing.uses}
    overshoot = astray = 0
    for (kind, number), seen in account.ranges.items():
        name = account_name(kind, number)
        charged = found.get(name, (0, 0, 0))
        astray += not all(
            low <= units <= high
            for low, units, high in zip(seen.least, charged, seen.most, strict=True)
        )
        for line in standing.lines:
            limit = line.limit
            if limit.account(f"r{number}") == name:
                part = limit.dimension
                beyond = max(seen.billed[part], charged[part]) - limit.value
                overshoot = max(overshoot, beyond)
    return overshoot, astray


def measure(folder: Path, options: argparse.Namespace) -> dict[str, int | float]:
    per_day = options.spends // options.days
    figures: dict[str, int | float] = dict.fromkeys(
        ("spends", "granted", "refused", "cut off by kills", "overshoot", "astray"), 0
    )
    began_s = time.perf_counter()
    for day in range(options.days):
        kills = options.kills * (day + 1) // options.days - options.kills * day // options.days
        account = recount(run_day(folder, day, per_day, options.processes, kills))
        overshoot, astray = judge(account, folder, day, per_day)
        figures["spends"] += account.begun
        figures["granted"] += account.granted
        figures["refused"] += account.refused
        figures["cut off by kills"] += account.cut_off
        figures["overshoot"] = max(int(figures["overshoot"]), overshoot)
        figures["astray"] += astray
    elapsed_s = time.perf_counter() - began_s
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    figures["spends per second"] = round(figures["spends"] / elapsed_s)
    figures["CPU us per spend"] = round((used.ru_utime + used.ru_stime) / figures["spends"] * 1e6)
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--spends", type=int, default=20_000)
    parser.add_argument("--processes", type=int, default=8)
    parser.add_argument("--days", type=int, default=10)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--folder", type=Path, default=None)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as made:
        figures = measure(Path(made), options)
    if options.json:
        print(json.dumps(figures))
    else:
        print("\n".join(f"{name:<18} {value:>12,}" for name, value in figures.items()))
    sys.exit(1 if figures["overshoot"] > 0 or figures["astray"] else 0)


if __name__ == "__main__":
    main()
