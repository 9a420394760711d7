"""Answers to questions of two collections asked of one: how many stand, how many are turned away.

    python benchmarks/retrieval/answers.py FOLDER

Cranfield's abstracts are written as files, taken in as a user's files are, and asked their own 225
questions and the 76 of CISI, which is about libraries. Every quote is looked up in its file, byte
by byte, by code that is not the product's.
"""

import sys
import tempfile
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1])]
sys.path[:0] = [str(Path(__file__).parents[2] / name) for name in ("lib", "tests")]

from quintet.retrieval.answer import answer
from quintet.retrieval.search import Searcher
from retrieval.sets import SETS
from support.documents import EMBEDDER, Desk, write


def main() -> None:
    (cranfield,) = SETS["cranfield"](Path(sys.argv[1]))
    (cisi,) = SETS["cisi"](Path(sys.argv[1]))
    home = Path(tempfile.mkdtemp(prefix="answers-"))
    files = {
        f"{name}.md": f"# {parts[0][1]}\n\n{parts[0][2]}"
        for name, parts in cranfield.documents.items()
    }
    desk = Desk(home / "home")
    desk.take_in(write(home / "documents", files))
    searcher, verifier = Searcher(desk.index, EMBEDDER), desk.verifier()
    for collection in (cranfield, cisi):
        answered = quotes = broken = 0
        for question in collection.questions:
            told = answer(question.text, searcher.search(question.text, limit=20), verifier)
            answered += bool(told.quotes)
            for quote in told.quotes:
                quotes += 1
                data = Path(quote.citation.path).read_bytes()
                span = quote.verdict.span_bytes
                broken += not span or data[slice(*span)].decode() != quote.citation.quote
        total = len(collection.questions)
        print(
            f"{collection.name}: {answered} of {total} answered, {quotes} quotes, {broken} broken"
        )


if __name__ == "__main__":
    main()
