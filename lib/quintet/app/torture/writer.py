"""The process that a trial kills: appends entries and says so for each one that is durable."""

import os
import sys
from pathlib import Path

from quintet.platform.store.journal import Journal


def main() -> None:
    """`python -m quintet.app.torture.writer FOLDER COUNT`."""
    journal = Journal(Path(sys.argv[1]), "torture")
    for number in range(int(sys.argv[2])):
        payload = f"{os.getpid()}-{number}".encode()
        journal.append(payload)
        os.write(1, payload + b"\n")


if __name__ == "__main__":
    main()
