"""Random damage to a record, careless and skilled: every single one has to be found.

    python benchmarks/record/tampering.py [--edits 10000] [--json]

Careless: bytes and entries changed, deleted, doubled, swapped, cut off at the end, whole segments
or the head file removed, swapped, put back to an earlier state. Skilled: the whole chain computed
anew after a change, which only an anchor noted outside can show; `--against` is given to all.
Bytes behind the end of the record change nothing in it and may be what a crash left: they are told
as a note.
"""

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from random import Random

from quintet.platform.record.event import Evidence
from quintet.platform.record.record import Record
from quintet.platform.record.verify import anchor_of, verify
from quintet.platform.store import frames
from quintet.platform.store.journal import Journal

Files = dict[str, bytes]
_SEGMENT_BYTES = 4000
_VERDICTS = {True: "missed", False: "problem"}


class Victim:
    """A small record in several segments, with an entry taken out, and its files as they were."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.record = record_in(folder)
        self._act(8)
        self.early = self.files()
        self._act(8)
        forgotten = self.record.events()[-1].id
        self.record.forget([forgotten])
        self._act(1)
        self.whole = self.files()
        self.anchor = anchor_of(self.record)
        self.payloads = [entry.payload for entry in self.record.journal.scan()]

    def _act(self, count: int) -> None:
        for number in range(count):
            with self.record.action("code", "fix", f"change {number}") as action:
                action.because("a test failed", Evidence("line", "a.py", where=str(number)))
                action.write_file(self.folder / "work" / "f", str(number).encode())

    def files(self) -> Files:
        return {p.name: p.read_bytes() for p in sorted(self.folder.glob("journal/record.*"))}

    def found(self, changed: Files) -> str:
        """How the damage is told: as a problem, as a note, or missed. The files are mended."""
        place = self.folder / "journal"
        for name in self.whole.keys() | changed.keys():
            if name not in changed:
                (place / name).unlink()
            elif changed[name] != self.whole.get(name):
                (place / name).write_bytes(changed[name])
        try:
            told = verify(self.record, self.anchor)
            return "note" if told.is_whole and told.notes else _VERDICTS[told.is_whole]
        finally:
            for path in place.glob("record.*"):
                if path.name not in self.whole:
                    path.unlink()
            for name, data in self.whole.items():
                if changed.get(name) != data:
                    (place / name).write_bytes(data)


def record_in(folder: Path) -> Record:
    journal = Journal(folder / "journal", "record", segment_limit_bytes=_SEGMENT_BYTES)
    return Record(journal, folder)


def _segment(files: Files, random: Random) -> str:
    return random.choice([name for name in files if name.endswith(".journal")])


def _entries(data: bytes) -> list[bytes]:
    """A segment's header and its frames, one by one."""
    start = frames.read_segment_header(data)
    assert start
    cuts = [start.offset, *(frame.end for frame in frames.walk(data, start))]
    return [data[: start.offset], *(data[a:b] for a, b in pairwise(cuts))]


def flip_a_bit(_: Victim, files: Files, random: Random) -> None:
    name = _segment(files, random)
    data = bytearray(files[name])
    data[random.randrange(len(data))] ^= 1 << random.randrange(8)
    files[name] = bytes(data)


def overwrite_bytes(_: Victim, files: Files, random: Random) -> None:
    name = _segment(files, random)
    data = files[name]
    start = random.randrange(len(data))
    new = random.randbytes(random.randint(1, 60))
    files[name] = data[:start] + new + data[start + len(new) :]


def delete_bytes(_: Victim, files: Files, random: Random) -> None:
    name = _segment(files, random)
    data = files[name]
    start = random.randrange(len(data))
    files[name] = data[:start] + data[start + random.randint(1, 400) :]


def delete_entries(_: Victim, files: Files, random: Random) -> None:
    name = _segment(files, random)
    header, *entries = _entries(files[name])
    start = random.randrange(len(entries))
    del entries[start : start + random.randint(1, 3)]
    files[name] = header + b"".join(entries)


def swap_entries(_: Victim, files: Files, random: Random) -> None:
    name = _segment(files, random)
    header, *entries = _entries(files[name])
    if len(entries) > 1:
        one, other = random.sample(range(len(entries)), 2)
        entries[one], entries[other] = entries[other], entries[one]
    files[name] = header + b"".join(entries)


def double_an_entry(_: Victim, files: Files, random: Random) -> None:
    name = _segment(files, random)
    header, *entries = _entries(files[name])
    entries.insert(random.randrange(len(entries) + 1), random.choice(entries))
    files[name] = header + b"".join(entries)


def cut_the_tail(_: Victim, files: Files, random: Random) -> None:
    name = max(name for name in files if name.endswith(".journal"))
    files[name] = files[name][: random.randrange(len(files[name]))]


def cut_whole_entries_at_the_tail(_: Victim, files: Files, random: Random) -> None:
    name = max(name for name in files if name.endswith(".journal"))
    header, *entries = _entries(files[name])
    files[name] = header + b"".join(entries[: random.randrange(len(entries))])


def remove_a_segment(_: Victim, files: Files, random: Random) -> None:
    del files[_segment(files, random)]


def swap_segments(_: Victim, files: Files, random: Random) -> None:
    one, other = random.sample([name for name in files if name.endswith(".journal")], 2)
    files[one], files[other] = files[other], files[one]


def remove_or_spoil_the_head(_: Victim, files: Files, random: Random) -> None:
    if random.random() < 0.2:
        del files["record.head"]
        return
    data = bytearray(files["record.head"])
    data[random.randrange(len(data))] ^= 1 << random.randrange(8)
    files["record.head"] = bytes(data)


def roll_back(victim: Victim, files: Files, random: Random) -> None:
    files.clear()
    files.update(victim.early)


def rewrite_skilfully(victim: Victim, files: Files, random: Random) -> None:
    """Leave out, change or swap an entry, and compute everything behind it anew."""
    payloads = [payload for payload in victim.payloads if payload]
    place = random.randrange(len(payloads) - 1)
    kind = random.randrange(3)
    if kind == 0:
        del payloads[place]
    elif kind == 1:
        payloads[place] = payloads[place].replace(b"a test failed", b"nobody failed")
    else:
        payloads[place], payloads[place + 1] = payloads[place + 1], payloads[place]
    with tempfile.TemporaryDirectory() as folder:
        forged = Journal(Path(folder), "record", segment_limit_bytes=_SEGMENT_BYTES)
        forged.append_all(payloads)
        files.clear()
        files.update({p.name: p.read_bytes() for p in Path(folder).glob("record.*")})


Damage = Callable[[Victim, Files, Random], None]
DAMAGES: dict[Damage, int] = {
    flip_a_bit: 20,
    overwrite_bytes: 15,
    delete_bytes: 10,
    delete_entries: 10,
    swap_entries: 10,
    double_an_entry: 8,
    cut_the_tail: 10,
    cut_whole_entries_at_the_tail: 6,
    remove_a_segment: 2,
    swap_segments: 2,
    remove_or_spoil_the_head: 4,
    roll_back: 1,
    rewrite_skilfully: 2,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--edits", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    random = Random(options.seed)
    folder = Path(tempfile.mkdtemp(prefix="tampering-"))
    seen: dict[str, Counter[str]] = {damage.__name__: Counter() for damage in DAMAGES}
    tried = 0
    started = time.monotonic()
    try:
        victim = Victim(folder)
        assert verify(victim.record, victim.anchor).is_whole
        while tried < options.edits:
            (damage,) = random.choices(list(DAMAGES), list(DAMAGES.values()))
            files = dict(victim.whole)
            damage(victim, files, random)
            if files == victim.whole:
                continue
            tried += 1
            seen[damage.__name__][victim.found(files)] += 1
        assert verify(victim.record, victim.anchor).is_whole
    finally:
        shutil.rmtree(folder)
    seen["all"] = sum(seen.values(), Counter())
    if options.json:
        print(json.dumps({"seconds": round(time.monotonic() - started), "damages": seen}))
    else:
        print(f"{'':>30}  {'problem':>8}  {'note':>6}  {'missed':>6}")
        for name, row in seen.items():
            told = f"{row['problem']:>8,}  {row['note']:>6,}  {row['missed']:>6,}"
            print(f"{name.replace('_', ' '):>30}  {told}")
    return 1 if seen["all"]["missed"] else 0


if __name__ == "__main__":
    sys.exit(main())
