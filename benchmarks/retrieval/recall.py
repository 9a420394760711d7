"""Recall of our search beside its own BM25 alone and its own embeddings alone, in one run.

    python benchmarks/retrieval/recall.py FOLDER [cranfield cisi locomo …]

The same passages, index and code three times: only the weights differ. The weights were chosen on
Cranfield and are frozen; CISI and LoCoMo are reported with them as they are.
"""

import argparse
import random
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2] / "lib")]

from quintet.models.embed_static import StaticEmbedder
from quintet.platform.store.database import Database
from quintet.platform.store.migrations import load_migrations
from quintet.retrieval.adapters.duckdb_index import DuckDbIndex
from quintet.retrieval.index import Entry, Passage, Prepared
from quintet.retrieval.rank import Weights
from quintet.retrieval.search import Searcher
from retrieval.sets import SETS, Collection

EMBEDDER = StaticEmbedder()
OURS = Weights()
_ALONE = replace(OURS, neighbour=0, document=0, feedback=0, proximity=0)
WAYS = {
    "BM25 alone": replace(_ALONE, nearness=0),
    "embeddings alone": replace(_ALONE, nearness=1e6),
    "ours": OURS,
}
DEPTHS = (5, 10, 20)
Recalls = dict[str, list[list[float]]]


def index_of(collection: Collection) -> tuple[DuckDbIndex, dict[tuple[str, int], str]]:
    folder = Path(tempfile.mkdtemp(prefix="recall-"))
    index = DuckDbIndex(Database("edge", folder, load_migrations("quintet.retrieval")))
    prepared: list[Prepared] = []
    ids: dict[tuple[str, int], str] = {}
    for name, parts in collection.documents.items():
        passages = tuple(
            Passage(n, n + 1, "", head, text) for n, (_, head, text) in enumerate(parts)
        )
        ids |= {(name, n): id for n, (id, _, _) in enumerate(parts)}
        vectors = EMBEDDER.embed([f"{p.head}\n{p.text}" for p in passages])
        entry = Entry(name, "", "", 1, 1, 1, embedder=EMBEDDER.digest)
        prepared.append(Prepared(entry, passages, vectors))
    index.replace([], prepared)
    return index, ids


def recalls(collections: list[Collection]) -> Recalls:
    found: Recalls = {way: [] for way in WAYS}
    for collection in collections:
        index, ids = index_of(collection)
        for way, weights in WAYS.items():
            searcher = Searcher(index, EMBEDDER, weights=weights)
            for question in collection.questions:
                hits = searcher.search(question.text, limit=max(DEPTHS)).hits
                got = [ids[hit.stored.entry.path, hit.stored.passage.start] for hit in hits]
                relevant = question.relevant
                found[way].append([len(relevant & set(got[:k])) / len(relevant) for k in DEPTHS])
    return found


def margin(ours: list[list[float]], other: list[list[float]]) -> str:
    """The gain at 10 with a 95 % interval: questions are drawn again, 2,000 times."""
    gains = [a[1] - b[1] for a, b in zip(ours, other, strict=True)]
    draw = random.Random(1)
    means = sorted(sum(draw.choices(gains, k=len(gains))) / len(gains) for _ in range(2000))
    return f"{sum(gains) / len(gains):+.3f} [{means[50]:+.3f}, {means[1949]:+.3f}]"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("sets", nargs="*", default=["cranfield", "cisi", "locomo"])
    arguments = parser.parse_args()
    for name in arguments.sets:
        collections = list(SETS[name](arguments.folder))
        started_s = time.process_time()
        found = recalls(collections)
        passages = sum(len(parts) for c in collections for parts in c.documents.values())
        print(f"{name}: {passages} passages, {len(found['ours'])} questions")
        for way, each in found.items():
            means = [sum(one[k] for one in each) / len(each) for k in range(len(DEPTHS))]
            shown = "  ".join(f"R@{k} {mean:.3f}" for k, mean in zip(DEPTHS, means, strict=True))
            gain = "" if way == "ours" else f"   ours is {margin(found['ours'], each)} at 10"
            print(f"  {way:17} {shown}{gain}")
        print(f"  {time.process_time() - started_s:.0f} s of processor time", flush=True)


if __name__ == "__main__":
    main()
