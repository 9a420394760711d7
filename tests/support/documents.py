"""Documents for tests, made in memory: small, of every kind, whole and hostile."""

import io
import secrets
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from quintet.models.embed_static import StaticEmbedder
from quintet.platform.clock import Clock, SystemClock
from quintet.platform.progress import SilentProgress
from quintet.platform.record.undo import Undo
from quintet.platform.store.database import Database
from quintet.platform.store.migrations import load_migrations
from quintet.retrieval.adapters.duckdb_index import DuckDbIndex
from quintet.retrieval.adapters.load_process import BoundedLoading
from quintet.retrieval.cite import Verifier
from quintet.retrieval.document import Limits
from quintet.retrieval.effects import DocumentEffects
from quintet.retrieval.index import Entry
from quintet.retrieval.indexing import Survey, carry_out, survey
from quintet.retrieval.intake import Intake
from quintet.retrieval.search import Found, Searcher
from support.histories import record_at

EMBEDDER = StaticEmbedder()
_WORD_NAMES = "http://word.example.org/main"


def docx(*paragraphs: tuple[str, str], head: str = "") -> bytes:
    """A Word document of (style, text); `head` stands before its XML."""
    body = "".join(
        f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>'
        for style, text in paragraphs
    )
    xml = f'{head}<w:document xmlns:w="{_WORD_NAMES}"><w:body>{body}</w:body></w:document>'
    return zipped({"word/document.xml": xml.encode()})


def zipped(parts: dict[str, bytes]) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return whole.getvalue()


def pdf(*pages: str, encrypt: bool = False) -> bytes:
    """A PDF with a line of text on each page."""
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b""]
    kids: list[str] = []
    for page in pages:
        content = f"BT /F1 12 Tf 50 700 Td ({page}) Tj ET".encode()
        number = len(objects) + 1
        kids.append(f"{number} 0 R")
        objects += [
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents {number + 1} 0 R"
            "/Resources<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>".encode(),
            f"<</Length {len(content)}>>stream\n".encode() + content + b"\nendstream",
        ]
    objects[1] = f"<</Type/Pages/Kids[{' '.join(kids)}]/Count {len(kids)}>>".encode()
    out = bytearray(b"%PDF-1.4\n")
    places: list[int] = []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{number} 0 obj".encode() + body + b"endobj\n"
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010} 00000 n \n".encode() for place in places)
    locked = (
        f"/Encrypt<</Filter/Standard/V 1/R 2/O<{'41' * 32}>/U<{'42' * 32}>/P -4>>"
        f"/ID[<{'43' * 16}><{'43' * 16}>]"
        if encrypt
        else ""
    )
    out += f"trailer<</Size {len(objects) + 1}/Root 1 0 R{locked}>>\n".encode()
    return bytes(out + f"startxref\n{start}\n%%EOF".encode())


MAIL = (
    b"From: Ada <ada@example.org>\r\nTo: bob@example.org\r\n"
    b"Subject: =?utf-8?q?Caf=C3=A9?= on Friday\r\n"
    b"Date: Mon, 02 Mar 2026 09:00:00 +0000\r\nMessage-ID: <m1@example.org>\r\n"
    b"Content-Type: text/plain; charset=iso-8859-1\r\n\r\nShall we meet at the caf\xe9 at noon?\r\n"
)
MBOX = (
    b"From ada Mon Mar  2 09:00:00 2026\n"
    + MAIL.replace(b"\r\n", b"\n")
    + b"\nFrom bob Mon Mar  2 10:00:00 2026\nFrom: bob@example.org\nSubject: Re: lunch\n"
    b"Message-ID: <m2@example.org>\n\nNoon is fine.\n>From there we walk.\n"
)
HTML = (
    b"<!doctype html><html><head><title>Bikes &amp; more</title><script>"
    b"var x = 'no'</script></head>"
    b"<body><h1>Bikes</h1>\n<p>The <b>blue</b>\n bike costs 300.</p>\n<h2>Locks</h2><ul>"
    b"<li>U-lock</ul>"
    b"<style>p {}</style></body></html>"
)
MARKDOWN = (
    b"# Lease\n\nThe lease ends in June.\n\n## Money\n\nThe deposit is 900.\n\n```sh\n"
    b"# no heading\n"
    b"ls\n```\n\nSetext\n------\n\nLast words.\n"
)
PYTHON = (
    b'"""Counts things."""\n\nimport os\n\n\nclass Counter:\n    """Counts."""\n'
    b"\n    def add(self):\n"
    b"        return 1\n\n\n@cached\ndef total(things):\n    return len(things)\n"
)
# Sound seeds, by the name of a file that holds them.
SAMPLES: dict[str, bytes] = {
    "note.txt": "Grüße.\n\nZweiter Absatz.\n".encode(),
    "lease.md": MARKDOWN,
    "page.html": HTML,
    "report.pdf": pdf("The lease ends in June.", "The deposit is 900."),
    "letter.docx": docx(("Heading1", "Lease"), ("Normal", "It ends in June.")),
    "mail.eml": MAIL,
    "mails.mbox": MBOX,
    "count.py": PYTHON,
    "main.go": b"package main\n\nfunc main() {\n}\n\nfunc (s *Server) Run() {\n}\n",
}


def write(folder: Path, files: dict[str, bytes | str]) -> Path:
    """Files below a folder, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


@dataclass
class Desk:
    """An index, a record and a person who has documents."""

    home: Path
    limits: Limits = field(default_factory=Limits)
    clock: Clock = field(default_factory=SystemClock)

    def __post_init__(self) -> None:
        self.database = Database("edge", self.home / "store", load_migrations("quintet.retrieval"))
        self.index = DuckDbIndex(self.database)
        self.loading = BoundedLoading(self.limits)
        self.intake = Intake(self.index, self.loading, EMBEDDER, self.clock, self.limits)
        self.record = record_at(self.home / "record", seed=secrets.randbits(32))
        self.record.register(DocumentEffects(lambda group: self.intake))

    def survey(self, *roots: Path) -> Survey:
        return survey(roots, self.intake, SilentProgress())

    def take_in(self, *roots: Path) -> tuple[str, Survey, list[Entry]]:
        """Bring the index up to date; the action, what was seen, and what came of it."""
        found = self.survey(*roots)
        with self.record.action("edge", "index", "index") as action:
            entries = carry_out(
                found, "edge", intake=self.intake, action=action, progress=SilentProgress()
            )
        return action.id, found, entries

    def undo(self, id: str) -> None:
        event = self.record.history().find(id)
        assert event is not None
        undo = Undo(self.record)
        undo.apply(undo.plan([event]))

    def entries(self) -> list[Entry]:
        with self.index.reading() as reader:
            return reader.entries()

    def names(self) -> list[str]:
        return [Path(entry.path).name for entry in self.entries() if not entry.skipped]

    def search(self, question: str) -> Found:
        return Searcher(self.index, EMBEDDER).search(question)

    def texts(self, question: str) -> Sequence[str]:
        return [hit.stored.passage.text for hit in self.search(question).hits]

    def verifier(self) -> Verifier:
        return Verifier(self.intake.load, self.limits.file_bytes)
