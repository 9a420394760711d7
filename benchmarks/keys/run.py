"""What keys cost, and what becomes of changed and cut keysets.

    python benchmarks/keys/run.py [--changes 20000] [--kills 40] [--repeat 20] [--json]

`cost` is CPU time, median. `changes` are random splices and changes on purpose with a new
checksum; `other keys` counts those that opened to anything but the right keys, `escaped` those
that ended in an error that is not ours. `kills` are SIGKILLs at random moments of a loop that
rotates, adds and removes; `unreadable` counts homes that did not open afterwards.
"""

import argparse
import base64
import contextlib
import json
import os
import random
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

from quintet.errors import QuintetError
from quintet.platform.crypto import canonical_json, digest_hex
from quintet.platform.keys.keyset import Keyset
from quintet.platform.keys.slots.keyfile import KeyFile
from quintet.platform.keys.slots.passphrase import Passphrase
from quintet.platform.keys.slots.recovery import Recovery
from quintet.platform.keys.unlock import Unlocker
from quintet.platform.paths import Paths
from quintet.platform.rng import SystemRng

Row = dict[str, object]


class Typed:
    """Always gives the same answer."""

    def __init__(self, text: str) -> None:
        self._text = text

    def passphrase(self, why: str) -> str | None:
        return self._text


@contextlib.contextmanager
def home() -> Generator[Paths]:
    with tempfile.TemporaryDirectory() as folder:
        yield Paths.under(Path(folder))


def median_ms(repeat: int, work: Callable[[], object]) -> float:
    times: list[float] = []
    for _ in range(repeat):
        began_s = time.process_time()
        work()
        times.append(time.process_time() - began_s)
    return round(statistics.median(times) * 1e3, 2)


def costs(repeat: int) -> list[Row]:
    with home() as paths:
        made = iter(range(10_000))

        def first_use() -> None:
            Keyset(Paths.under(paths.data_dir / str(next(made)))).ensure("life")

        rows: list[Row] = [{"cost": "first use", "cpu ms": median_ms(repeat, first_use)}]
        keyset = Keyset(paths)
        keyset.ensure("life")
        warm = median_ms(repeat, lambda: keyset.data_key("life"))
        cold = median_ms(repeat, lambda: Keyset(paths).data_key("life"))
        rows += [
            {"cost": "data key, open already", "cpu ms": warm},
            {"cost": "data key, by key file", "cpu ms": cold},
        ]
        keyset.add_slot(Passphrase("right", SystemRng()))
        nowhere = Unlocker(paths.config_dir / "nowhere", passphrases=Typed("right"))
        typed = median_ms(5, lambda: Keyset(paths, nowhere).data_key("life"))
        rows.append({"cost": "data key, by passphrase", "cpu ms": typed})
        for _ in range(8):
            keyset.add_slot(Recovery.new(SystemRng()))
        rotated = median_ms(repeat, keyset.rotate_master)
        rows.append({"cost": "new master key, 10 slots", "cpu ms": rotated})
        return rows


def changes(count: int, seed: int) -> Row:
    chance = random.Random(seed)
    with home() as paths:
        keyset = Keyset(paths)
        keyset.ensure("life")
        keyset.begin_rotation("life")
        keyset.add_slot(Recovery.new(SystemRng()))
        path = paths.data_dir / "keys.json"
        whole = path.read_bytes()
        right = keyset.candidates("life")
        row = {"changes": count, "same keys": 0, "refused": 0, "other keys": 0, "escaped": 0}
        for _ in range(count):
            path.write_bytes(
                _spliced(whole, chance) if chance.random() < 0.5 else _forged(whole, chance)
            )
            try:
                same = Keyset(paths).candidates("life") == right
                row["same keys" if same else "other keys"] += 1
            except QuintetError:
                row["refused"] += 1
            except Exception as error:
                print(f"escaped: {error!r}", file=sys.stderr)
                row["escaped"] += 1
        return dict(row)


def _spliced(whole: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(whole))
    return whole[:at] + chance.randbytes(chance.randrange(4)) + whole[at + chance.randrange(5) :]


def _forged(whole: bytes, chance: random.Random) -> bytes:
    fields: dict[str, Any] = json.loads(whole)
    del fields["checksum"]
    parent: Any = fields
    key: Any = chance.choice(list(fields))
    while isinstance(parent[key], dict | list) and parent[key] and chance.random() < 0.9:
        parent = parent[key]
        key = chance.choice(list(parent) if isinstance(parent, dict) else range(len(parent)))
    parent[key] = chance.choice(
        [None, -1, 0, 1, 2, 1 << 70, "", "life", [], {}, _random_text(chance)]
    )
    fields["checksum"] = digest_hex(canonical_json(fields))
    return json.dumps(fields).encode()


def _random_text(chance: random.Random) -> str:
    return base64.b64encode(chance.randbytes(chance.choice([12, 32, 60, 80, 140]))).decode()


def kills(count: int, seed: int) -> Row:
    chance = random.Random(seed)
    with home() as paths:
        Keyset(paths).ensure("life")
        Keyset(paths).ensure("code")
        code = Keyset(paths).data_key("code")
        revisions = 0
        unreadable = 0
        for _ in range(count):
            child = os.fork()
            if child == 0:
                _busy(paths)
            time.sleep(chance.uniform(0.001, 0.15))
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            try:
                keyset = Keyset(paths)
                document = keyset.document()
                assert keyset.data_key("code") == code
                assert len(keyset.candidates("life")) in (1, 2)
                assert document is not None
                assert document.revision >= revisions
                revisions = document.revision
            except (QuintetError, AssertionError) as error:
                print(f"unreadable: {error!r}", file=sys.stderr)
                unreadable += 1
        return {"kills": count, "changes written": revisions, "unreadable": unreadable}


def _busy(paths: Paths) -> None:
    keyset = Keyset(paths)
    while True:
        keyset.begin_rotation("life")
        keyset.rotate_master()
        key_file = paths.config_dir / f"{time.monotonic_ns()}.key"
        slot = keyset.add_slot(KeyFile(key_file, SystemRng()))
        keyset.finish_rotation("life")
        keyset.remove_slot(slot.id)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--changes", type=int, default=20_000)
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--repeat", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    rows = [
        *costs(asked.repeat),
        changes(asked.changes, asked.seed),
        kills(asked.kills, asked.seed),
    ]
    if asked.json:
        print(json.dumps({"title": "keys", "rows": rows}, indent=1))
        return
    for row in rows:
        print("  ".join(f"{name}: {value}" for name, value in row.items()))


if __name__ == "__main__":
    main()
