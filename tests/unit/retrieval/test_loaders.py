"""What each loader makes of a sound document, and what it says of one that it leaves out."""

import codecs
import io
import zipfile

import pytest

from quintet.retrieval.adapters.load_process import BoundedLoading
from quintet.retrieval.chunk import spans
from quintet.retrieval.document import Document, Limits, Unreadable
from quintet.retrieval.loaders.choice import LOADERS, loader_for
from support.documents import HTML, MAIL, MARKDOWN, MBOX, PYTHON, docx, pdf, zipped

LOADING = BoundedLoading(Limits(time_s=10))


def load(name: str, data: bytes, limits: Limits | None = None) -> Document:
    loader = loader_for(name, data[:512])
    assert loader is not None
    return (BoundedLoading(limits) if limits else LOADING).load(loader, data)


def why(name: str, data: bytes, limits: Limits | None = None) -> str:
    with pytest.raises(Unreadable) as caught:
        load(name, data, limits)
    return f"{caught.value.what}: {caught.value.why}"


def heads(document: Document) -> dict[str, tuple[str, ...]]:
    return {document.text[s.start : s.end].split("\n")[0]: s.head for s in spans(document)}


def test_markdown_knows_the_headings_above_each_part_and_leaves_code_alone() -> None:
    document = load("a.md", MARKDOWN)
    assert document.title == "Lease"
    assert heads(document) == {
        "# Lease": ("Lease",),
        "## Money": ("Lease", "Money"),
        "Setext": ("Lease", "Setext"),
    }
    assert "# no heading" in document.text[document.text.index("```") :]


def test_html_is_read_as_a_person_reads_it_with_the_line_of_its_source() -> None:
    document = load("a.html", HTML)
    assert document.title == "Bikes & more"
    assert document.text.split("\n\n")[:-1] == [
        "Bikes",
        "The blue bike costs 300.",
        "Locks",
        "U-lock",
    ]
    assert document.place_of(document.text.index("blue")) == "line 2"
    assert document.blocks[-1].head == ("Bikes", "Locks")


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        (b"<meta charset=iso-8859-1><p>caf\xe9", "café"),
        (codecs.BOM_UTF16_LE + "<p>café".encode("utf-16-le"), "café"),
        ("<meta charset=nonsense><p>café".encode(), "café"),
        (b"<head><title>x<body>text that nobody closed", "text that nobody closed"),
        (b"<p>a<p>b" * 3, "a"),
    ],
)
def test_html_of_any_encoding_and_carelessness_is_read(page: bytes, expected: str) -> None:
    assert expected in load("a.html", page).text


def test_a_pdf_is_cited_by_its_pages() -> None:
    document = load("a.pdf", pdf("First words.", "Second words."))
    assert document.place_of(document.text.index("Second")) == "page 2"
    assert [document.text[s.start : s.end] for s in spans(document)] == [
        "First words.",
        "Second words.",
    ]


def test_a_word_document_has_headings_and_paragraphs() -> None:
    document = load("a.docx", docx(("Heading1", "Lease"), ("", "Ends in June."), ("", " ")))
    assert document.text == "Lease\n\nEnds in June.\n\n"
    assert document.blocks[-1].head == ("Lease",)
    assert document.place_of(10) == "paragraph 2"


def test_a_mail_tells_who_wrote_to_whom_and_when() -> None:
    document = load("a.eml", MAIL)
    assert document.title == "Café on Friday"
    assert "Shall we meet at the café at noon?" in document.text
    assert "From: Ada <ada@example.org>" in document.text
    assert document.place_of(0) == "message <m1@example.org>"
    assert document.written_s == 1772442000


def test_a_folder_of_mail_is_cited_by_its_messages() -> None:
    document = load("a.mbox", MBOX)
    at = document.text.index("Noon is fine")
    assert document.place_of(at) == "message <m2@example.org>"
    assert "\nFrom there we walk." in document.text


def test_python_is_cut_at_functions_and_methods_with_their_decorators() -> None:
    document = load("a.py", PYTHON)
    assert document.title == "Counts things."
    by_head = {block.head: document.text[block.start : block.end] for block in document.blocks}
    assert by_head[("Counter", "add")].startswith("    def add(self)")
    assert by_head[("total",)].startswith("@cached\ndef total")


def test_code_that_is_no_python_after_all_is_still_code() -> None:
    document = load("a.py", b"print 'old'\n\ndef f(:\n  pass\n")
    assert document.blocks[-1].head == ("f",)


def test_other_code_is_cut_where_its_top_level_begins() -> None:
    document = load("a.go", b"package main\n\nfunc main() {\n}\n\nfunc (s *Server) Run() {\n}\n")
    assert [block.head for block in document.blocks] == [("main",), ("main",), ("Run",)]


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        ("Grüße".encode(), "utf-8"),
        (codecs.BOM_UTF8 + "Grüße".encode(), "utf-8"),
        ("Grüße".encode("latin-1"), "latin-1"),
        (codecs.BOM_UTF16_BE + "Grüße".encode("utf-16-be"), "utf-16-be"),
        ("A longer text, without any mark".encode("utf-16-le"), "utf-16-le"),
    ],
)
def test_the_encoding_of_a_text_is_found(data: bytes, encoding: str) -> None:
    document = load("a.txt", data)
    assert document.encoding == encoding
    assert document.text.encode(encoding) == data


@pytest.mark.parametrize(
    ("name", "loader"),
    [("report", "pdf"), ("x.txt", "pdf"), ("X.PDF", "pdf")],
)
def test_a_pdf_is_known_by_how_it_begins(name: str, loader: str) -> None:
    found = loader_for(name, b"%PDF-1.7\n")
    assert found is LOADERS[loader]


def test_a_picture_has_no_loader() -> None:
    assert loader_for("photo.JPG", b"\xff\xd8") is None


BOMB = zipped({"word/document.xml": b"<a>" + b" " * (40 << 20) + b"</a>"})
LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>'
)


def _encrypted_zip() -> bytes:
    data = bytearray(zipped({"word/document.xml": b"<a/>"}))
    # The bit that says so, in the entry and in the directory.
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


@pytest.mark.demand("FIND-4")
@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("bomb.docx", BOMB, "zip bomb"),
        ("laughs.docx", docx(("", "&c;"), head=LAUGHS), "declares a document type"),
        ("deep.docx", zipped({"word/document.xml": b"<a>" * 5000}), "nested too deeply"),
        ("broken.docx", zipped({"word/document.xml": b"<a><b></a>"}), "XML is broken"),
        ("other.docx", zipped({"x": b""}), "has no word/document.xml"),
        ("nozip.docx", b"hello", "zip is broken"),
        ("locked.docx", _encrypted_zip(), "locked"),
        ("locked.pdf", pdf("secret", encrypt=True), "password"),
        ("broken.pdf", b"%PDF-1.7 and then nothing", "damaged"),
        ("empty.pdf", pdf(""), "text recognition is not done"),
        ("deep.html", b"<div>" * 20_000, "nested too deeply"),
        ("binary.txt", b"\x7fELF\x00\x01\x02" + bytes(100), "zero bytes"),
        ("controls.txt", bytes(range(1, 9)) * 20, "control characters"),
        ("nomail.eml", b"hello there\n", "does not begin with a header"),
        ("nomail.mbox", b"hello there\n", "does not begin with `From `"),
    ],
)
def test_a_hostile_or_broken_document_is_left_out_with_its_reason(
    name: str, data: bytes, reason: str
) -> None:
    assert reason in why(name, data)


def test_endless_nesting_in_mail_and_code_ends_in_a_document_or_a_reason() -> None:
    parts = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (n, n) for n in range(3000)
    )
    for name, data in (("deep.eml", b"From: a@b.c\n" + parts), ("deep.py", b"(" * 100_000)):
        try:
            load(name, data)
        except Unreadable as error:
            assert error.why


def test_limits_on_size_pages_and_text_are_told() -> None:
    assert "bytes" in why("a.txt", b"x" * 2000, Limits(file_bytes=1000))
    assert "characters" in why("a.txt", b"x" * 2000, Limits(text_chars=1000))
    assert "characters" in why("a.html", b"<p>" + b"x" * 2000, Limits(text_chars=1000))
    assert "2 pages; up to 1" in why("a.pdf", pdf("one", "two"), Limits(pages=1))
    assert "unpacks to more than" in why("b.docx", BOMB, Limits(unpacked_bytes=1 << 20))


def test_what_takes_too_long_is_ended_and_the_next_file_is_read() -> None:
    loading = BoundedLoading(Limits(time_s=1))
    # Many small elements keep the parser at work for seconds.
    slow = b"<p>" + b"<b>x</b>" * 3_000_000
    with pytest.raises(Unreadable) as caught:
        loading.load(LOADERS["html"], slow)
    assert "1 s" in caught.value.why or "too long" in caught.value.why or "time" in caught.value.why
    assert loading.load(LOADERS["html"], b"<p>next").text == "next\n\n"


def test_what_takes_too_much_memory_is_ended_and_the_next_file_is_read() -> None:
    loading = BoundedLoading(Limits(memory_bytes=100 << 20, unpacked_bytes=1 << 30))
    with zipfile.ZipFile(whole := io.BytesIO(), "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("word/document.xml", b"<a>" + b"x" * (60 << 20) + b"</a>")
    with pytest.raises(Unreadable) as caught:
        loading.load(LOADERS["docx"], whole.getvalue())
    assert caught.value.why
    assert loading.load(LOADERS["html"], b"<p>next").text == "next\n\n"
