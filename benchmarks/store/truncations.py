"""A journal cut at every byte of its last record: is each cut recovered, or named?

    python benchmarks/store/truncations.py [--payload-bytes 1000] [--json]

Twice: with the record unacknowledged, as a crash leaves it (then it must vanish without a trace
in what is read, and the journal must verify and go on), and acknowledged (then its loss must be
named, at once and for ever).
"""

import argparse
import os
import shutil
import tempfile
from pathlib import Path

from report import show

from quintet.platform.store.journal import Journal
from quintet.platform.store.segments import JournalDamaged


def segment(folder: Path) -> Path:
    return folder / "log.000001.journal"


def recovered(folder: Path) -> bool:
    """The cut record is gone, the others are there, and the journal goes on."""
    journal = Journal(folder, "log")
    kept = [entry.payload for entry in journal.scan()] == [b"first", b"second"]
    whole = journal.verify().ok
    return kept and whole and journal.append(b"next").seq == 3 and journal.verify().ok


def named(folder: Path) -> bool:
    """The loss is told by reading and by verifying, also after the journal went on."""
    journal = Journal(folder, "log")
    try:
        list(journal.scan())
        return False
    except JournalDamaged:
        pass
    told = any(problem.seq == 3 for problem in journal.verify().problems)
    journal.append(b"next")
    kept = [entry.payload for entry in journal.scan()] == [b"first", b"second", b"next"]
    return told and kept and "were lost" in journal.verify().problems[0].what


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--payload-bytes", type=int, default=1000)
    options.add_argument("--folder", type=Path, default=None)
    options.add_argument("--json", action="store_true")
    chosen = options.parse_args()
    rows: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory(dir=chosen.folder) as made:
        original = Path(made) / "original"
        journal = Journal(original, "log")
        journal.append_all([b"first", b"second"])
        head = (original / "log.head").read_bytes()
        start = segment(original).stat().st_size
        journal.append(os.urandom(chosen.payload_bytes))
        end = segment(original).stat().st_size
        for acknowledged, holds in ((False, recovered), (True, named)):
            good = 0
            for cut in range(start, end):
                folder = Path(made) / "copy"
                shutil.copytree(original, folder)
                if not acknowledged:
                    (folder / "log.head").write_bytes(head)
                os.truncate(segment(folder), cut)
                good += holds(folder)
                shutil.rmtree(folder)
            wanted = "named" if acknowledged else "recovered"
            rows.append({"cuts": end - start, "acknowledged": acknowledged, wanted: good})
    show("every truncation of the last record", rows, as_json=chosen.json)
    raise SystemExit(any(row["cuts"] not in list(row.values())[2:] for row in rows))


if __name__ == "__main__":
    main()
