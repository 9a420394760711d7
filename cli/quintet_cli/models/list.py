"""`ai models list`: the models that are known here."""

from quintet.app.models import Known, Listed, known_models
from quintet.platform.policy.plain import plain_text
from quintet_cli.models.telling import cost, kind_of, size
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb


@verb(
    does=Does.READS,
    results={"models.list/1": Known},
    examples=("ai models list", "ai models list --json"),
)
def list(session: Session) -> None:
    """The models that are known here: what kind each is, how large, its licence and its price.

    The one that is used where none is named is marked.
    """
    listed = known_models(session.app.models)
    rows = [_row(one) for one in listed.chat]
    session.offer("MODEL", {one.entry.name: kind_of(one.entry) for one in listed.chat})
    human = session.table(("", "model", "kind", "size", "context", "licence", "price"), rows)
    embedder = listed.embedder
    told = plain_text(
        f"embedder: {embedder.name}, {embedder.problem or f'{embedder.dimensions} dimensions'}"
    )
    session.show("models.list/1", listed, f"{human}\n\n{told}" if rows else told)
    if not rows:
        session.console.note("no model yet: ai models add FILE.gguf   (what fits: ai edge fit)")


def _row(one: Listed) -> tuple[str, ...]:
    entry = one.entry
    return (
        "*" if one.is_default else "",
        entry.name,
        kind_of(entry),
        size(entry),
        f"{entry.context_length:,}" if entry.context_length else "",
        entry.licence,
        _use(one),
    )


def _use(one: Listed) -> str:
    if one.problem:
        return f"cannot be used: ai models rm {one.entry.name}"
    return cost(one.price) if one.is_there else "its file is gone"
