"""How long a search takes among 100,000 passages, and what indexing and forgetting cost there.

    python benchmarks/retrieval/speed.py [--passages 100000] [--encrypted] [--questions 200]

Passages are drawn word by word from a vocabulary with the frequencies of language (Zipf), questions
from the rarer half of it. Warm: one process that goes on searching, questions never repeat. Cold: a
new process each time, from the import on.
"""

import argparse
import random
import subprocess
import sys
import tempfile
import time
from itertools import accumulate
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "lib"), str(ROOT / "tests")]

from quintet.models.embed_static import StaticEmbedder
from quintet.platform.store.database import Database
from quintet.platform.store.migrations import load_migrations
from quintet.retrieval.adapters.duckdb_index import DuckDbIndex
from quintet.retrieval.index import Entry, Passage, Prepared
from quintet.retrieval.search import Searcher
from support.stores import FixedKeys

WORDS, LENGTH, PER_DOCUMENT, BATCH = 60_000, 110, 10, 5_000
_SYLLABLES = [
    "ba",
    "ce",
    "di",
    "fo",
    "gu",
    "ka",
    "le",
    "mi",
    "no",
    "pu",
    "ra",
    "se",
    "ti",
    "vo",
    "zu",
]


def vocabulary() -> list[str]:
    draw = random.Random(7)
    found: dict[str, None] = {}
    while len(found) < WORDS:
        found["".join(draw.choices(_SYLLABLES, k=draw.randint(2, 5)))] = None
    return list(found)


class Texts:
    """The same texts and questions in every run."""

    def __init__(self) -> None:
        self._words = vocabulary()
        self._weights = list(accumulate(1 / (rank + 10) for rank in range(WORDS)))
        self._draw = random.Random(8)

    def passage(self) -> str:
        return " ".join(self._draw.choices(self._words, cum_weights=self._weights, k=LENGTH))

    def question(self) -> str:
        common = self._draw.choices(self._words[50:2000], k=3)
        return " ".join([*common, *self._draw.choices(self._words[2000:], k=2)])


def index_at(folder: Path, *, encrypted: bool) -> DuckDbIndex:
    keys = FixedKeys() if encrypted else None
    return DuckDbIndex(Database("edge", folder, load_migrations("quintet.retrieval"), keys=keys))


def fill(index: DuckDbIndex, texts: Texts, count: int) -> None:
    embedder = StaticEmbedder()
    for start in range(0, count, BATCH):
        prepared: list[Prepared] = []
        for at in range(start, min(start + BATCH, count), PER_DOCUMENT):
            passages = tuple(
                Passage(n, n + 1, "line 1", "", texts.passage()) for n in range(PER_DOCUMENT)
            )
            entry = Entry(f"/d/{at}", "x", "/d", 1, 1, 1, embedder=embedder.digest)
            vectors = embedder.embed([passage.text for passage in passages])
            prepared.append(Prepared(entry, passages, vectors))
        index.replace([], prepared)
        print(f"  {start + BATCH} passages", end="\r", flush=True)


def share(times: list[float], part: float) -> float:
    return 1000 * sorted(times)[min(len(times) - 1, int(len(times) * part))]


def told(name: str, wall: list[float], cpu: list[float]) -> str:
    return (
        f"{name}: p50 {share(wall, 0.5):.0f} ms, p95 {share(wall, 0.95):.0f} ms"
        f" (processor: p50 {share(cpu, 0.5):.0f} ms, p95 {share(cpu, 0.95):.0f} ms)"
    )


def timed(act: object, *arguments: object) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    act(*arguments)  # type: ignore[operator]
    return time.perf_counter() - wall, time.process_time() - cpu


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passages", type=int, default=100_000)
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--encrypted", action="store_true")
    parser.add_argument("--cold", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.cold:
        Searcher(index_at(arguments.cold, encrypted=arguments.encrypted), StaticEmbedder()).search(
            "balece dimino pusera"
        )
        return
    folder, texts = Path(tempfile.mkdtemp(prefix="speed-")), Texts()
    index = index_at(folder, encrypted=arguments.encrypted)
    wall, cpu = timed(fill, index, texts, arguments.passages)
    size_mb = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) >> 20
    print(
        f"indexed {arguments.passages} passages: {wall:.0f} s, {cpu:.0f} s of processor;"
        f" {size_mb} MB"
    )
    searcher = Searcher(index, StaticEmbedder())
    wall, cpu = timed(searcher.search, texts.question())
    print(f"first search of a process that is running: {wall * 1000:.0f} ms ({cpu * 1000:.0f} ms)")
    for _ in range(8):
        searcher.search(texts.question())  # what is kept in memory is there after these
    times = [timed(searcher.search, texts.question()) for _ in range(arguments.questions)]
    print(told("warm", [one for one, _ in times], [one for _, one in times]))
    command = [sys.executable, __file__, "--cold", str(folder)]
    command += ["--encrypted"] if arguments.encrypted else []
    colds = [timed(subprocess.check_call, command)[0] for _ in range(5)]
    print(f"cold, a new process: {min(colds) * 1000:.0f} to {max(colds) * 1000:.0f} ms")
    wall, _ = timed(index.replace, ["/d/500"], [])
    print(f"one document forgotten: {wall * 1000:.0f} ms; ", end="")
    wall, _ = timed(index.erase)
    print(f"its bytes erased: {wall:.1f} s")


if __name__ == "__main__":
    main()
