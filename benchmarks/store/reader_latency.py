"""How long a reader waits beside a writer that is busy for long, and whether it reads whole states.

    python benchmarks/store/reader_latency.py [--rows 1000000] [--rounds 3] [--encrypted] [--json]

One process writes large transactions without a pause: bulk inserts, updates of everything,
deletes of half. Readers come all the time. A wait is the time until the first query can run; a
read is torn when it shows anything but one whole commit.
"""

import argparse
import multiprocessing
import tempfile
import time
from pathlib import Path
from typing import Any

from report import latencies_ms, show

from keys import FixedKeys
from quintet.platform.keys.port import DataKeys, NoKeys
from quintet.platform.store.database import Database
from quintet.platform.store.migrations import Migration

SCHEMA = """
CREATE TABLE item (id VARCHAR PRIMARY KEY, round INTEGER, content VARCHAR, half BOOLEAN);
CREATE TABLE state (id INTEGER PRIMARY KEY, round INTEGER, items BIGINT);
INSERT INTO state VALUES (1, 0, 0);
"""
FILL = """
INSERT INTO item SELECT ? || '-' || range, ?, 'some text ' || range, range % 2 = 0 FROM range(?)
"""
COUNT = "SELECT count(*) AS items, min(round) AS low, max(round) AS high FROM item"


def database(folder: Path, encrypted: bool) -> Database:
    keys: DataKeys = FixedKeys() if encrypted else NoKeys()
    return Database("bench", folder, [Migration(1, "item", SCHEMA)], keys=keys, lock_timeout_s=120)


def write_for_long(folder: Path, encrypted: bool, rows: int, rounds: int, done: Any) -> None:
    store = database(folder, encrypted)
    for number in range(1, rounds + 1):
        steps = [
            (FILL, [str(number), number, rows]),
            ("DELETE FROM item WHERE half AND round = ?", [number]),
        ]
        for sql, params in steps:
            with store.write("a long transaction") as connection:
                connection.execute(sql, params)
                connection.execute("UPDATE item SET round = ?", [number])
                connection.execute(
                    "UPDATE state SET round = ?, items = (SELECT count(*) FROM item)", [number]
                )
    done.set()


def read_all_the_time(folder: Path, encrypted: bool, done: Any, results: Any) -> None:
    waits: list[float] = []
    torn = 0
    while not done.is_set():
        store = database(folder, encrypted)
        begun = time.perf_counter()
        with store.read() as connection:
            waits.append(time.perf_counter() - begun)
            state = connection.rows("SELECT * FROM state")[0]
            seen = connection.rows(COUNT)[0]
        whole = seen["items"] == state["items"] and seen["low"] == seen["high"]
        torn += not (whole and (seen["high"] or 0) == state["round"])
    results.put((waits, torn))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--readers", type=int, default=1)
    options.add_argument("--encrypted", action="store_true")
    options.add_argument("--folder", type=Path, default=None)
    options.add_argument("--json", action="store_true")
    chosen = options.parse_args()
    spawn = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory(dir=chosen.folder) as made:
        folder = Path(made)
        with database(folder, chosen.encrypted).read():
            pass
        done, results = spawn.Event(), spawn.Queue()
        writing = (folder, chosen.encrypted, chosen.rows, chosen.rounds, done)
        reading = (folder, chosen.encrypted, done, results)
        workers = [spawn.Process(target=write_for_long, args=writing)]
        workers += [
            spawn.Process(target=read_all_the_time, args=reading) for _ in range(chosen.readers)
        ]
        begun = time.perf_counter()
        for worker in workers:
            worker.start()
        found = [results.get() for _ in range(chosen.readers)]
        elapsed_s = time.perf_counter() - begun
        for worker in workers:
            worker.join()
        waits = [wait for reader, _ in found for wait in reader]
        row = {
            "store": "encrypted" if chosen.encrypted else "plain",
            "writing s": round(elapsed_s, 1),
            "file MB": (folder / "bench" / "bench.duckdb").stat().st_size >> 20,
            "reads": len(waits),
            "torn": sum(torn for _, torn in found),
            **latencies_ms(waits),
        }
    show("reader beside a long writer", [row], as_json=chosen.json)


if __name__ == "__main__":
    main()
