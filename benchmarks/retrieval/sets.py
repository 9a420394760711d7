"""Public sets of documents and questions, read from a folder and named by hash.

cran.all.1400 cran.qry cranqrel   Cranfield: abstracts of aerodynamics, 225 questions
CISI.ALL CISI.QRY CISI.REL        CISI: abstracts of library science, 76 questions with answers
cacm.all query.text qrels.text    CACM: titles and abstracts of computing, 52 questions
locomo10.json                     LoCoMo: ten long conversations, questions by category
"""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

# SHA-256 of the files with which the published figures were made, the first 16 digits.
KNOWN = {
    "cran.all.1400": "73d33d7e445b884b",
    "cran.qry": "99578ceb88941ef8",
    "cranqrel": "92e54b58dac0b980",
    "CISI.ALL": "c751e11dcdce83a5",
    "CISI.QRY": "b72de0e0cb8aa5c9",
    "CISI.REL": "f7396c92586c6195",
    "locomo10.json": "79fa87e90f040813",
}


@dataclass(frozen=True, slots=True)
class Question:
    """A question and the ids of the passages that answer it."""

    text: str
    relevant: frozenset[str]


@dataclass(frozen=True, slots=True)
class Collection:
    """Documents as lists of (id, heading, text), and questions about them."""

    name: str
    documents: dict[str, list[tuple[str, str, str]]]
    questions: list[Question]


def read(folder: Path, name: str) -> bytes:
    """A file of a set; one that is not the file of the published figures is named."""
    data = (folder / name).read_bytes()
    digest = sha256(data).hexdigest()[:16]
    if KNOWN.get(name, digest) != digest:
        print(f"# {name} is another version: sha256 {digest}")
    return data


def _smart(data: bytes) -> dict[int, dict[str, str]]:
    """The format of the SMART system: `.I 1`, then fields that begin with `.T` and the like."""
    found: dict[int, dict[str, str]] = {}
    current: dict[str, str] = {}
    field = ""
    for line in data.decode("utf-8", "replace").splitlines():
        if match := re.match(r"\.I\s+(\d+)", line):
            current = found.setdefault(int(match[1]), defaultdict(str))
            field = ""
        elif match := re.match(r"\.([A-Z])\s*$", line):
            field = match[1]
        elif field:
            current[field] += line + "\n"
    return found


def _pairs(data: bytes, *, least: str = "") -> dict[int, set[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    for line in data.decode("ascii").splitlines():
        question, document, *rest = line.split()
        if rest[:1] != [least]:
            found[int(question)].add(str(int(document)))
    return found


def _collection(
    name: str,
    documents: dict[int, dict[str, str]],
    questions: list[tuple[str, set[str]]],
) -> Collection:
    told = {
        str(id): [(str(id), fields["T"].strip(), fields["W"].removeprefix(fields["T"]))]
        for id, fields in sorted(documents.items())
        if (fields["T"] + fields["W"]).strip()
    }
    asked = [Question(text, frozenset(found)) for text, found in questions if found]
    return Collection(name, told, asked)


def cranfield(folder: Path) -> Iterator[Collection]:
    documents = _smart(read(folder, "cran.all.1400"))
    asked = sorted(_smart(read(folder, "cran.qry")).items())
    # The judgements number the questions in order; 5 says: of no interest.
    relevant = _pairs(read(folder, "cranqrel"), least="5")
    questions = [(q["W"], relevant[number]) for number, (_, q) in enumerate(asked, start=1)]
    yield _collection("cranfield", documents, questions)


def cisi(folder: Path) -> Iterator[Collection]:
    relevant = _pairs(read(folder, "CISI.REL"))
    asked = sorted(_smart(read(folder, "CISI.QRY")).items())
    questions = [(f"{q['T']} {q['W']}", relevant[id]) for id, q in asked]
    yield _collection("cisi", _smart(read(folder, "CISI.ALL")), questions)


def cacm(folder: Path) -> Iterator[Collection]:
    relevant = _pairs(read(folder, "qrels.text"))
    asked = sorted(_smart(read(folder, "query.text")).items())
    questions = [(q["W"], relevant[id]) for id, q in asked]
    yield _collection("cacm", _smart(read(folder, "cacm.all")), questions)


def locomo(folder: Path) -> Iterator[Collection]:
    """One collection for each conversation; a passage is one turn, a document one session."""
    for number, sample in enumerate(json.loads(read(folder, "locomo10.json")), start=1):
        talk = sample["conversation"]
        sessions = sorted(
            (key for key in talk if re.fullmatch(r"session_\d+", key)), key=lambda k: int(k[8:])
        )
        documents = {
            key: [_turn(turn, talk[f"{key}_date_time"]) for turn in talk[key]] for key in sessions
        }
        ids = {id for turns in documents.values() for id, _, _ in turns}
        questions = [
            Question(asked["question"], frozenset(_evidence(asked["evidence"]) & ids))
            for asked in sample["qa"]
            if asked["category"] != 5  # those have no answer
        ]
        yield Collection(f"locomo-{number}", documents, [q for q in questions if q.relevant])


def _turn(turn: dict[str, str], when: str) -> tuple[str, str, str]:
    day = datetime.strptime(when, "%I:%M %p on %d %B, %Y")
    picture = f" [image: {turn['blip_caption']}]" if turn.get("blip_caption") else ""
    return turn["dia_id"], f"{turn['speaker']} {day:%d %B %Y}", turn["text"] + picture


def _evidence(told: list[str]) -> set[str]:
    return {f"D{a}:{b}" for text in told for a, b in re.findall(r"D:?(\d+):(\d+)", text)}


SETS: dict[str, Callable[[Path], Iterator[Collection]]] = {
    "cranfield": cranfield,
    "cisi": cisi,
    "cacm": cacm,
    "locomo": locomo,
}
