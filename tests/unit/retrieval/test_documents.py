"""From files to answers and back: taken in, kept up to date, asked, cited, forgotten."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from quintet.platform.record.undo import UndoConflict
from quintet.retrieval.answer import answer
from quintet.retrieval.cite import Citation, Standing, cite
from quintet.retrieval.document import Limits
from quintet.retrieval.effects import forgetting
from quintet.retrieval.search import Searcher
from support.documents import EMBEDDER, MARKDOWN, SAMPLES, Desk, pdf, write


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "home")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "docs", SAMPLES)


def age(*paths: Path) -> None:
    """Files as they are a while after they were written."""
    for path in paths:
        os.utime(path, (1_700_000_000, 1_700_000_000))


@pytest.mark.demand("FIND-5")
def test_what_has_not_changed_is_not_even_read(desk: Desk, folder: Path) -> None:
    age(*folder.iterdir())
    _, found, entries = desk.take_in(folder)
    assert len(found.new) == len(entries) == len(SAMPLES)
    assert not [entry for entry in entries if entry.skipped]
    for path in folder.iterdir():
        path.chmod(0)  # to open one would fail, unless by root
        stat = path.stat()
        data = bytes(stat.st_size)
        path.chmod(0o600)
        path.write_bytes(data)
        os.utime(path, (1_700_000_000, 1_700_000_000))
    again = desk.survey(folder)
    assert again.is_current and len(again.unchanged) == len(SAMPLES)


@pytest.mark.demand("FIND-5")
def test_new_changed_touched_and_gone_files_are_told_apart(desk: Desk, folder: Path) -> None:
    age(*folder.iterdir())
    desk.take_in(folder)
    (folder / "new.md").write_text("New words.")
    (folder / "lease.md").write_text("# Lease\n\nThe lease ends in May.\n")
    (folder / "note.txt").touch()
    (folder / "mail.eml").unlink()
    _, found, _ = desk.take_in(folder)
    assert [Path(due.path).name for due in found.new] == ["new.md"]
    assert [Path(due.path).name for due in found.changed] == ["lease.md"]
    assert [Path(entry.path).name for entry in found.gone] == ["mail.eml"]
    assert "# Lease\n\nThe lease ends in May." in desk.texts("when does the lease end")
    assert "mail.eml" not in desk.names()


def test_a_change_so_soon_that_the_clock_of_the_file_shows_nothing_is_seen(
    desk: Desk, tmp_path: Path
) -> None:
    folder = write(tmp_path / "docs", {"a.txt": "one word"})
    before = (folder / "a.txt").stat()
    desk.take_in(folder)
    (folder / "a.txt").write_text("two word")
    os.utime(folder / "a.txt", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert [Path(due.path).name for due in desk.survey(folder).changed] == ["a.txt"]


def test_noise_is_passed_over_and_counted(desk: Desk, tmp_path: Path) -> None:
    folder = write(
        tmp_path / "docs",
        {
            "a.md": "A word.",
            ".git/config": "x",
            ".secret": "x",
            "node_modules/p/index.js": "x",
            "env/pyvenv.cfg": "x",
            "env/lib.py": "x",
            "photo.png": b"\x89PNG",
            "nothing.txt": "",
        },
    )
    (folder / "link.md").symlink_to(folder / "a.md")
    os.mkfifo(folder / "pipe")
    found = desk.survey(folder)
    assert [Path(due.path).name for due in found.new] == ["a.md"]
    assert dict(found.left_counts) == {
        "hidden": 2,
        "made by tools": 1,
        "a cache or an environment": 1,
        "no text: .png": 1,
        "it is empty": 1,
        "a link": 1,
        "it is no plain file": 1,
    }


@pytest.mark.demand("FIND-4")
def test_what_cannot_be_read_is_told_once_and_the_rest_goes_on(desk: Desk, tmp_path: Path) -> None:
    folder = write(
        tmp_path / "docs",
        {"a.md": "A word.", "junk.txt": bytes(500), "locked.pdf": pdf("x", encrypt=True)},
    )
    with (folder / "huge.log").open("wb") as stream:
        stream.truncate(2 << 30)
    age(*folder.iterdir())
    _, found, entries = desk.take_in(folder)
    assert ("larger than 64 MB", 1) in found.left_counts
    skipped = {Path(e.path).name: e.skipped for e in entries if e.skipped}
    assert set(skipped) == {"junk.txt", "locked.pdf"} and "password" in skipped["locked.pdf"]
    assert desk.names() == ["a.md"]
    assert desk.survey(folder).is_current


def test_a_file_that_cannot_be_opened_is_passed_over_with_its_reason(desk: Desk) -> None:
    if os.geteuid() == 0:
        found = desk.survey(Path("/proc/self/mem"))
        assert found.left[0].why
        return
    path = write(desk.home, {"a.txt": "x"}) / "a.txt"
    path.chmod(0)
    assert desk.survey(path).left[0].why == "permission denied"


def test_names_of_any_bytes_are_taken_in_and_cited(desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    name = os.fsdecode(b"caf\xe9 \x80 'q' \xf0\x9f\x9a\xb2.txt")
    (folder / name).write_text("A bicycle.")
    desk.take_in(folder)
    (hit,) = desk.search("bicycle").hits
    citation = cite(hit.stored, 0, 10)
    assert citation.where == f"{folder / name}:1"
    assert desk.verifier().verify(citation).standing is Standing.HOLDS
    assert desk.survey(folder).is_current or desk.survey(folder).changed == []


@pytest.mark.demand("FIND-9")
def test_undo_forgets_what_was_taken_in_down_to_the_last_byte(desk: Desk, tmp_path: Path) -> None:
    folder = write(tmp_path / "docs", {"a.md": "The word is zanzibarquux."})
    first, _, _ = desk.take_in(folder)
    assert b"zanzibarquux" in desk.database.file.path.read_bytes()
    desk.undo(first)
    assert desk.entries() == []
    assert b"zanzibarquux" not in desk.database.file.path.read_bytes()


def test_a_changed_file_leaves_no_byte_of_what_it_said(desk: Desk, tmp_path: Path) -> None:
    folder = write(tmp_path / "docs", {"a.md": "The password is zanzibarquux.", "b.md": "Other."})
    desk.take_in(folder)
    (folder / "a.md").write_text("The password is elsewhere.")
    desk.take_in(folder)
    assert b"zanzibarquux" not in desk.database.file.path.read_bytes()


@pytest.mark.demand("FIND-9")
def test_undo_of_forgetting_takes_the_files_in_again_as_long_as_they_are_the_same(
    desk: Desk, tmp_path: Path
) -> None:
    folder = write(tmp_path / "docs", {"a.md": "A word.", "b.md": "Another word."})
    desk.take_in(folder)
    before = [(entry.path, entry.digest) for entry in desk.entries()]
    with desk.record.action("edge", "forget", "forget") as action:
        action.apply_all([forgetting("edge", entry) for entry in desk.entries()])
    assert desk.entries() == []
    desk.undo(action.id)
    assert [(entry.path, entry.digest) for entry in desk.entries()] == before


def test_what_a_later_run_changed_is_not_undone_behind_its_back(desk: Desk, tmp_path: Path) -> None:
    folder = write(tmp_path / "docs", {"a.md": "A word."})
    first, _, _ = desk.take_in(folder)
    (folder / "a.md").write_text("Another word.")
    desk.take_in(folder)
    with pytest.raises(UndoConflict):
        desk.undo(first)


def first_citation(desk: Desk, question: str, quote: str) -> Citation:
    stored = next(h.stored for h in desk.search(question).hits if quote in h.stored.passage.text)
    start = stored.passage.text.index(quote)
    return cite(stored, start, start + len(quote))


@pytest.mark.demand("FIND-7")
def test_a_citation_holds_moves_changes_and_goes(desk: Desk, tmp_path: Path) -> None:
    path = write(tmp_path / "docs", {"lease.md": MARKDOWN}) / "lease.md"
    desk.take_in(path)
    citation = first_citation(desk, "deposit", "The deposit is 900.")
    assert citation.where == f"{path}:7"

    held = desk.verifier().verify(citation)
    assert held.standing is Standing.HOLDS and held.span_bytes is not None
    assert path.read_bytes()[slice(*held.span_bytes)] == b"The deposit is 900."

    path.write_bytes(b"# New first line\n\n" + MARKDOWN)
    moved = desk.verifier().verify(citation)
    assert (moved.standing, moved.citation.where) == (Standing.MOVED, f"{path}:9")
    assert moved.span_bytes is not None
    assert path.read_bytes()[slice(*moved.span_bytes)] == b"The deposit is 900."

    path.write_bytes(MARKDOWN.replace(b"900", b"950"))
    assert desk.verifier().verify(citation).standing is Standing.CHANGED
    path.write_bytes(bytes(100))
    assert desk.verifier().verify(citation).standing is Standing.CHANGED
    path.unlink()
    assert desk.verifier().verify(citation).standing is Standing.GONE


@pytest.mark.demand("FIND-7")
@pytest.mark.parametrize(
    ("name", "question", "quote", "place"),
    [
        ("report.pdf", "deposit", "The deposit is 900.", "(page 2)"),
        ("page.html", "blue bike", "The blue bike costs 300.", ":2"),
        ("letter.docx", "when does it end", "It ends in June.", "(paragraph 2)"),
        ("mails.mbox", "is noon fine", "Noon is fine.", "(message <m2@example.org>)"),
        ("mail.eml", "meet at noon", "Shall we meet at the café at noon?", "(message"),
        ("count.py", "total things", "return len(things)", ":15"),
    ],
)
def test_every_format_is_cited_at_a_place_that_can_be_found_again(
    desk: Desk, folder: Path, name: str, question: str, quote: str, place: str
) -> None:
    desk.take_in(folder / name)
    citation = first_citation(desk, question, quote)
    assert place in citation.where
    assert desk.verifier().verify(citation).standing is Standing.HOLDS


@pytest.mark.demand("FIND-8")
def test_an_answer_is_a_sentence_of_a_file(desk: Desk, folder: Path) -> None:
    desk.take_in(folder / "lease.md")
    question = "how much is the deposit"
    told = answer(question, desk.search(question), desk.verifier())
    assert told.quotes[0].citation.quote == "The deposit is 900."
    assert told.quotes[0].verdict.standing is Standing.HOLDS


@pytest.mark.demand("FIND-8")
@pytest.mark.parametrize(
    "question", ["who won the world cup", "", "the of and", "?!", "x" * 5000, "東京の天気"]
)
def test_where_the_documents_do_not_say_there_is_no_answer(
    desk: Desk, folder: Path, question: str
) -> None:
    desk.take_in(folder)
    assert not answer(question, desk.search(question), desk.verifier()).quotes


def test_a_heading_is_no_answer_but_what_stands_below_it_is(desk: Desk, tmp_path: Path) -> None:
    text = "# The boiler\n\nMade in Ulm.\n\n## Pressure\n\nBetween 1.2 and 1.8 bar.\n"
    desk.take_in(write(tmp_path / "house", {"boiler.md": text}))
    question = "what pressure for the boiler?"
    (first, *_) = answer(question, desk.search(question), desk.verifier()).quotes
    assert first.citation.quote == "Between 1.2 and 1.8 bar."


def test_a_quote_whose_file_does_not_say_it_any_more_is_left_out(desk: Desk, folder: Path) -> None:
    desk.take_in(folder / "lease.md")
    (folder / "lease.md").write_text("Nothing of that.")
    found = desk.search("how much is the deposit")
    assert found.hits
    assert not answer("how much is the deposit", found, desk.verifier()).quotes


def test_identifiers_are_found_whole_and_by_their_parts(desk: Desk, tmp_path: Path) -> None:
    desk.take_in(
        write(tmp_path / "docs", {"a.py": "def parseHttpUrl(max_retries):\n    return 1\n"})
    )
    for question in ("parseHttpUrl", "parse url", "http", "max_retries", "retry", "PARSEHTTPURL"):
        assert desk.texts(question), question


def test_files_are_due_again_when_another_embedder_is_used(desk: Desk, tmp_path: Path) -> None:
    class Other:
        dimensions, digest, embed = EMBEDDER.dimensions, "other", EMBEDDER.embed

    folder = write(tmp_path / "docs", {"a.md": "A word."})
    age(folder / "a.md")
    desk.take_in(folder)
    desk.intake._embedder = Other()  # pyright: ignore[reportPrivateUsage]
    _, found, entries = desk.take_in(folder)
    assert len(found.stale) == 1 and entries[0].embedder == "other"
    assert Searcher(desk.index, EMBEDDER).search("word").hits


def test_a_file_that_outgrew_the_limit_is_forgotten(desk: Desk, tmp_path: Path) -> None:
    folder = write(tmp_path / "docs", {"a.md": "A word."})
    desk.take_in(folder)
    desk.intake.limits = replace(Limits(), file_bytes=3)
    _, found, _ = desk.take_in(folder)
    assert len(found.gone) == 1 and desk.entries() == []
