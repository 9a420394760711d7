"""Asking the user's own documents: what was found and quoted is evidence of the action."""

from dataclasses import dataclass

from quintet.platform.record.action import Action
from quintet.platform.record.event import Evidence
from quintet.retrieval.answer import Answer, answer
from quintet.retrieval.cite import Verifier
from quintet.retrieval.names import path_of
from quintet.retrieval.search import Hit, Scope, Searcher

_LOOKED_AT = 20


@dataclass(frozen=True, slots=True)
class Asked:
    """The answer, and the passages that were looked at for it, the best first."""

    answer: Answer
    hits: tuple[Hit, ...]


def ask(
    question: str,
    *,
    scope: Scope,
    limit: int,
    searcher: Searcher,
    verifier: Verifier,
    action: Action,
) -> Asked:
    """Quote what answers the question, or say that nothing does."""
    found = searcher.search(question, limit=max(limit, _LOOKED_AT), scope=scope)
    told = answer(question, found, verifier, limit=limit)
    for quote in told.quotes:
        cited = quote.citation
        where = f"{cited.start}:{cited.end}"
        action.because(
            f"{cited.place} covers {quote.covered:.0%} of the question",
            Evidence("span", path_of(cited.path), where, cited.digest),
        )
    if not told.quotes:
        action.because(f"no passage covers more than {told.best_covered:.0%} of the question")
    return Asked(told, tuple(found.hits))
