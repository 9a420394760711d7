"""Attacks on the journal: kills, cuts at every byte, changed bits, many writers at once."""

import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from quintet.app.torture.trial import Deadline, Outcome
from quintet.errors import QuintetError
from quintet.platform.store.journal import Journal

_WRITERS = 4
_JOURNAL = "torture"


def _start_writer(folder: Path, count: int) -> subprocess.Popen[bytes]:
    """A process of its own that appends and acknowledges each entry on its standard output."""
    command = [sys.executable, "-m", "quintet.app.torture.writer", str(folder), str(count)]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=env)


def _lost(folder: Path, acknowledged: set[bytes]) -> set[bytes]:
    return acknowledged - {entry.payload or b"" for entry in Journal(folder, _JOURNAL).scan()}


def attack_by_kill(folder: Path, deadline: Deadline) -> Outcome:
    """Kill a writing process at a random moment; what it acknowledged must be there."""
    outcome, chance, acknowledged = Outcome(), random.Random(), set[bytes]()
    while not deadline.is_over:
        with _start_writer(folder, 1 << 30) as writer:
            assert writer.stdout
            # Its first word: from here on the kill falls into its work, not into its start.
            acknowledged.add(writer.stdout.readline().strip())
            time.sleep(chance.random() * 0.05)
            writer.send_signal(signal.SIGKILL)
            told = writer.stdout.read().split(b"\n")
        acknowledged.update(line for line in told[:-1] if line)
        acknowledged.discard(b"")
        outcome.tries += 1
        if lost := _lost(folder, acknowledged):
            outcome.failed(f"{len(lost)} acknowledged entries lost")
        if problems := Journal(folder, _JOURNAL).verify().problems:
            outcome.failed(problems[0].what)
    return outcome


def attack_by_crowd(folder: Path, deadline: Deadline) -> Outcome:
    """Let several processes write at once; each entry must be there exactly once."""
    outcome, expected = Outcome(), 0
    while not deadline.is_over:
        writers = [_start_writer(folder, 100) for _ in range(_WRITERS)]
        told = [writer.communicate()[0].split() for writer in writers]
        outcome.tries += 100 * _WRITERS
        expected += 100 * _WRITERS
        if any(len(words) != 100 for words in told):
            outcome.failed("a writer did not finish")
        found = [entry.payload for entry in Journal(folder, _JOURNAL).scan()]
        if len(found) != expected or len(set(found)) != expected:
            outcome.failed(f"{expected} entries written, {len(found)} found")
    return outcome


def _sample(folder: Path) -> Path:
    journal = Journal(folder, _JOURNAL)
    for number in range(6):
        journal.append(f"entry {number}".encode() * (number + 1))
    return folder


def attack_by_cut(folder: Path, deadline: Deadline) -> Outcome:
    """Cut the last entry at every byte: the others are read, the cut is named or mended."""
    outcome, sample = Outcome(), _sample(folder / "sample")
    whole = [entry.payload for entry in Journal(sample, _JOURNAL).scan()]
    segment = next(sample.glob("*.journal"))
    data = segment.read_bytes()
    last = data.rindex(b"entry 5entry 5") - 64
    for size_bytes in range(len(data) - 1, last, -1):
        if deadline.is_over and outcome.tries:
            break
        place = folder / "cut"
        shutil.copytree(sample, place)
        (place / segment.name).write_bytes(data[:size_bytes])
        _check_cut(place, whole, outcome)
        shutil.rmtree(place)
    return outcome


def _check_cut(place: Path, whole: list[bytes | None], outcome: Outcome) -> None:
    outcome.tries += 1
    journal = Journal(place, _JOURNAL)
    # The head file says that the last entry was acknowledged: its loss must be named.
    if journal.verify().ok:
        outcome.failed("a cut of an acknowledged entry was not noticed")
    readable = list(_readable(journal))
    if readable != whole[: len(readable)] or len(readable) < len(whole) - 2:
        outcome.failed(f"only {len(readable)} of {len(whole)} entries can be read")


def _readable(journal: Journal) -> Iterator[bytes | None]:
    with contextlib.suppress(QuintetError):
        for entry in journal.scan():
            yield entry.payload


def attack_by_change(folder: Path, deadline: Deadline) -> Outcome:
    """Change bits, drop stretches and swap them anywhere: each must be noticed."""
    outcome, chance, sample = Outcome(), random.Random(), _sample(folder / "sample")
    segment = next(sample.glob("*.journal"))
    data = segment.read_bytes()
    while not deadline.is_over:
        changed = _changed(data, chance)
        if changed == data:
            continue
        segment.write_bytes(changed)
        outcome.tries += 1
        if Journal(sample, _JOURNAL).verify().ok:
            outcome.failed("a changed byte was not noticed")
    return outcome


def _changed(data: bytes, chance: random.Random) -> bytes:
    at, size_bytes = chance.randrange(len(data)), chance.randrange(1, 64)
    match chance.randrange(4):
        case 0:
            return data[:at] + bytes([data[at] ^ (1 << chance.randrange(8))]) + data[at + 1 :]
        case 1:
            return data[:at] + data[at + size_bytes :]
        case 2:
            return data[:at] + chance.randbytes(size_bytes) + data[at + size_bytes :]
        case _:
            other = chance.randrange(len(data))
            return data[:at] + data[other : other + size_bytes] + data[at:]
