"""Small transactions from many processes at once, beside plain SQLite in WAL mode in the same run.

    python benchmarks/store/contention.py [--processes 8] [--transactions 200] [--json]

Every transaction opens what it uses and closes it again, as short-lived commands do. `lost` counts
transactions that returned without an error and are not there afterwards.
"""

import argparse
import multiprocessing
import sqlite3
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from report import latencies_ms, show

from quintet.platform.store.database import Database
from quintet.platform.store.migrations import Migration

TABLE = "CREATE TABLE entry (id VARCHAR PRIMARY KEY, worker INTEGER, content VARCHAR)"
Step = Callable[[str, int], None]


def database(folder: Path) -> Database:
    return Database("bench", folder, [Migration(1, "entry", TABLE)], lock_timeout_s=600)


def append(folder: Path, row_id: str, worker: int) -> None:
    database(folder).append("entry", {"id": row_id, "worker": worker, "content": "x" * 100})


def write(folder: Path, row_id: str, worker: int) -> None:
    with database(folder).write("benchmark") as connection:
        connection.execute("INSERT INTO entry VALUES (?, ?, ?)", [row_id, worker, "x" * 100])


def sqlite(folder: Path, synchronous: str, row_id: str, worker: int) -> None:
    connection = sqlite3.connect(folder / "bench.sqlite", timeout=600, isolation_level=None)
    try:
        connection.execute(f"PRAGMA synchronous={synchronous}")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO entry VALUES (?, ?, ?)", (row_id, worker, "x" * 100))
        connection.execute("COMMIT")
    finally:
        connection.close()


def prepare(folder: Path) -> None:
    with database(folder).read():
        pass
    connection = sqlite3.connect(folder / "bench.sqlite")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute(TABLE)
    connection.close()


def count_duckdb(folder: Path) -> int:
    with database(folder).read() as connection:
        return int(connection.value("SELECT count(*) FROM entry"))


def count_sqlite(folder: Path) -> int:
    connection = sqlite3.connect(folder / "bench.sqlite")
    try:
        return int(connection.execute("SELECT count(*) FROM entry").fetchone()[0])
    finally:
        connection.close()


def work(step: Step, worker: int, transactions: int, start: object, results: object) -> None:
    start.wait()  # type: ignore[attr-defined]
    taken: list[float] = []
    for number in range(transactions):
        begun = time.perf_counter()
        step(f"{worker}-{number}", worker)
        taken.append(time.perf_counter() - begun)
    results.put(taken)  # type: ignore[attr-defined]


def contend(
    name: str, step: Step, count: Callable[[Path], int], *, folder: Path, sizes: tuple[int, int]
) -> dict[str, object]:
    processes, transactions = sizes
    spawn = multiprocessing.get_context("spawn")
    start, results = spawn.Barrier(processes + 1), spawn.Queue()
    workers = [
        spawn.Process(target=work, args=(step, index, transactions, start, results))
        for index in range(processes)
    ]
    for worker in workers:
        worker.start()
    start.wait()
    begun = time.perf_counter()
    taken = [latency for _ in workers for latency in results.get()]
    elapsed_s = time.perf_counter() - begun
    for worker in workers:
        worker.join()
    return {
        "way": name,
        "transactions": len(taken),
        "lost": len(taken) - count(folder),
        "tx/s": round(len(taken) / elapsed_s),
        **latencies_ms(taken),
    }


WAYS: dict[str, tuple[Callable[..., None], Callable[[Path], int]]] = {
    "store: append": (append, count_duckdb),
    "store: write": (write, count_duckdb),
    "sqlite WAL FULL": (partial(sqlite, synchronous="FULL"), count_sqlite),
    "sqlite WAL NORMAL": (partial(sqlite, synchronous="NORMAL"), count_sqlite),
}


def call(way: str, folder: Path, row_id: str, worker: int) -> None:
    WAYS[way][0](folder, row_id=row_id, worker=worker)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--processes", type=int, default=8)
    options.add_argument("--transactions", type=int, default=200)
    options.add_argument("--ways", nargs="*", default=list(WAYS))
    options.add_argument("--folder", type=Path, default=None)
    options.add_argument("--json", action="store_true")
    chosen = options.parse_args()
    rows: list[dict[str, object]] = []
    for way in chosen.ways:
        with tempfile.TemporaryDirectory(dir=chosen.folder) as made:
            folder = Path(made)
            prepare(folder)
            sizes = (chosen.processes, chosen.transactions)
            step = partial(call, way, folder)
            rows.append(contend(way, step, WAYS[way][1], folder=folder, sizes=sizes))
    show(f"{chosen.processes} processes, open per transaction", rows, as_json=chosen.json)


if __name__ == "__main__":
    main()
