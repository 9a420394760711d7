"""What encryption costs, beside plain in one run; and whether anything readable ever gets written.

    python benchmarks/store/encryption_cost.py [--rows 200000] [--markers 10000] [--json]

The markers are random strings, planted through every way in: appended, written, updated, deleted,
in a transaction that spills to disk, in one that is rolled back, in backups, a rotation of the
key, and a process killed in the middle. Meanwhile and afterwards every byte of every file below
the store's folder is searched for them. The same hunt in a plain store shows that it would find.
"""

import argparse
import multiprocessing
import os
import random
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from report import show

from keys import RotatingFixedKeys
from quintet.platform.keys.port import DataKeys, NoKeys
from quintet.platform.store.database import Database
from quintet.platform.store.migrations import Migration
from quintet.platform.store.rotation import rekey
from quintet.platform.store.upkeep import Upkeep

SCHEMA = "CREATE TABLE entry (id VARCHAR PRIMARY KEY, content VARCHAR, number BIGINT)"
FILL = "INSERT INTO entry SELECT 'n' || range, md5(range::VARCHAR), range FROM range(?)"
# The hunt looks for the first bytes of each marker, so that a compressed rest does not hide it.
NEEDLE_BYTES = 12


def database(folder: Path, keys: DataKeys) -> Database:
    return Database("bench", folder, [Migration(1, "entry", SCHEMA)], keys=keys, lock_timeout_s=60)


def timed(step: Callable[[], object]) -> float:
    begun = time.perf_counter()
    step()
    return round((time.perf_counter() - begun) * 1e3, 1)


def cost(folder: Path, keys: DataKeys, rows: int) -> dict[str, object]:
    store = database(folder, keys)

    def fill() -> None:
        with store.write("filling") as connection:
            connection.execute(FILL, [rows])

    def scan() -> None:
        with store.read() as connection:
            connection.value("SELECT max(content) || sum(number) FROM entry")

    def small(number: int) -> None:
        with store.write("small") as connection:
            connection.execute("UPDATE entry SET number = ? WHERE id = 'n1'", [number])

    def append(number: int) -> None:
        store.append("entry", {"id": f"a{number}", "content": "x" * 100, "number": number})

    return {
        "create ms": timed(scan),
        "bulk ms": timed(fill),
        "first scan ms": timed(scan),
        "next scan ms": timed(scan),
        "small tx ms": round(timed(lambda: [small(n) for n in range(20)]) / 20, 1),
        "append ms": round(timed(lambda: [append(n) for n in range(100)]) / 100, 2),
        "fold 100 ms": timed(scan),
        "vacuum ms": timed(Upkeep(store).vacuum),
        "file MB": round(store.file.path.stat().st_size / 2**20, 1),
    }


class Hunt:
    """Looks for markers in every file below a folder, again and again until it is stopped."""

    def __init__(self, folder: Path, markers: list[str]) -> None:
        self._folder = folder
        self._needles = {marker.encode()[:NEEDLE_BYTES] for marker in markers}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.found: set[bytes] = set()
        self.kinds: set[str] = set()
        self.bytes_searched = 0

    def __enter__(self) -> "Hunt":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self.search()

    def _run(self) -> None:
        while not self._stop.wait(0.05):
            self.search()

    def search(self) -> None:
        # `os.walk` leaves out what vanishes while it walks.
        paths = [Path(top) / name for top, _, names in os.walk(self._folder) for name in names]
        for path in paths:
            try:
                data = path.read_bytes()
            except OSError:
                continue
            self.bytes_searched += len(data)
            self.kinds.add("".join(path.suffixes[-2:]) or path.name)
            # All needles begin alike, so that one pass finds every place to look at.
            at = data.find(b"@@")
            while at >= 0:
                piece = data[at : at + NEEDLE_BYTES]
                if piece in self._needles:
                    self.found.add(piece)
                at = data.find(b"@@", at + 1)


def die_in_the_middle(folder: Path, keys: DataKeys, markers: list[str]) -> None:
    store = database(folder, keys)
    store.append("entry", {"id": f"dying {markers[0]}", "content": markers[0], "number": 0})
    with store.write("killed") as connection:
        rows = [{"id": marker, "content": marker, "number": 0} for marker in markers]
        connection.insert("entry", rows)
        connection.execute("COMMIT")
        os._exit(9)


def plant(folder: Path, keys: RotatingFixedKeys | NoKeys, markers: list[str]) -> None:
    store = database(folder, keys)
    share = len(markers) // 8
    parts = [markers[index * share : (index + 1) * share] for index in range(8)]
    for marker in parts[0][: min(share, 400)]:
        store.append("entry", {"id": marker, "content": marker, "number": 1})
    with store.write("writing") as connection:
        for part in (parts[0], parts[1]):
            rows = [{"id": marker, "content": marker, "number": 2} for marker in part]
            connection.insert("entry", rows, keep_existing=True)
    with store.write("changing") as connection:
        pairs = zip(parts[1], parts[2], strict=True)
        for old, new in list(pairs)[:200]:
            connection.execute("UPDATE entry SET content = ? WHERE id = ?", [new, old])
        connection.execute("DELETE FROM entry WHERE id IN (SELECT unnest(?))", [parts[0]])
    with store.write("spilling") as connection:
        connection.execute("SET memory_limit = '60MB'")
        connection.execute("CREATE TEMP TABLE m AS SELECT unnest(?) AS marker", [parts[3]])
        connection.execute(
            "CREATE TEMP TABLE big AS SELECT marker || range AS m, repeat(marker, 4) AS content"
            " FROM m, range(?) ORDER BY random()",
            [max(1, 400_000 // share)],
        )
        if not connection.value("SELECT count(*) FROM duckdb_temporary_files()"):
            raise SystemExit("nothing was spilled to disk: the hunt would prove too little")
        connection.execute("DROP TABLE big")
    try:
        with store.write("rolling back") as connection:
            rows = [{"id": marker, "content": marker, "number": 3} for marker in parts[4]]
            connection.insert("entry", rows)
            raise KeyboardInterrupt
    except KeyboardInterrupt:
        pass
    with store.write("long") as connection:
        rows = [{"id": marker, "content": marker, "number": 4} for marker in parts[5]]
        connection.insert("entry", rows)
        with store.read() as reader:
            reader.value("SELECT count(*) FROM entry")
    child = multiprocessing.get_context("fork").Process(
        target=die_in_the_middle, args=(folder, keys, parts[6])
    )
    child.start()
    child.join()
    upkeep = Upkeep(store)
    backup = upkeep.back_up()
    if isinstance(keys, RotatingFixedKeys):
        rekey(store, keys)
    upkeep.restore(backup.path)
    upkeep.vacuum()


def hunt(folder: Path, keys: RotatingFixedKeys | NoKeys, count: int) -> dict[str, object]:
    chance = random.Random(5)
    markers = [f"@@{chance.randbytes(20).hex()}" for _ in range(count)]
    with Hunt(folder, markers) as search:
        plant(folder, keys, markers)
    return {
        "markers": len(markers),
        "searched MB": search.bytes_searched >> 20,
        "kinds of file": len(search.kinds),
        "found": len(search.found),
    }


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=200_000)
    options.add_argument("--markers", type=int, default=10_000)
    options.add_argument("--rounds", type=int, default=2)
    options.add_argument("--folder", type=Path, default=None)
    options.add_argument("--json", action="store_true")
    chosen = options.parse_args()
    stores: dict[str, Callable[[], RotatingFixedKeys | NoKeys]] = {
        "plain": NoKeys,
        "encrypted": RotatingFixedKeys,
    }
    costs: list[dict[str, object]] = []
    hunts: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory(dir=chosen.folder) as made:
        for number in range(chosen.rounds):
            for name, keys in stores.items():
                folder = Path(made) / f"{name}-{number}"
                costs.append({"store": name, **cost(folder, keys(), chosen.rows)})
                shutil.rmtree(folder)
        for name, keys in stores.items():
            folder = Path(made) / f"{name}-hunt"
            folder.mkdir()
            hunts.append({"store": name, **hunt(folder, keys(), chosen.markers)})
    show(f"cost of encryption, {chosen.rows:,} rows", costs, as_json=chosen.json)
    show("planted markers found in what was written", hunts, as_json=chosen.json)
    raise SystemExit(1 if hunts[1]["found"] or not hunts[0]["found"] else 0)


if __name__ == "__main__":
    main()
