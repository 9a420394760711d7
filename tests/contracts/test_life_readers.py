"""What every reader of `ai life add` keeps to, whatever its format. A line for each reader."""

from datetime import UTC
from pathlib import Path

import pytest

from quintet.app.life_readers import READERS, Reader, reader_for, reader_of
from quintet.engines.life.found import SourceUnreadable

# A small valid document for each reader, by its first file ending: one item, no more.
DOCUMENTS = {
    ".ics": (
        b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:t\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Talk\r\n"
        b"DTSTART:20260302T090000Z\r\nDTEND:20260302T100000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    ),
}

each_reader = pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.endings[0])


@each_reader
def test_a_document_gives_its_item_with_provenance(reader: Reader) -> None:
    found = reader.read(DOCUMENTS[reader.endings[0]], "given.txt", UTC)
    (item,) = found.items
    assert item.source.name == "given.txt"
    assert item.source.digest
    assert found.lost_count == 0


@each_reader
def test_the_same_document_gives_the_same_ids(reader: Reader) -> None:
    document = DOCUMENTS[reader.endings[0]]
    first, second = (reader.read(document, name, UTC) for name in ("a", "b"))
    assert [item.id for item in first.items] == [item.id for item in second.items]


@each_reader
@pytest.mark.parametrize("data", [b"", b"hello", b"\xff\xfe\x00\x01" * 50, b"BEGIN:NONSENSE\r\n"])
def test_foreign_bytes_are_refused_in_plain_words(reader: Reader, data: bytes) -> None:
    with pytest.raises(SourceUnreadable):
        reader.read(data, "given.txt", UTC)


@each_reader
def test_a_document_cut_anywhere_is_read_or_refused(reader: Reader) -> None:
    document = DOCUMENTS[reader.endings[0]]
    for size in range(len(document)):
        try:
            found = reader.read(document[:size], "cut.txt", UTC)
        except SourceUnreadable:
            continue
        assert len(found.items) <= 1


@each_reader
def test_a_reader_is_found_by_ending_and_by_content(reader: Reader, tmp_path: Path) -> None:
    for ending in reader.endings:
        assert reader_for(tmp_path / f"X{ending.upper()}") is reader
    assert reader_of(DOCUMENTS[reader.endings[0]]) is reader


def test_words_that_name_no_file_have_no_reader(tmp_path: Path) -> None:
    assert reader_for(tmp_path / "dentist") is None
    assert reader_of(b"dentist tomorrow 15:00") is None
