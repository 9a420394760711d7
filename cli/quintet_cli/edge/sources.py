"""`ai edge sources`: what is indexed."""

from quintet.app.documents import Documents
from quintet.platform.policy.plain import plain_text
from quintet.retrieval.names import path_of
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb


@verb(
    does=Does.READS,
    results={
        "edge.sources/1": {
            "sources": [
                {"path": str, "documents": int, "passages": int, "skipped": int, "is_there": bool}
            ],
            "skipped": [{"path": str, "why": str}],
        }
    },
    examples=("ai edge sources", "ai edge sources --verbose", "ai edge sources --json"),
)
def sources(session: Session) -> None:
    """Which documents are indexed, and which could not be.

    With --verbose each file that was left out is named with its reason.
    """
    documents = Documents(session.app)
    found, skipped = documents.sources(), documents.skipped()
    rows = [
        (one.path, one.documents, one.passages, one.skipped, "" if one.is_there else "gone")
        for one in found
    ]
    table = session.table(("source", "documents", "passages", "left out", ""), rows)
    reasons = [{"path": path_of(entry.path), "why": entry.skipped} for entry in skipped]
    human = table if rows else "no documents are indexed yet: ai edge index FOLDER"
    session.show("edge.sources/1", {"sources": found, "skipped": reasons}, human)
    for reason in reasons:
        session.console.detail(plain_text(f"left out: {reason['path']}: {reason['why']}"))
