"""The attack on undo: random changes of a folder, all taken back, byte for byte."""

import os
import random
from pathlib import Path

from quintet.app.torture.trial import Deadline, Outcome
from quintet.platform.crypto import digest_hex
from quintet.platform.files import ensure_private_dir
from quintet.platform.record.record import Record
from quintet.platform.record.undo import Undo
from quintet.platform.store.journal import Journal

# The last one as bytes, for a locale in which it cannot be written otherwise.
_NAMES = ("a.txt", "b.txt", "deep/c.txt", "deep/er/d.txt", os.fsdecode(b"\xc3\xbc \n.txt"))


def attack_by_undoing(folder: Path, deadline: Deadline) -> Outcome:
    """Change files at random under recorded actions; undoing all must restore every byte."""
    outcome, chance = Outcome(), random.Random()
    while not deadline.is_over:
        outcome.tries += 1
        place = folder / str(outcome.tries)
        tree = ensure_private_dir(place / "tree")
        record = Record(Journal(place / "journal", "torture"), place / "record")
        (tree / _NAMES[0]).write_bytes(chance.randbytes(20))
        before = _fingerprint(tree)
        for _ in range(chance.randrange(1, 6)):
            _act(record, tree, chance)
        undo = Undo(record)
        undo.apply(undo.plan([event for event in record.history().standing() if event.effects]))
        if _fingerprint(tree) != before:
            outcome.failed("the folder is not as it was")
    return outcome


def _act(record: Record, tree: Path, chance: random.Random) -> None:
    path, other = tree / chance.choice(_NAMES), tree / chance.choice(_NAMES)
    with record.action("selftest", "act", "a random change") as action:
        if path.exists() and chance.random() < 0.3:
            action.delete_file(path)
        elif path.exists() and not other.exists() and chance.random() < 0.5:
            action.move_file(path, other)
        else:
            action.write_file(path, chance.randbytes(chance.randrange(200)))


def _fingerprint(tree: Path) -> str:
    found = sorted(tree.rglob("*"))
    parts = [
        f"{path.relative_to(tree)} {path.stat().st_mode} "
        f"{digest_hex(path.read_bytes()) if path.is_file() else ''}"
        for path in found
    ]
    return digest_hex("\0".join(parts).encode())
