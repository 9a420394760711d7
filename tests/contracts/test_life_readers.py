"""What every reader of `ai life add` keeps to, whatever its format. A line for each reader."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC
from pathlib import Path

import pytest

from quintet.app.life_readers import READERS, Reader, reader_for, reader_named, reader_of
from quintet.engines.life.found import SourceUnreadable

# A small valid document for each reader, by its first file ending: one item, no more.
DOCUMENTS = {
    ".ics": (
        b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:t\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Talk\r\n"
        b"DTSTART:20260302T090000Z\r\nDTEND:20260302T100000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    ),
}


def _document(reader: Reader) -> bytes:
    assert reader.endings[0] in DOCUMENTS, f"add a document of {reader.endings[0]} to DOCUMENTS"
    return DOCUMENTS[reader.endings[0]]


each_reader = pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.endings[0])


@each_reader
def test_a_document_gives_its_item_with_provenance(reader: Reader) -> None:
    found = reader.read(_document(reader), "given.txt", UTC)
    (item,) = found.items
    assert item.source.name == "given.txt"
    assert item.source.digest
    assert found.lost_count == 0


@each_reader
def test_the_same_document_gives_the_same_ids(reader: Reader) -> None:
    document = _document(reader)
    first, second = (reader.read(document, name, UTC) for name in ("a", "b"))
    assert [item.id for item in first.items] == [item.id for item in second.items]


@each_reader
@pytest.mark.parametrize("data", [b"", b"hello", b"\xff\xfe\x00\x01" * 50, b"BEGIN:NONSENSE\r\n"])
def test_foreign_bytes_are_refused_in_plain_words(reader: Reader, data: bytes) -> None:
    with pytest.raises(SourceUnreadable):
        reader.read(data, "given.txt", UTC)


@each_reader
def test_a_document_cut_anywhere_is_read_or_refused(reader: Reader) -> None:
    document = _document(reader)
    for size in range(len(document)):
        try:
            found = reader.read(document[:size], "cut.txt", UTC)
        except SourceUnreadable:
            continue
        assert len(found.items) <= 1


# What a document may be swollen with: deep, wide, long, folded, and never closed.
SWELLINGS = {
    "a line of a megabyte": b"x" * 1_000_000,
    "separators": b";" * 200_000,
    "commas and colons": b",:=" * 70_000,
    "open brackets": b"[{(<" * 50_000,
    "open quotes": b'"' * 200_000,
    "backslashes": b"\\" * 200_000,
    "NUL bytes": b"\0" * 200_000,
    "empty lines": b"\r\n" * 200_000,
    "folded lines": b"\r\n " * 70_000,
    "digits": b"9" * 200_000,
}
LIMIT_S = 20


def _hostile(reader: Reader, swelling: bytes) -> Iterator[bytes]:
    """The mark and then no document, and a document that is swollen before, in and after a line."""
    yield reader.mark + swelling
    document = _document(reader)
    lines = document.splitlines(keepends=True)
    for at in (len(lines[0]), len(document) // 2, len(document) - len(lines[-1])):
        yield document[:at] + swelling + document[at:]


@contextmanager
def _in_time() -> Iterator[None]:
    def stop(*_: object) -> None:
        raise TimeoutError("a reader bounds its own depth and time")

    previous = signal.signal(signal.SIGALRM, stop)
    signal.alarm(LIMIT_S)
    started = time.monotonic()
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, previous)
    assert time.monotonic() - started < LIMIT_S, "a reader bounds its own depth and time"


@each_reader
@pytest.mark.parametrize("swelling", SWELLINGS)
def test_a_hostile_document_is_read_or_refused_in_time(reader: Reader, swelling: str) -> None:
    for document in _hostile(reader, SWELLINGS[swelling]):
        with _in_time(), suppress(SourceUnreadable):
            reader.read(document, "hostile.txt", UTC)


@each_reader
def test_a_document_in_a_document_without_end_is_read_or_refused_in_time(reader: Reader) -> None:
    first, *_ = _document(reader).splitlines(keepends=True)
    for document in (first * 20_000, _document(reader) * 200, first + _document(reader) * 200):
        with _in_time(), suppress(SourceUnreadable):
            reader.read(document, "deep.txt", UTC)


@each_reader
def test_a_reader_is_found_by_ending_and_by_content(reader: Reader, tmp_path: Path) -> None:
    assert reader.mark.strip(), "the mark is what its text begins with"
    for ending in reader.endings:
        named = tmp_path / f"X{ending.upper()}"
        assert reader_named(named) is reader, "an ending is lower case, with its dot, and its own"
        assert reader_for(named, b"") is reader
    document = _document(reader)
    for data in (document, document.lower(), b"\xef\xbb\xbf\r\n" + document):
        assert reader_of(data) is reader, f"no reader, or another, has the mark of {document[:20]}"
    assert reader_for(tmp_path / "nameless", document) is reader


def test_what_is_nobodys_has_no_reader(tmp_path: Path) -> None:
    assert reader_named(tmp_path / "dentist") is None
    assert reader_of(b"dentist tomorrow 15:00") is None
    with pytest.raises(SourceUnreadable):
        reader_for(tmp_path / "dentist", b"tomorrow 15:00")
