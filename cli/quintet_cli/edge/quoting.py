"""How quotes and citations are told, to people and to programs."""

from typing import Any

from quintet.engines.edge.ask import Asked
from quintet.platform.policy.plain import plain_text
from quintet.retrieval.answer import Quote
from quintet.retrieval.cite import Citation, Standing
from quintet.retrieval.names import path_of
from quintet.retrieval.search import Hit
from quintet_cli.session import Session

_NEAREST = 3
_CITATION = {
    "path": str,
    "place": str,
    "start": int,
    "end": int,
    "digest": str,
    "bytes": ([int], None),
    "standing": Standing,
}
SHAPE = {
    "action": str,
    "question": str,
    "answered": bool,
    "quotes": [{"text": str, "covers": float, "citation": _CITATION}],
    "best_covered": float,
    "unknown_words": [str],
    "nearest": [{"path": str, "place": str, "head": str, "text": str}],
}


def human(session: Session, asked: Asked) -> str:
    if not asked.answer.quotes:
        return "\n".join(_abstaining(session, asked))
    return "\n\n".join(_shown(session, quote) for quote in asked.answer.quotes)


def _shown(session: Session, quote: Quote) -> str:
    text = " ".join(quote.citation.quote.split())
    where = session.console.style(_where(session, quote.citation), "cyan")
    moved = "" if quote.verdict.standing is Standing.HOLDS else f"  ({quote.verdict.why})"
    return f"{plain_text(text)}\n  {where}{plain_text(moved)}"


def _where(session: Session, citation: Citation) -> str:
    home = session.app.env.get("HOME", "")
    where = citation.where
    return f"~{where[len(home) :]}" if home and where.startswith(home + "/") else where


def _abstaining(session: Session, asked: Asked) -> list[str]:
    lines = ["the indexed documents do not say"]
    if asked.answer.missing:
        lines.append(plain_text(f"  no document has: {', '.join(asked.answer.missing)}"))
    if asked.hits:
        lines.append("  nearest, but no answer:")
    for hit in asked.hits[:_NEAREST]:
        lines.append(plain_text(f"    {_where(session, _place(hit))}  {hit.stored.passage.head}"))
    return lines


def _place(hit: Hit) -> Citation:
    passage, entry = hit.stored.passage, hit.stored.entry
    return Citation(
        entry.path, entry.digest, passage.start, passage.end, passage.place, passage.text
    )


def told(action: str, question: str, asked: Asked) -> dict[str, Any]:
    return {
        "action": action,
        "question": question,
        "answered": bool(asked.answer.quotes),
        "quotes": [_quote(quote) for quote in asked.answer.quotes],
        "best_covered": round(asked.answer.best_covered, 3),
        "unknown_words": list(asked.answer.missing),
        "nearest": [
            {
                "path": path_of(hit.stored.entry.path),
                "place": hit.stored.passage.place,
                "head": hit.stored.passage.head,
                "text": hit.stored.passage.text,
            }
            for hit in asked.hits[:_NEAREST]
        ],
    }


def _quote(quote: Quote) -> dict[str, object]:
    cited = quote.citation
    span = quote.verdict.span_bytes
    return {
        "text": cited.quote,
        "covers": round(quote.covered, 3),
        "citation": {
            "path": path_of(cited.path),
            "place": cited.place,
            "start": cited.start,
            "end": cited.end,
            "digest": cited.digest,
            "bytes": list(span) if span else None,
            "standing": quote.verdict.standing,
        },
    }
