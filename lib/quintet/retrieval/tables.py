"""An index as tables, the same in every SQL database: what the adapters share.

Postings lie in segments, one for each change, which are merged as they become many: a search reads
a few rows, and to forget a document is to write its own terms anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from quintet.retrieval.index import Corpus, Entry, Passage, Prepared, Stored
from quintet.retrieval.postings import Posting, joined, postings_of, unpacked
from quintet.retrieval.words import terms

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Row = dict[str, Any]
_Part = TypeVar("_Part")
_AT_ONCE = 500
_ENTRY = (
    "path, digest, source, size_bytes, modified_ns, indexed_ns, method, embedder, loader, title,"
    " at_s, passages, skipped"
)
_MERGE_AT = 8
_TIER = 8


class Sql(Protocol):
    """A transaction; values are bound where a statement has a `?`."""

    def execute(self, sql: str, params: Sequence[Any] = ()) -> None: ...

    def rows(self, sql: str, params: Sequence[Any] = ()) -> list[Row]: ...


def revision(sql: Sql) -> int:
    return int(sql.rows("SELECT revision FROM index_state")[0]["revision"])


def entries(sql: Sql, under: str = "") -> list[Entry]:
    where, params = "", list[Any]()
    if under:
        below = under.rstrip("/") + "/"
        where = "WHERE path = ? OR (path >= ? AND path < ?)"
        params = [under, below, below[:-1] + "0"]
    rows = sql.rows(f"SELECT {_ENTRY} FROM documents {where}", params)
    return sorted((Entry(**row) for row in rows), key=lambda entry: entry.path)


def corpus(sql: Sql) -> Corpus:
    import numpy as np

    rows = sql.rows("SELECT numbers, documents, lengths FROM segments")
    numbers, documents, lengths = (
        np.frombuffer(b"".join(bytes(row[column]) for row in rows), np.int32)
        for column in ("numbers", "documents", "lengths")
    )
    order = np.argsort(numbers, kind="stable")
    return Corpus(numbers[order], documents[order], lengths[order])


def postings(sql: Sql, wanted: Sequence[str]) -> Mapping[str, Posting]:
    parts: dict[str, list[Posting]] = {}
    for some in _portions(sorted(set(wanted))):
        found = sql.rows(
            f"SELECT term, numbers, body, head FROM postings WHERE term IN ({_marks(some)})", some
        )
        for row in found:
            parts.setdefault(row["term"], []).append(_posting(row))
    return {term: joined(found) for term, found in parts.items()}


def all_postings(sql: Sql) -> Mapping[str, Posting]:
    parts: dict[str, list[Posting]] = {}
    for row in sql.rows("SELECT term, numbers, body, head FROM postings"):
        parts.setdefault(row["term"], []).append(_posting(row))
    return {term: joined(found) for term, found in parts.items()}


def stored(sql: Sql, numbers: Sequence[int]) -> list[Stored]:
    rows = _by_number(
        sql, "number, document, start_at, end_at, place, head, content", "passages", numbers
    )
    owners = {row["document"] for row in rows}
    # Not joined: for a few rows that would be to read all documents.
    entries = {
        row.pop("number"): Entry(**row)
        for row in _by_number(sql, f"number, {_ENTRY}", "documents", sorted(owners))
    }
    found = [Stored(row["number"], _passage(row), entries[row["document"]]) for row in rows]
    return sorted(found, key=lambda one: one.number)


def texts(sql: Sql, numbers: Sequence[int]) -> dict[int, str]:
    rows = _by_number(sql, "number, head, content", "passages", numbers)
    return {row["number"]: f"{row['head']}\n{row['content']}" for row in rows}


def _by_number(sql: Sql, columns: str, table: str, numbers: Sequence[int]) -> list[Row]:
    found: list[Row] = []
    for some in _portions([int(number) for number in numbers]):
        found += sql.rows(f"SELECT {columns} FROM {table} WHERE number IN ({_marks(some)})", some)
    return found


def paths(sql: Sql) -> dict[int, tuple[str, float]]:
    rows = sql.rows("SELECT number, path, at_s FROM documents WHERE passages > 0")
    return {row["number"]: (row["path"], row["at_s"]) for row in rows}


def has_rests(sql: Sql) -> bool:
    return bool(sql.rows("SELECT has_rests FROM index_state")[0]["has_rests"])


def mark_clean(sql: Sql) -> None:
    sql.execute("UPDATE index_state SET has_rests = FALSE")


def forget(sql: Sql, gone: Sequence[str]) -> None:
    """Remove these paths, their passages, and their words from every posting."""
    documents: list[int] = []
    for some in _portions(sorted(gone)):
        found = sql.rows(f"SELECT number FROM documents WHERE path IN ({_marks(some)})", some)
        documents += [row["number"] for row in found]
    for some in _portions(documents):
        _forget_passages(sql, some)
        sql.execute(f"DELETE FROM documents WHERE number IN ({_marks(some)})", some)
    if documents:
        sql.execute("UPDATE index_state SET has_rests = TRUE")


def _forget_passages(sql: Sql, documents: Sequence[int]) -> None:
    rows = sql.rows(
        "SELECT number, segment, head, content FROM passages"
        f" WHERE document IN ({_marks(documents)})",
        documents,
    )
    rows.sort(key=lambda row: row["segment"])
    for segment, own in groupby(rows, key=lambda row: row["segment"]):
        gone = list(own)
        words = {
            term for row in gone for field in ("head", "content") for term in terms(row[field])
        }
        _shrink(sql, segment, [row["number"] for row in gone], sorted(words))
    sql.execute(f"DELETE FROM passages WHERE document IN ({_marks(documents)})", documents)


def _shrink(sql: Sql, segment: int, numbers: Sequence[int], words: Sequence[str]) -> None:
    """Take passages out of a segment."""
    import numpy as np

    gone = np.array(numbers, np.int32)
    for some in _portions(words):
        where = f"segment = ? AND term IN ({_marks(some)})"
        rows = sql.rows(
            f"SELECT term, numbers, body, head FROM postings WHERE {where}", [segment, *some]
        )
        left = {row["term"]: _posting(row).without(gone) for row in rows}
        sql.execute(f"DELETE FROM postings WHERE {where}", [segment, *some])
        _insert_postings(
            sql, segment, {term: one for term, one in left.items() if len(one.numbers)}
        )
    _shrink_row(sql, segment, gone)


def _shrink_row(sql: Sql, segment: int, gone: NDArray[np.int32]) -> None:
    import numpy as np

    (row,) = sql.rows(
        "SELECT numbers, documents, lengths, vectors FROM segments WHERE number = ?", [segment]
    )
    kept = ~np.isin(np.frombuffer(row["numbers"], np.int32), gone)
    if not kept.any():
        sql.execute("DELETE FROM segments WHERE number = ?", [segment])
        return
    arrays = [
        np.frombuffer(row[name], np.int32)[kept].tobytes()
        for name in ("numbers", "documents", "lengths")
    ]
    vectors = bytes(row["vectors"])
    if vectors:
        vectors = np.frombuffer(vectors, np.uint8).reshape(len(kept), -1)[kept].tobytes()
    sql.execute(
        "UPDATE segments SET numbers = ?, documents = ?, lengths = ?, vectors = ?, passages = ?"
        " WHERE number = ?",
        [*arrays, vectors, int(kept.sum()), segment],
    )


def take_in(sql: Sql, prepared: Sequence[Prepared], pack: Pack) -> list[int]:
    """Add files as one segment; the numbers that their passages got."""
    (state,) = sql.rows("SELECT document, passage, segment FROM index_state")
    document, passage, segment = (int(state[k]) for k in ("document", "passage", "segment"))
    first = passage
    batch = _Batch()
    for one in prepared:
        batch.add(one, document, passage, segment)
        document += 1
        passage += len(one.passages)
    _insert(sql, "documents", batch.documents)
    if batch.passages:
        _insert(sql, "passages", batch.passages)
        _insert_postings(sql, segment, postings_of(batch.words))
        _insert(sql, "segments", [batch.segment(segment, _embedder(prepared), pack(prepared))])
    sql.execute(
        "UPDATE index_state SET document = ?, passage = ?, segment = ?",
        [document, passage, segment + 1],
    )
    merge(sql)
    return list(range(first, passage))


def _embedder(prepared: Sequence[Prepared]) -> str:
    """By what all of these were embedded; nothing if not all were by the same."""
    methods = {one.entry.embedder for one in prepared if one.passages}
    return methods.pop() if len(methods) == 1 else ""


def touch(sql: Sql) -> None:
    """Let every reader see that something changed."""
    sql.execute("UPDATE index_state SET revision = revision + 1")


class Pack(Protocol):
    """Puts the vectors of files into one value, of equal length for each passage; or none."""

    def __call__(self, prepared: Sequence[Prepared], /) -> bytes: ...


class _Batch:
    """The rows of several files."""

    def __init__(self) -> None:
        self.documents: list[Row] = []
        self.passages: list[Row] = []
        self.words: list[tuple[int, list[str], list[str]]] = []

    def add(self, one: Prepared, document: int, first: int, segment: int) -> None:
        entry = one.entry
        self.documents.append(
            {"number": document}
            | {name: getattr(entry, name) for name in Entry.__dataclass_fields__}
            | {"passages": len(one.passages)}
        )
        for number, passage in enumerate(one.passages, first):
            row = {
                "number": number,
                "document": document,
                "segment": segment,
                "start_at": passage.start,
                "end_at": passage.end,
                "place": passage.place,
                "head": passage.head,
                "content": passage.text,
            }
            self.passages.append(row)
            self.words.append((number, terms(passage.text), terms(passage.head)))

    def segment(self, number: int, embedder: str, vectors: bytes) -> Row:
        import numpy as np

        return {
            "number": number,
            "embedder": embedder,
            "passages": len(self.passages),
            "numbers": np.array([row["number"] for row in self.passages], np.int32).tobytes(),
            "documents": np.array([row["document"] for row in self.passages], np.int32).tobytes(),
            "lengths": np.array([len(b) + len(h) for _, b, h in self.words], np.int32).tobytes(),
            "vectors": vectors,
        }


def merge(sql: Sql) -> None:
    """Make one out of several segments of about the same size, as soon as there are many."""
    tiers: dict[tuple[str, int], list[int]] = {}
    for row in sql.rows("SELECT number, embedder, passages FROM segments ORDER BY number"):
        tiers.setdefault((row["embedder"], _tier(row["passages"])), []).append(row["number"])
    for (embedder, _), numbers in tiers.items():
        if len(numbers) >= _MERGE_AT:
            _merge(sql, numbers, embedder)


def _tier(passages: int) -> int:
    tier = 0
    while passages >= _TIER * 32:
        passages //= _TIER
        tier += 1
    return tier


def _merge(sql: Sql, segments: Sequence[int], embedder: str) -> None:
    target, marks = min(segments), _marks(segments)
    rows = sql.rows(
        f"SELECT term, numbers, body, head FROM postings WHERE segment IN ({marks})", segments
    )
    rows.sort(key=lambda row: row["term"])
    merged = {
        term: joined([_posting(row) for row in own])
        for term, own in groupby(rows, key=lambda row: row["term"])
    }
    parts = sql.rows(
        "SELECT numbers, documents, lengths, vectors, passages FROM segments"
        f" WHERE number IN ({marks}) ORDER BY number",
        segments,
    )
    names = ("numbers", "documents", "lengths", "vectors")
    row = {name: b"".join(bytes(part[name]) for part in parts) for name in names}
    sql.execute(f"DELETE FROM postings WHERE segment IN ({marks})", segments)
    sql.execute(f"DELETE FROM segments WHERE number IN ({marks})", segments)
    sql.execute(f"UPDATE passages SET segment = ? WHERE segment IN ({marks})", [target, *segments])
    _insert_postings(sql, target, merged)
    count = sum(part["passages"] for part in parts)
    head = {"number": target, "embedder": embedder, "passages": count}
    _insert(sql, "segments", [head | row])


def _insert_postings(sql: Sql, segment: int, found: Mapping[str, Posting]) -> None:
    rows: list[Row] = []
    for term, posting in found.items():
        numbers, body, head = posting.packed()
        rows.append(
            {"segment": segment, "term": term, "numbers": numbers, "body": body, "head": head}
        )
    _insert(sql, "postings", rows)


def _insert(sql: Sql, table: str, rows: Sequence[Row]) -> None:
    for some in _portions(rows):
        columns = list(some[0])
        marks = ", ".join([f"({_marks(columns)})"] * len(some))
        values = [row[column] for row in some for column in columns]
        sql.execute(f"INSERT INTO {table} ({', '.join(columns)}) VALUES {marks}", values)


def _posting(row: Row) -> Posting:
    return unpacked(bytes(row["numbers"]), bytes(row["body"]), bytes(row["head"]))


def _passage(row: Row) -> Passage:
    return Passage(row["start_at"], row["end_at"], row["place"], row["head"], row["content"])


def _marks(values: Iterable[object]) -> str:
    return ", ".join("?" for _ in values)


def _portions(values: Sequence[_Part]) -> Iterator[Sequence[_Part]]:
    for start in range(0, len(values), _AT_ONCE):
        yield values[start : start + _AT_ONCE]
