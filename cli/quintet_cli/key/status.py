"""`ai key status`: what protects the data."""

from quintet.platform.keys.status import KeyStatus, SlotStatus, status_of
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb


@verb(
    does=Does.READS,
    results={"key.status/1": KeyStatus},
    examples=("ai key status", "ai key status --json"),
)
def status(session: Session) -> None:
    """What protects your data: the ways in, the groups that are encrypted, what opens at night."""
    found = status_of(session.app.keys)
    session.offer("SLOT", {slot.id[:6]: slot.kind for slot in found.slots})
    session.show("key.status/1", found, _human(session, found))


def _human(session: Session, found: KeyStatus) -> str:
    if not found.exists:
        return "nothing is encrypted yet; keys are made when an engine first asks for them"
    ways = session.table(
        ("way in", "kind", "opens", "made", "label"), [_row(slot) for slot in found.slots]
    )
    groups = session.table(
        ("group", "key", ""),
        [
            (g.name, g.generation, "rotation cut short" if g.is_rotating else "")
            for g in found.groups
        ],
    )
    parts = [ways, groups, _who_opens(found)]
    if found.advice:
        parts.append("\n".join(f"! {line}" for line in found.advice))
    return "\n\n".join(part for part in parts if part)


def _row(slot: SlotStatus) -> tuple[str, ...]:
    opens = ", ".join(slot.opens) or "everything"
    return slot.id[:6], slot.kind, opens, slot.created_at[:10], slot.place or slot.label


def _who_opens(found: KeyStatus) -> str:
    unlocked = ["unlocked for now: ai key lock ends that"] if found.is_unlocked else []
    if not found.by:
        return "\n".join(
            [*unlocked, "without a person nothing opens: jobs at night stop, status 4"]
        )
    is_all = len(found.unattended) == len(found.groups)
    opened = "everything" if is_all else ", ".join(found.unattended)
    return "\n".join([*unlocked, f"without a person, {found.by} opens {opened}"])
