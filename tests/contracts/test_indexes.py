"""What every index keeps to, wherever it lies: a plain store, an encrypted one, PostgreSQL."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Thread

import numpy as np
import pytest

from quintet.models.embed_static import StaticEmbedder
from quintet.platform.store.database import Database
from quintet.platform.store.migrations import load_migrations
from quintet.retrieval.adapters.duckdb_index import DuckDbIndex
from quintet.retrieval.adapters.pg_index import PgIndex
from quintet.retrieval.index import Entry, Index, Passage, Prepared
from quintet.retrieval.search import Scope, Searcher
from support.postgres import postgres, schemas
from support.stores import FixedKeys

EMBEDDER = StaticEmbedder()


@dataclass
class Place:
    """An index, another view of the same one, and every byte that it has on disk."""

    index: Index
    again: Callable[[], Index]
    disk: Callable[[], bytes]


def _bytes_below(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


@pytest.fixture(scope="session")
def served_schemas() -> Iterator[Iterator[str]]:
    with postgres() as address:
        yield schemas(address)


@pytest.fixture(params=["plain", "encrypted", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "postgres":
        address = next(request.getfixturevalue("served_schemas"))
        return Place(PgIndex(address), lambda: PgIndex(address), lambda: _rows_of(address))
    keys = FixedKeys() if request.param == "encrypted" else None

    def index() -> Index:
        migrations = load_migrations("quintet.retrieval")
        return DuckDbIndex(Database("edge", tmp_path, migrations, keys=keys))

    return Place(index(), index, lambda: _bytes_below(tmp_path))


def _rows_of(address: str) -> bytes:
    """Every page of every table, also of rows that were deleted: what a file would show."""
    import psycopg

    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("CHECKPOINT")
        names = connection.execute(
            "SELECT pg_read_binary_file(pg_relation_filepath(c.oid)) FROM pg_class c"
            " WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'i')"
        ).fetchall()
    return b"".join(bytes(row[0]) for row in names)


def document(path: str, *texts: str, head: str = "", at_s: float = 0.0) -> Prepared:
    passages = tuple(
        Passage(n * 100, n * 100 + len(t), "line 1", head, t) for n, t in enumerate(texts)
    )
    entry = Entry(path, f"digest of {path}", "/", 1, 2, 3, "1.1", EMBEDDER.digest, "text", head)
    entry = replace(entry, at_s=at_s, passages=len(texts))
    return Prepared(entry, passages, EMBEDDER.embed([f"{head}\n{text}" for text in texts]))


def texts_of(index: Index, question: str, **options: object) -> list[str]:
    hits = Searcher(index, EMBEDDER).search(question, **options).hits  # type: ignore[arg-type]
    return [hit.stored.passage.text for hit in hits]


def numbers_of(index: Index) -> list[int]:
    with index.reading() as reader:
        return reader.corpus().numbers.tolist()


LEASE = document(
    "/home/lease.md", "The lease ends on 30 June.", "The deposit is 900.", head="Lease"
)
RECIPE = document("/home/food/soup.md", "Boil the carrots.", "Serve the soup hot.", head="Soup")


@pytest.mark.demand("FIND-1")
def test_what_was_taken_in_comes_back_as_it_was(place: Place) -> None:
    place.index.replace([], [LEASE, RECIPE])
    with place.again().reading() as reader:
        assert reader.entries() == [RECIPE.entry, LEASE.entry]
        stored = reader.stored(reader.corpus().numbers.tolist())
        assert [one.passage for one in stored] == [*LEASE.passages, *RECIPE.passages]
        assert stored[0].entry == LEASE.entry
        assert dict(reader.paths().values()) == {"/home/lease.md": 0.0, "/home/food/soup.md": 0.0}


def test_an_index_in_which_nothing_is_finds_nothing(place: Place) -> None:
    assert texts_of(place.index, "lease") == []
    with place.index.reading() as reader:
        assert reader.entries() == [] and not reader.has_rests()


def test_a_term_leads_to_its_passages_with_its_counts_in_text_and_headings(place: Place) -> None:
    place.index.replace([], [document("/a", "soup soup salt", "salt", head="Soup of the day")])
    with place.index.reading() as reader:
        first, second = reader.corpus().numbers.tolist()
        found = reader.postings(["soup", "salt", "pepper"])
        assert set(found) == {"soup", "salt"}
        assert found["soup"].numbers.tolist() == [first, second]
        assert (found["soup"].body.tolist(), found["soup"].head.tolist()) == ([2, 0], [1, 1])
        assert reader.corpus().lengths.tolist() == [5, 3]


def test_a_question_finds_the_passage_that_answers_it_first(place: Place) -> None:
    place.index.replace([], [LEASE, RECIPE])
    assert texts_of(place.index, "when does the lease end")[0] == "The lease ends on 30 June."
    assert texts_of(place.index, "how is soup served")[0] == "Serve the soup hot."


def test_nearness_is_the_cosine_of_each_passage_in_the_order_of_the_corpus(place: Place) -> None:
    place.index.replace([], [RECIPE])
    place.index.replace([], [LEASE])
    asked = EMBEDDER.embed(["rent of a flat"])[0]
    assert RECIPE.vectors is not None and LEASE.vectors is not None
    expected = np.concatenate([RECIPE.vectors, LEASE.vectors]) @ asked
    with place.index.reading() as reader:
        near = reader.nearness(asked, EMBEDDER.digest)
        assert near is not None
        assert np.abs(near - expected).max() < 0.02  # a byte for each direction is not exact
        assert reader.nearness(asked, "another embedder") is None


def test_a_document_that_is_taken_in_again_replaces_itself(place: Place) -> None:
    place.index.replace([], [LEASE, RECIPE])
    place.index.replace([], [document("/home/lease.md", "The lease ends in May.", head="Lease")])
    assert "The lease ends on 30 June." not in texts_of(place.index, "lease june")
    assert texts_of(place.index, "lease")[0] == "The lease ends in May."
    with place.index.reading() as reader:
        assert "june" not in reader.postings(["june"])
        assert len(reader.entries()) == 2


@pytest.mark.demand("FIND-2")
def test_of_what_is_forgotten_no_byte_is_left(place: Place) -> None:
    secret = document("/home/diary.md", "The word is zanzibarquux.", head="plumbusdiary")
    place.index.replace([], [LEASE, secret])
    place.index.replace(["/home/diary.md"], [])
    with place.index.reading() as reader:
        assert reader.has_rests()
        assert [entry.path for entry in reader.entries()] == ["/home/lease.md"]
    place.index.erase()
    on_disk = place.disk()
    assert b"zanzibarquux" not in on_disk and b"plumbusdiary" not in on_disk
    assert b"diary.md" not in on_disk
    with place.index.reading() as reader:
        assert not reader.has_rests()
    assert texts_of(place.index, "when does it end")[0] == "The lease ends on 30 June."


def test_a_searcher_sees_what_changed_after_its_last_search(place: Place) -> None:
    searcher = Searcher(place.index, EMBEDDER)
    place.index.replace([], [LEASE])
    assert len(searcher.search("lease").hits) == 2
    place.again().replace([], [document("/b", "A lease of a car.")])
    assert "A lease of a car." in [hit.stored.passage.text for hit in searcher.search("lease").hits]


def test_many_small_changes_are_merged_and_lose_nothing(place: Place) -> None:
    for number in range(40):
        place.index.replace([], [document(f"/d{number:02}", f"common word{number}", "common")])
    place.index.replace([f"/d{number:02}" for number in range(0, 40, 2)], [])
    with place.index.reading() as reader:
        corpus = reader.corpus()
        common = reader.postings(["common"])["common"]
        assert common.numbers.tolist() == corpus.numbers.tolist()
        assert len(corpus.numbers) == 40
        near = reader.nearness(EMBEDDER.embed(["common"])[0], EMBEDDER.digest)
        assert near is not None and near.shape == (40,) and near.all()
    assert texts_of(place.index, "word7")[0] == "common word7"
    assert "common word8" not in texts_of(place.index, "word8", limit=100)


def test_a_file_that_was_skipped_is_remembered_with_its_reason(place: Place) -> None:
    skipped = Prepared(Entry("/x.pdf", "d", "/", 1, 2, 3, skipped="it needs a password"))
    place.index.replace([], [skipped, LEASE])
    with place.index.reading() as reader:
        assert reader.entries("/x.pdf") == [skipped.entry]


def test_entries_below_a_folder_are_not_those_beside_it(place: Place) -> None:
    paths = ["/a/b", "/a/b/c", "/a/b/c/d", "/a/bc", "/a/b.c", "/a/bé"]
    place.index.replace([], [document(path, "x") for path in paths])
    with place.index.reading() as reader:
        assert [entry.path for entry in reader.entries("/a/b")] == ["/a/b", "/a/b/c", "/a/b/c/d"]


def test_a_scope_leaves_out_other_folders_and_other_times(place: Place) -> None:
    old = document("/old/a.md", "budget of last year", at_s=1000)
    new = document("/new/a.md", "budget of this year", at_s=9000)
    place.index.replace([], [old, new])
    for scope in (Scope(under=("/old",)), Scope(until_s=5000)):
        assert texts_of(place.index, "budget", scope=scope) == ["budget of last year"]
    assert texts_of(place.index, "budget", scope=Scope(since_s=5000)) == ["budget of this year"]


def test_text_of_any_kind_comes_back_exactly(place: Place) -> None:
    odd = "naïve 東京タワー 👩‍🚀 it's %s ? 'quoted' \"x\" \\ \t\r\n end"
    place.index.replace([], [document("/ö dd'?.txt", odd, head="Ünï > çode")])
    assert texts_of(place.index, "東京")[0] == odd
    with place.index.reading() as reader:
        assert reader.entries("/ö dd'?.txt")


def test_a_change_that_fails_changes_nothing(place: Place) -> None:
    place.index.replace([], [LEASE])
    broken = Prepared(replace(RECIPE.entry, size_bytes=1 << 70), RECIPE.passages, RECIPE.vectors)
    with pytest.raises(Exception, match=r"could not|did not|understand"):
        place.index.replace(["/home/lease.md"], [broken])
    with place.index.reading() as reader:
        assert reader.entries() == [LEASE.entry]


def test_two_who_take_documents_in_at_once_both_succeed(place: Place) -> None:
    def take_in(index: Index, name: str) -> None:
        for number in range(6):
            index.replace([], [document(f"/{name}{number}", f"{name} text {number}")])

    place.index.replace([], [LEASE])
    threads = [Thread(target=take_in, args=(place.again(), name)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    numbers = numbers_of(place.index)
    assert len(numbers) == len(set(numbers)) == 14
    assert len(texts_of(place.index, "text", limit=50)) >= 12
