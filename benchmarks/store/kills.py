"""Processes killed with SIGKILL at random moments: is everything there that was acknowledged?

    python benchmarks/store/kills.py [--kills 500] [--encrypted] [--json]

Three kinds of victim in turn: one that appends to the journal, one that appends rows through a
store's inbox, one that writes transactions. Each notes what was acknowledged before it goes on. A
loss is a noted thing that is missing afterwards; corruption is a journal or store that does not
pass its own full check, or a transaction of which only a part is there.
"""

import argparse
import multiprocessing
import os
import random
import tempfile
import time
from collections import Counter
from pathlib import Path

from report import show

from keys import FixedKeys
from quintet.errors import QuintetError
from quintet.platform.keys.port import DataKeys, NoKeys
from quintet.platform.store.database import Database
from quintet.platform.store.journal import Journal
from quintet.platform.store.migrations import Migration
from quintet.platform.store.upkeep import Upkeep

SCHEMA = """
CREATE TABLE entry (id VARCHAR PRIMARY KEY, content VARCHAR);
CREATE TABLE pair (id VARCHAR PRIMARY KEY, content VARCHAR);
"""
VICTIMS = ("journal", "append", "write")


def database(folder: Path, encrypted: bool) -> Database:
    keys: DataKeys = FixedKeys() if encrypted else NoKeys()
    return Database("bench", folder, [Migration(1, "entry", SCHEMA)], keys=keys, lock_timeout_s=60)


def victim(kind: str, folder: Path, encrypted: bool, name: str) -> None:
    note = os.open(folder / "acknowledged", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    store, journal = database(folder, encrypted), Journal(folder / "journal", "log")
    number = 0
    while True:
        number += 1
        row_id = f"{kind}:{name}-{number}"
        if kind == "journal":
            journal.append(row_id.encode())
        elif kind == "append":
            store.append("entry", {"id": row_id, "content": "x" * 200})
        else:
            with store.write("killed") as connection:
                for table in ("entry", "pair"):
                    sql = f"INSERT INTO {table} VALUES (?, ?)"
                    connection.execute(sql, [row_id, "x" * 200])
        os.write(note, f"{row_id}\n".encode())


def kill_one(kind: str, folder: Path, encrypted: bool, name: str, chance: random.Random) -> None:
    process = multiprocessing.get_context("fork").Process(
        target=victim, args=(kind, folder, encrypted, name)
    )
    process.start()
    time.sleep(chance.uniform(0.002, 0.15))
    process.kill()
    process.join()


def missing_and_broken(folder: Path, encrypted: bool) -> tuple[set[str], list[str]]:
    noted = (folder / "acknowledged").read_text().split("\n")[:-1]
    journal, store = Journal(folder / "journal", "log"), database(folder, encrypted)
    present: set[str] = set()
    broken: list[str] = []
    try:
        present |= {(entry.payload or b"").decode() for entry in journal.scan()}
        broken += [problem.what for problem in journal.verify().problems]
        broken += list(Upkeep(store).check().problems)
        with store.read() as connection:
            present |= {row["id"] for row in connection.rows("SELECT id FROM entry")}
            halves = connection.value(
                "SELECT count(*) FROM (FROM pair ANTI JOIN entry USING (id))"
            ) + connection.value(
                "SELECT count(*) FROM (SELECT * FROM entry WHERE id LIKE 'write%')"
                " ANTI JOIN pair USING (id)"
            )
            broken += ["half a transaction"] * int(halves)
    except QuintetError as error:
        broken.append(str(error))
    return set(noted) - present, broken


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--kills", type=int, default=500)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--check-every", type=int, default=10)
    options.add_argument("--encrypted", action="store_true")
    options.add_argument("--folder", type=Path, default=None)
    options.add_argument("--json", action="store_true")
    chosen = options.parse_args()
    chance = random.Random(chosen.seed)
    kills: Counter[str] = Counter()
    missing: set[str] = set()
    broken: list[str] = []
    with tempfile.TemporaryDirectory(dir=chosen.folder) as made:
        folder = Path(made)
        with database(folder, chosen.encrypted).read():
            pass
        (folder / "acknowledged").touch()
        for number in range(chosen.kills):
            kind = VICTIMS[number % len(VICTIMS)]
            kill_one(kind, folder, chosen.encrypted, str(number), chance)
            kills[kind] += 1
            if number % chosen.check_every == chosen.check_every - 1 or number + 1 == chosen.kills:
                lost, wrong = missing_and_broken(folder, chosen.encrypted)
                missing |= lost
                broken += wrong
        acknowledged = len((folder / "acknowledged").read_text().split("\n")) - 1
    row = {
        "store": "encrypted" if chosen.encrypted else "plain",
        "kills": sum(kills.values()),
        **{f"of {kind}": kills[kind] for kind in VICTIMS},
        "acknowledged": acknowledged,
        "lost": len(missing),
        "corrupt": len(broken),
    }
    show("kill -9 at random moments", [row], as_json=chosen.json)
    for problem in [*sorted(missing), *broken][:20]:
        print("  !", problem)
    raise SystemExit(1 if missing or broken else 0)


if __name__ == "__main__":
    main()
